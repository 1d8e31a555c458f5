"""Documents for everybody: the list, the search, one document, and its file."""

from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page as Rows
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mapper.documents.actions import file_path
from mapper.documents.models import Citation, Document, DocumentType, Page
from mapper.documents.querysets import parts_of_snippet
from mapper.dossiers.models import Statement
from mapper.errors import BadInput, Gone, NotFound
from mapper.places.models import City
from mapper.sightings.models import Device, Event
from mapper.web import document_desk
from mapper.web.caching import cached_page
from mapper.web.paging import page_number
from mapper.web.ranges import file_response
from mapper.web.sentences import device_sentence

_DOCUMENTS_A_PAGE = 40
_HITS_A_PAGE = 20
_TEXT_PAGES_A_PAGE = 25
_MAX_SEARCH_CHARACTERS = 200


@cached_page
def documents(request: HttpRequest) -> HttpResponse:
    """List the documents by date, or with ?q= search their pages."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:_MAX_SEARCH_CHARACTERS]
    type_, city = request.GET.get("type", ""), _city(request.GET.get("city", ""))
    if type_ and type_ not in DocumentType.values:
        raise BadInput(
            _("type=%(value)s is not known. Choose among: %(known)s.")
            % {"value": type_[:60], "known": " ".join(DocumentType.values)}
        )
    selected = _selected(type_, city)
    context: dict[str, Any] = {
        "section": "documents",
        "q": words,
        "type": type_,
        "city": city,
        "types": DocumentType.choices,
    }
    number = page_number(request)
    if words:
        context |= _search(selected, words, number)
    else:
        context["rows"] = Paginator(selected, _DOCUMENTS_A_PAGE).get_page(number)
    return render(request, "documents/list.html", context)


def _selected(type_: str, city: City | None) -> QuerySet[Document]:
    """Return the public documents of a type and a city."""
    selected: QuerySet[Document] = Document.objects.public()
    if type_:
        selected = selected.filter(type=type_)
    if city is not None:
        selected = selected.filter(cities=city)
    return selected.order_by("-dated_on", "title", "id")


def _city(text: str) -> City | None:
    """Return the city of a slug or code; None for an empty text."""
    if not text:
        return None
    cities = City.objects.defer("boundary").filter(Q(slug=text) | Q(code=text))
    city = cities.order_by("country", "code").first() if "\x00" not in text else None
    if city is None:
        raise BadInput(
            _("There is no city %(value)s here. Use a slug or a code of /cities/.")
            % {"value": text[:60]}
        )
    return city


def _search(selected: QuerySet[Document], words: str, number: int) -> dict[str, Any]:
    """Return the pages with these words, with snippets, and the documents so entitled."""
    found = Page.objects.filter(document__in=selected.order_by()).matching(words)
    rows: Rows[Any] = Paginator(
        found.defer("text", "search_fr", "search_en"), _HITS_A_PAGE
    ).get_page(number)
    pages: list[Page] = list(rows.object_list)
    snippets = Page.objects.filter(id__in=[page.id for page in pages]).snippets(words)
    documents = Document.objects.in_bulk([page.document_id for page in pages])
    rows.object_list = [
        {
            "document": documents[page.document_id],
            "number": page.number,
            "parts": parts_of_snippet(snippets[page.id]),
        }
        for page in pages
    ]
    titled = selected
    for word in words.split()[:8]:
        titled = titled.filter(title__icontains=word.strip('"'))
    return {"rows": rows, "titled": list(titled[:5])}


@dataclass
class Cited:
    """A citation and everything public that stands on it."""

    citation: Citation
    device: Device | None = None
    sentence: str = ""
    event: Event | None = None
    cities: list[City] = field(default_factory=list)


@cached_page
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a document: what it is, what cites it, and the text of its pages."""
    found = find_document(slug)
    number = min(page_number(request), found.page_count)
    first = (number - 1) // _TEXT_PAGES_A_PAGE * _TEXT_PAGES_A_PAGE + 1
    last = first + _TEXT_PAGES_A_PAGE - 1
    pages = found.pages.filter(number__gte=first, number__lte=last)
    context = {
        "section": "documents",
        "document": found,
        "cities": list(found.cities.defer("boundary")),
        "pages": list(pages.defer("search_fr", "search_en")),
        "previous_page": first - 1,
        "next_page": last + 1 if last < found.page_count else 0,
        "cited": _cited(found),
    }
    return render(request, "documents/document.html", context)


def find_document(slug: str) -> Document:
    """Return a public document; raise NotFound, or Gone with the reason for a withdrawn one."""
    found = Document.objects.filter(slug=slug).first()
    if found is not None and found.withdrawal is not None:
        raise Gone(_("This document was withdrawn: %(reason)s") % {"reason": found.notice})
    if found is None or not found.is_public:
        raise NotFound(_("There is no document at this address."))
    return found


def _cited(document: Document) -> list[Cited]:
    """Return what cites a document, page by page; five queries."""
    said_in = Statement.objects.filter(dossier__is_public=True).select_related("dossier__city")
    citations = (
        document.citations.select_related("claim__device")
        .prefetch_related(Prefetch("statements", queryset=said_in))
        .order_by("page", "id")
    )
    devices = Device.objects.public().in_bulk(
        [c.claim.device_id for c in citations if c.claim and c.claim.device_id]
    )
    events = Event.objects.public().in_bulk([c.event_id for c in citations if c.event_id])
    found: list[Cited] = []
    for citation in citations:
        claim_device = citation.claim.device_id if citation.claim else None
        device = devices.get(claim_device) if claim_device else None
        cities = {s.dossier.city_id: s.dossier.city for s in citation.statements.all()}
        found.append(
            Cited(
                citation=citation,
                device=device,
                sentence=device_sentence(device) if device else "",
                event=events.get(citation.event_id) if citation.event_id else None,
                cities=list(cities.values()),
            )
        )
    return found


@require_safe
def document_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer the clean copy of a document's file, whole or in part."""
    found = find_document(slug)
    path_ = file_path(found)
    if not path_.is_file():
        raise NotFound(_("The file of this document is missing here; its text is there."))
    etag = f'"{found.sha256[:32]}"'
    response = file_response(request, path_, content_type="application/pdf", etag=etag)
    # The copy holds no script (`documents.pdf`); were one there, it could do nothing here.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = f'inline; filename="{found.slug}.pdf"'
    return response


urlpatterns: list[URLPattern] = [
    path("documents/", documents, name="documents"),
    *document_desk.urlpatterns,
    path("documents/<slug:slug>/", document, name="document"),
]
plain_urlpatterns: list[URLPattern] = [
    path("documents/<slug:slug>/file.pdf", document_file, name="document_file"),
]
