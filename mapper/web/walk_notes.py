"""Paper notes at /walk/notes/: a sheet's rows, typed in and taken at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from geo.errors import SheetError
from geo.tiles import Tile
from geo.walk_sheets import parse_sheet_code
from mapper.errors import TooMany
from mapper.geo_words import in_words
from mapper.intake import buckets
from mapper.intake.anonymous import anonymous_post
from mapper.intake.paper import MOST_ROWS, PaperForm, empty_form, form_of_post, take_rows
from mapper.intake.report import TERMS
from mapper.sightings.sheet_numbers import numbered_devices
from mapper.sightings.vocabulary import Mount
from mapper.web.caching import never_stored
from mapper.web.walk_kit import KitSheet, party_word

# A digit each, so that one key chooses: after a number typed by the same hand, words are slow.
_KNOWN = (
    ("there", "1", gettext_lazy("Still there")),
    ("gone", "2", gettext_lazy("Gone")),
    ("missing", "3", pgettext_lazy("paper", "Not found")),
)
_NEW = (
    ("camera/fixed", "4", gettext_lazy("Fixed camera")),
    ("camera/dome", "5", gettext_lazy("Dome camera")),
    ("camera/panning", "6", gettext_lazy("Pan-tilt camera")),
    ("camera/", "7", pgettext_lazy("paper", "Camera, type unknown")),
    ("alpr/", "8", gettext_lazy("Plate reader")),
    ("acoustic/", "9", gettext_lazy("Acoustic sensor")),
    ("unknown/", "0", gettext_lazy("I don't know")),
    ("drone/", "", gettext_lazy("Drone base")),
    ("sensor/", "", gettext_lazy("Sensor")),
    ("guard/", "", gettext_lazy("Guard")),
    ("other/", "", gettext_lazy("Something else")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@anonymous_post
@never_stored
def walk_notes(request: HttpRequest) -> HttpResponse:
    """Ask for a sheet's code, show its form, or take what was typed."""
    party = party_word(request)
    if request.method == "POST":
        return _post(request, party)
    said = request.GET.get("sheet", "")
    if not said.strip():
        return _code_page(request, party)
    try:
        sheet = parse_sheet_code(said)
    except SheetError as error:
        return _code_page(request, party, said=said[:40], error=in_words(error))
    return _form_page(request, empty_form(sheet, party=party))


def _post(request: HttpRequest, party: str) -> HttpResponse:
    form = form_of_post(request.POST.dict(), party=party)
    status, retry_after_s = 201, 0
    if form.errors:
        status = 400
    else:
        try:
            for _row in form.filled:
                buckets.is_over(request, buckets.report_limit())
        except TooMany as error:
            form.errors["rows"] = error.message
            status, retry_after_s = 429, error.retry_after_s
        else:
            take_rows(form, language=str(request.LANGUAGE_CODE))
            status = 400 if form.wrong else 201
    response = _form_page(request, form, status=status)
    if retry_after_s:
        response["Retry-After"] = str(retry_after_s)
    return response


def _code_page(
    request: HttpRequest, party: str, *, said: str = "", error: str = ""
) -> HttpResponse:
    context = {"section": "report", "party": party, "said": said, "error": error}
    return render(request, "walk/code.html", context, status=400 if error else 200)


def _form_page(request: HttpRequest, form: PaperForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "report",
        "form": form,
        "sheet": _sheet(form.sheet, form.code),
        "known": _KNOWN,
        "new": _NEW,
        "mounts": Mount.choices,
        "terms": TERMS,
        "most_rows": MOST_ROWS,
    }
    return render(request, "walk/notes.html", context, status=status)


def _sheet(tile: Tile, code: str) -> KitSheet:
    return KitSheet("", code, tile, numbered_devices([tile])[tile])


urlpatterns: list[URLPattern] = [path("walk/notes/", walk_notes, name="walk_notes")]
plain_urlpatterns: list[URLPattern] = []
