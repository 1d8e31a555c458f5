"""Writes of documents and citations: take a file in, publish, withdraw, cite."""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from geo.partial_date import parse_partial_date
from geo.position import LonLat
from mapper import sandbox
from mapper.accounts.limits import require_cities
from mapper.accounts.models import User
from mapper.documents import quotes
from mapper.documents.limits import require_citing
from mapper.documents.models import Citation, Document, DocumentType, Page
from mapper.documents.pdf import MAX_BYTES, MAX_PAGES, cleaned
from mapper.errors import BadInput, Conflict, NotFound, TooLarge
from mapper.places.models import City
from mapper.sightings.actions import attach_claim, detach_claim, survivor_of
from mapper.sightings.facts import point_of
from mapper.sightings.models import Attachment, Claim, Device, Event
from mapper.sightings.vocabulary import DeviceState

_WALL_S = 120.0
_CPU_S = 90
_MEMORY_BYTES = 2_000_000_000
_OUTPUT_BYTES = 3 * MAX_BYTES
_MAX_QUOTE_CHARACTERS = 2000
# Words of addresses that are not a document's slug.
_RESERVED_SLUGS = frozenset({"", "new"})


def digest_of(data: bytes) -> str:
    """Return the name of a file's content: its SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def add_document(
    *,
    data: bytes,
    title: str,
    type: str = DocumentType.OTHER,
    dated_on: str = "",
    cities: Sequence[City] = (),
    source_url: str = "",
    licence: str = "",
    language: str = "fr",
    is_public: bool = False,
    editor: User | None = None,
) -> Document:
    """Take a PDF in: its text by page and a clean copy; return the document.

    A file that is already there is returned as it is, whatever is said of it now. Raises BadInput
    or TooLarge with what is wrong. Opens the file in the sandbox, before the transaction.
    """
    require_cities(editor=editor, cities=cities)
    facts = _checked_facts(
        title=title,
        type=type,
        dated_on=dated_on,
        source_url=source_url,
        licence=licence,
        language=language,
    )
    sha256 = digest_of(data)
    known = Document.objects.filter(sha256=sha256).first()
    if known is not None:
        return known
    pages, cut, copy = _opened(data)
    document = Document(
        **facts,
        slug=_free_slug(facts["title"], sha256),
        sha256=sha256,
        file_name=f"{uuid4().hex}.pdf",
        size_bytes=len(copy),
        page_count=len(pages),
        is_public=is_public,
    )
    path = file_path(document)
    _write_whole(path, copy)
    try:
        _save(document, pages=pages, cut=cut, cities=cities)
    except BaseException as failure:
        path.unlink(missing_ok=True)
        if not isinstance(failure, IntegrityError):
            raise
        return _taken_meanwhile(sha256)
    return document


def _taken_meanwhile(sha256: str) -> Document:
    """Return the same file, or refuse the same title, that somebody took in at this moment."""
    known = Document.objects.filter(sha256=sha256).first()
    if known is None:
        raise Conflict(_("Another document took this title just now. Try again.")) from None
    return known


@transaction.atomic
def edit_document(
    *,
    document: Document,
    title: str,
    type: str,
    dated_on: str,
    cities: Sequence[City],
    source_url: str,
    licence: str,
    language: str,
    editor: User | None = None,
) -> Document:
    """Correct what is said of a document; its file, its pages and its address stay."""
    require_cities(editor=editor, cities=document.cities.all())
    require_cities(editor=editor, cities=cities)
    facts = _checked_facts(
        title=title,
        type=type,
        dated_on=dated_on,
        source_url=source_url,
        licence=licence,
        language=language,
    )
    for name, value in facts.items():
        setattr(document, name, value)
    document.save(update_fields=list(facts))
    document.cities.set(cities)
    return document


def file_path(document: Document) -> Path:
    """Return where a document's clean copy is."""
    return Path(settings.MEDIA_ROOT) / "documents" / document.file_name


@transaction.atomic
def publish_document(*, document: Document, editor: User | None = None) -> Document:
    """Let everybody read a document; claims that its withdrawal closed stand again."""
    require_cities(editor=editor, cities=document.cities.all())
    document = Document.objects.select_for_update().get(id=document.id)
    if document.withdrawal is not None:
        _put_claims_back(document.withdrawal)
        document.notice = ""
    document.withdrawal = None
    document.is_public = True
    document.save()
    return document


