"""A source file, its pages, and the places in it that say something."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mapper.documents.accents import unaccented
from mapper.documents.querysets import CitationQuerySet, DocumentQuerySet, PageQuerySet
from mapper.places.models import City
from mapper.sightings.models import PARTIAL_DATE, Claim, Event, partial_date_field


class DocumentType(models.TextChoices):
    """What kind of paper."""

    COUNCIL_VOTE = "council_vote", _("council vote")
    CONTRACT = "contract", _("contract")
    ORDER = "order", _("prefect's order")
    RULING = "ruling", _("court ruling")
    ANSWER = "answer", _("answer to a request")
    REPORT = "report", _("report")
    OTHER = "other", _("other document")


class Document(models.Model):
    """One source file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=240, unique=True)
    title = models.CharField(_("title"), max_length=300)
    type = models.CharField(
        _("type"), max_length=16, choices=DocumentType, default=DocumentType.OTHER
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=[("fr", _("French")), ("en", _("English"))],
        default="fr",
    )
    dated_on = partial_date_field(_("date"))
    cities = models.ManyToManyField(
        City, blank=True, related_name="documents", verbose_name=_("cities")
    )
    source_url = models.URLField(_("where it is from (web)"), max_length=1000, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    # The clean copy (`documents.pdf`): name under MEDIA_ROOT/documents, random.
    file_name = models.CharField(max_length=64)
    # Of the file as it came, so that it can be held against its source; it is not kept.
    sha256 = models.CharField(
        _("fingerprint of the original (SHA-256)"), max_length=64, unique=True
    )
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    page_count = models.PositiveIntegerField(_("pages"))
    is_public = models.BooleanField(_("public"), default=False)
    # Public id of the withdrawal that took it off the site, with its claims.
    withdrawal = models.UUIDField(null=True, blank=True)
    # Words shown with it; once withdrawn, the reason.
    notice = models.TextField(_("notice, shown to readers"), blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(dated_on__regex=PARTIAL_DATE), name="document_date_is_partial"
            ),
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(withdrawal__isnull=True),
                name="document_withdrawn_is_not_public",
            ),
            models.CheckConstraint(
                condition=Q(type__in=DocumentType.values), name="document_type_is_known"
            ),
        ]
        ordering = ["-dated_on", "title"]

    def __str__(self) -> str:
        return self.title


class Page(models.Model):
    """The text of one page, searchable in French and in English."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    # More text than the search can hold; the file has it all.
    is_cut = models.BooleanField(default=False)
    # French is searched with its accents and without them, as people type it.
    search_fr = models.GeneratedField(
        expression=SearchVector("text", config="french")
        + SearchVector(unaccented("text"), config="french"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search_en = models.GeneratedField(
        expression=SearchVector("text", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="page_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="page_counts_from_one"),
        ]
        indexes = [
            # Usage: /documents/?q=
            GinIndex(fields=["search_fr"], name="page_search_fr"),
            GinIndex(fields=["search_en"], name="page_search_en"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.document_id} p. {self.number}"


class Citation(models.Model):
    """A place in a document: page and quote, with the claim it makes on a device, or an event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="citations", verbose_name=_("document")
    )
    page = models.PositiveIntegerField(_("page"))
    quote = models.TextField(_("quote"), max_length=2000)
    # x0, y0, x1, y1 in points from the page's lower left corner; empty when unknown.
    box = ArrayField(models.FloatField(), default=list, blank=True)
    claim = models.OneToOneField(
        Claim,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="citation",
        verbose_name=_("evidence of a device"),
    )
    event = models.ForeignKey(
        Event,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="citations",
        verbose_name=_("event"),
    )

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [
            models.CheckConstraint(condition=Q(page__gte=1), name="citation_page_from_one"),
        ]
        ordering = ["document", "page"]

    def __str__(self) -> str:
        return f"{self.document_id} p. {self.page}"
