"""The editors' desk for documents: take one in, publish, withdraw, cite."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from geo.errors import GeoError
from geo.position import LonLat
from mapper.accounts.models import User
from mapper.documents.actions import add_document, cite, publish_document, withdraw_document
from mapper.documents.folders import find_cities
from mapper.documents.models import Citation, Document
from mapper.documents.pdf import MAX_BYTES
from mapper.errors import BadInput, Forbidden, NotFound, Refusal, TooLarge, as_refusal
from mapper.sightings.models import Device, Event
from mapper.web.caching import never_stored
from mapper.web.document_forms import CitationForm, DocumentForm, WithdrawalForm

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_editors(view: View[P]) -> View[P]:
    """Let editors through, send strangers to the login, tell other staff that they may not."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("login"))
        if not user.is_editor:
            raise Forbidden(_("Only editors may work on documents."))
        return view(request, *args, **kwargs)

    return csrf_protect(never_stored(wrapper))


@for_editors
def new_document(request: HttpRequest) -> HttpResponse:
    """Take a document in."""
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = _add(form.cleaned_data, _editor(request))
        except Forbidden:
            raise
        except (Refusal, GeoError) as refusal:
            form.add_error(None, str(as_refusal(refusal)))
        else:
            return redirect("document_desk", slug=added.slug)
    context = {
        "section": "documents",
        "form": form,
        "unpublished": Document.objects.unpublished().order_by("title")[:200],
    }
    return render(request, "documents/new.html", context, status=400 if form.errors else 200)


def _add(given: dict[str, Any], editor: User) -> Document:
    """Take in what the form gave."""
    upload = given["file"]
    if upload.size > MAX_BYTES:
        raise TooLarge(
            _("The file has %(size)d MB; at most %(most)d MB are taken.")
            % {"size": upload.size // 1_000_000, "most": MAX_BYTES // 1_000_000}
        )
    return add_document(
        data=upload.read(),
        title=given["title"],
        type=given["type"],
        dated_on=given["dated_on"],
        cities=find_cities(given["cities"]),
        source_url=given["source_url"],
        licence=given["licence"],
        language=given["language"],
        is_public=given["is_public"],
        editor=editor,
    )


@for_editors
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an editor a document, public or not, and what can be done with it."""
    return _render_desk(request, _document(slug), {})


@require_POST
@for_editors
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish a document."""
    publish_document(document=_document(slug), editor=_editor(request))
    return redirect("document_desk", slug=slug)


@require_POST
@for_editors
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw a document with a reason that readers see."""
    document = _document(slug)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return _render_desk(request, document, {"withdrawal_form": form})
    withdraw_document(
        document=document, reason=form.cleaned_data["reason"], editor=_editor(request)
    )
    return redirect("document_desk", slug=slug)


@require_POST
@for_editors
def add_citation(request: HttpRequest, slug: str) -> HttpResponse:
    """Cite a place in a document."""
    document = _document(slug)
    form = CitationForm(request.POST)
    if form.is_valid():
        try:
            _cite(document, form.cleaned_data, _editor(request))
        except Forbidden:
            raise
        except (Refusal, GeoError) as refusal:
            form.add_error(None, str(as_refusal(refusal)))
        else:
            return redirect("document_desk", slug=slug)
    return _render_desk(request, document, {"citation_form": form})


def _cite(document: Document, given: dict[str, Any], editor: User) -> Citation:
    """Make the citation that the form asks for."""
    device = event = location = None
    if given["device"]:
        device = Device.objects.shown().filter(id=given["device"]).first()
        if device is None:
            raise NotFound(_("There is no device with this id."))
    if given["event"]:
        event = Event.objects.filter(id=given["event"], state="present").first()
        if event is None:
            raise NotFound(_("There is no event with this id."))
    if (given["lon"] is None) != (given["lat"] is None):
        raise BadInput(_("A place needs both a latitude and a longitude."))
    if given["lon"] is not None:
        location = LonLat(given["lon"], given["lat"])
    return cite(
        document=document,
        page=given["page"],
        quote=given["quote"],
        device=device,
        event=event,
        location=location,
        attributes={name: given[name] for name in ("kind", "status") if given[name]},
        seen_from=given["seen_from"],
        editor=editor,
    )


def _editor(request: HttpRequest) -> User:
    """Return who the door let through."""
    return cast(User, request.user)


def _document(slug: str) -> Document:
    """Return any document, for editors."""
    found = Document.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no document at this address."))
    return found


def _render_desk(
    request: HttpRequest, document: Document, forms_given: dict[str, forms.Form]
) -> HttpResponse:
    """Show the desk with the forms, filled where one was refused."""
    context = {
        "section": "documents",
        "document": document,
        "pages": document.pages.defer("search_fr", "search_en")[:25],
        "citations": document.citations.select_related("claim", "event").order_by("page", "id"),
        "citation_form": CitationForm(),
        "withdrawal_form": WithdrawalForm(),
        **forms_given,
    }
    return render(request, "documents/desk.html", context, status=400 if forms_given else 200)


urlpatterns: list[URLPattern] = [
    path("documents/new/", new_document, name="document_new"),
    path("documents/<slug:slug>/desk/", desk, name="document_desk"),
    path("documents/<slug:slug>/desk/publish/", publish, name="document_publish"),
    path("documents/<slug:slug>/desk/withdraw/", withdraw, name="document_withdraw"),
    path("documents/<slug:slug>/desk/cite/", add_citation, name="document_cite"),
]
