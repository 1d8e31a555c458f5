"""What is known of one city: statements with their citations, links out, dated figures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mapper.documents.models import Citation
from mapper.places.models import City
from mapper.sightings.models import partial_date_field


class Dossier(models.Model):
    """A city's dossier."""

    city = models.OneToOneField(
        City, on_delete=models.CASCADE, related_name="dossier", verbose_name=_("city")
    )
    introduction = models.TextField(_("introduction"), blank=True, help_text="Markdown")
    is_public = models.BooleanField(_("public"), default=True)

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")

    def __str__(self) -> str:
        return f"dossier {self.city}"


class Statement(models.Model):
    """One thing that is known, in Markdown, with the citations that say so."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="statements")
    position = models.PositiveIntegerField(_("place in the order"), default=0)
    dated_on = partial_date_field(_("date"))
    text = models.TextField(_("what is known"), help_text="Markdown")
    citations = models.ManyToManyField(
        Citation, blank=True, related_name="statements", verbose_name=_("citations")
    )

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class LinkKind(models.TextChoices):
    """Where a link leads."""

    FORUM = "forum", _("forum")
    PAD = "pad", _("pad")
    UWAZI = "uwazi", "Uwazi"
    SITE = "site", _("site")


class Link(models.Model):
    """A way out: a forum topic, a pad, an Uwazi entity."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(_("kind"), max_length=16, choices=LinkKind)
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=1000)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=LinkKind.values), name="link_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(url__regex=r"^https?://"), name="link_is_a_web_address"
            ),
        ]
        ordering = ["kind", "title"]

    def __str__(self) -> str:
        return self.title


class Snapshot(models.Model):
    """The figures of a city on a day, never changed: a printed address keeps what it said."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="snapshots")
    made_on = models.DateField()
    figures = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "made_on"], name="snapshot_once_a_day"),
        ]
        ordering = ["-made_on"]

    def __str__(self) -> str:
        return f"{self.city} {self.made_on}"