@transaction.atomic
def withdraw_document(*, document: Document, reason: str, editor: User | None = None) -> Document:
    """Take a document off the site: its address answers 410 with the reason, its claims close."""
    require_cities(editor=editor, cities=document.cities.all())
    reason = cleaned(reason)
    if not reason:
        raise BadInput(_("Say in a sentence why the document is withdrawn: readers will see it."))
    document = Document.objects.select_for_update().get(id=document.id)
    if document.withdrawal is not None:
        raise Conflict(_("This document is withdrawn already."))
    document.withdrawal = uuid4()
    document.is_public = False
    document.notice = reason
    document.save()
    for claim in Claim.objects.filter(citation__document=document).order_by("id"):
        detach_claim(claim=claim, decision=document.withdrawal)
    return document


def _put_claims_back(withdrawal: UUID) -> None:
    """Let the claims that a withdrawal closed stand again, but on devices that were erased."""
    closed = Attachment.objects.filter(decision=withdrawal, followed_by__isnull=True)
    decision = uuid4()
    for row in closed.select_related("claim", "follows__device").order_by("claim_id"):
        device = row.follows.device if row.follows else None
        if device is not None and survivor_of(device).state != DeviceState.ERASED:
            attach_claim(claim=row.claim, device=device, decision=decision)


@transaction.atomic
def cite(
    *,
    document: Document,
    page: int,
    quote: str,
    device: Device | None = None,
    event: Event | None = None,
    location: LonLat | None = None,
    attributes: Mapping[str, Any] | None = None,
    seen_from: str = "",
    seen_to: str = "",
    decision: UUID | None = None,
    editor: User | None = None,
) -> Citation:
    """Cite a place in a public document; return the citation.

    With a device, or a location for one nobody knew yet, it is a claim on it (paper never
    verifies); with an event it stands on the event; alone it is for a statement.
    """
    require_citing(editor=editor, document=document, device=device, event=event, location=location)
    quote = _checked_quote(document, page, quote)
    if event is not None and (device is not None or location is not None):
        raise BadInput(_("A citation stands on a device or on an event, not on both."))
    citation = Citation(document=document, page=page, quote=quote, event=event)
    if device is None and location is None:
        if attributes:
            raise BadInput(_("Attributes need a device or a location that they belong to."))
        citation.save()
        return citation
    claim = Claim.objects.create(
        source="document",
        location=point_of(location),
        position_source="document" if location else "",
        attributes=dict(attributes or {}),
        seen_from=str(parse_partial_date(seen_from)) if seen_from else "",
        seen_to=str(parse_partial_date(seen_to)) if seen_to else "",
    )
    attach_claim(claim=claim, device=device, decision=decision)
    citation.claim = claim
    citation.save()
    return citation


@transaction.atomic
def remove_citation(
    *, citation: Citation, decision: UUID | None = None, editor: User | None = None
) -> None:
    """Take a citation back; its claim is closed, and kept as what was once said."""
    require_cities(editor=editor, cities=citation.document.cities.all())
    if citation.claim is not None:
        detach_claim(claim=citation.claim, decision=decision)
    citation.delete()


def _checked_quote(document: Document, page: int, quote: str) -> str:
    """Return the quote in plain white space, once it is known to be where it is said to be."""
    if not document.is_public:
        raise Conflict(_("Publish the document first: what is cited must be open to read."))
    quote = re.sub(r"\s+", " ", cleaned(quote)).strip()
    if not quote or len(quote) > _MAX_QUOTE_CHARACTERS:
        raise BadInput(
            _("The quote has %(length)d characters; give 1 to %(most)d.")
            % {"length": len(quote), "most": _MAX_QUOTE_CHARACTERS}
        )
    found = document.pages.filter(number=page).first()
    if found is None:
        raise NotFound(
            _("There is no page %(page)d; the document has %(count)d.")
            % {"page": page, "count": document.page_count}
        )
    if not quotes.is_on_page(quote, found.text):
        raise BadInput(_not_on_page(document, page, quote))
    return quote


def _not_on_page(document: Document, page: int, quote: str) -> str:
    """Say that a quote is not on its page, and where it is if it is anywhere."""
    for other in document.pages.iterator(chunk_size=100):
        if quotes.is_on_page(quote, other.text):
            return _("The quote is not on page %(page)d, but on page %(other)d.") % {
                "page": page,
                "other": other.number,
            }
    return _(
        "The quote is not on page %(page)d. Copy it from the text of the page as it is shown "
        "here; a scan without text can't be quoted yet."
    ) % {"page": page}


def _checked_facts(**given: str) -> dict[str, str]:
    """Return what is said of a document, or say which value breaks which rule."""
    facts = {name: cleaned(str(value)).replace("\n", " ") for name, value in given.items()}
    if not facts["title"]:
        raise BadInput(_("The document has no title; give it one."))
    if facts["type"] not in DocumentType.values:
        raise BadInput(
            _("Type %(value)s is not known. Choose among: %(known)s.")
            % {"value": facts["type"][:60], "known": " ".join(DocumentType.values)}
        )
    if facts["language"] not in ("fr", "en"):
        raise BadInput(
            _("Language %(value)s is not known; write fr or en.")
            % {"value": facts["language"][:10]}
        )
    for name, most in (("title", 300), ("source_url", 1000), ("licence", 120)):
        if len(facts[name]) > most:
            raise BadInput(
                _("%(name)s has %(length)d characters; at most %(most)d fit.")
                % {"name": name, "length": len(facts[name]), "most": most}
            )
    if facts["dated_on"]:
        facts["dated_on"] = str(parse_partial_date(facts["dated_on"]))
    if facts["source_url"]:
        _check_web_address(facts["source_url"])
    return facts


def _check_web_address(address: str) -> None:
    """Refuse what is not a web address; a link of another scheme may run something."""
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        raise BadInput(
            _("%(value)s is not a web address; write it with https://.") % {"value": address[:100]}
        ) from None


def _opened(data: bytes) -> tuple[list[str], set[int], bytes]:
    """Return the pages' texts, the numbers of those that were cut, and the clean copy."""
    if len(data) > MAX_BYTES:
        raise TooLarge(
            _("The file has %(size)d MB; at most %(most)d MB are taken.")
            % {"size": len(data) // 1_000_000, "most": MAX_BYTES // 1_000_000}
        )
    try:
        answer = sandbox.call(
            "mapper.documents.pdf:take",
            data,
            wall_s=_WALL_S,
            cpu_s=_CPU_S,
            memory_bytes=_MEMORY_BYTES,
            output_bytes=_OUTPUT_BYTES,
        )
    except sandbox.SandboxRefused as refused:
        raise BadInput(_reason_in_words(refused.reason), code=refused.reason) from None
    except sandbox.SandboxTimeout:
        raise BadInput(_reason_in_words("too-slow"), code="too-slow") from None
    except sandbox.SandboxError:
        raise BadInput(_reason_in_words("broken"), code="broken") from None
    pages = [cleaned(str(text)) for text in answer.values["pages"]]
    return pages, {int(number) for number in answer.values["cut"]}, answer.parts[0]


def _reason_in_words(reason: str) -> str:
    """Say why a file is not taken and what to do about it."""
    words = {
        "not-a-pdf": _("This is not a PDF; print or export it as one."),
        "encrypted": _("The PDF opens only with a password; save it without one."),
        "cyclic": _("The PDF's pages lead round in a circle; print it to a new PDF."),
        "no-pages": _("The PDF has no pages."),
        "too-many-pages": _("The PDF has more than %(most)d pages; split it.")
        % {"most": MAX_PAGES},
        "too-much-text": _("The PDF holds more text than the search can; split it."),
        "dynamic-form": _("The PDF is a form that draws itself; print it to a new PDF."),
        "too-slow": _("The PDF takes too long to open; print it to a new PDF or split it."),
    }
    return words.get(reason, _("The PDF is broken; print it to a new PDF."))


def _free_slug(title: str, sha256: str) -> str:
    """Return a slug of the title, made its own by the file's content where it is taken."""
    slug = slugify(title)[:200].strip("-")
    if slug in _RESERVED_SLUGS or Document.objects.filter(slug=slug).exists():
        return f"{slug or 'document'}-{sha256[:12]}"
    return slug


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
        Path(temporary).rename(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


@transaction.atomic
def _save(
    document: Document, *, pages: Sequence[str], cut: set[int], cities: Sequence[City]
) -> None:
    """Write the rows of a document."""
    document.save(force_insert=True)
    document.cities.set(cities)
    Page.objects.bulk_create(
        (
            Page(document=document, number=number, text=text, is_cut=number in cut)
            for number, text in enumerate(pages, start=1)
        ),
        batch_size=200,
    )
