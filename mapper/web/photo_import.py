"""The desk where staff bring in many photos: one by one by a script, a few at once without it."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from mapper.errors import BadInput, TooLarge
from mapper.input_files import printable_name
from mapper.intake.arrivals import Arrival, read_spots, signed, take_arrival
from mapper.intake.ledger import KNOWN, REFUSED, TAKEN, Outcome, digests_taken
from mapper.intake.report import ReportErrors, ReportInput, parse_report
from mapper.photos.refusals import reason_in_words
from mapper.sightings.vocabulary import Kind
from mapper.web.staff_doors import for_staff

# What the proxy lets through, and what a request is done with in time.
MOST_IN_A_FORM = 10
_MOST_FORM_BYTES = 120_000_000
_MOST_REPORT_BYTES = 20_000_000
_RESULTS = {
    TAKEN: gettext_lazy("Taken"),
    KNOWN: gettext_lazy("Taken before"),
    REFUSED: gettext_lazy("Left out"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The report of a post, as the page shows it and as a file."""

    outcomes: list[Outcome]
    report_count: int

    @property
    def rows(self) -> list[tuple[Outcome, str]]:
        """Return each file with the words of its result."""
        return [(outcome, str(_RESULTS[outcome.result])) for outcome in self.outcomes]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many there are of each result."""
        return {name: sum(o.result == name for o in self.outcomes) for name in _RESULTS}

    @property
    def address(self) -> str:
        """Return the report file as an address: nothing of it is kept here to be fetched."""
        lines = "".join(outcome.as_line() + "\n" for outcome in self.outcomes)
        return f"data:application/x-ndjson;charset=utf-8,{quote(lines)}"


def of_a_size(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a body that no form of ours has, before it is read."""

    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        size = request.META.get("CONTENT_LENGTH") or "0"
        if not size.isdecimal() or int(size) > _MOST_FORM_BYTES:
            raise TooLarge(
                _("The form is too large: send at most %(most)s photos, 120 MB together.")
                % {"most": MOST_IN_A_FORM}
            )
        return view(request)

    return wrapper


@require_http_methods(["GET", "HEAD", "POST"])
@of_a_size
@for_staff
def photo_import(request: HttpRequest) -> HttpResponse:
    """Show the desk; take a few photos of a plain form, and tell what became of each."""
    told, problem = None, ""
    if request.method == "POST":
        try:
            told = _take_all(request)
        except BadInput as error:
            problem = error.message
    context = {
        "desk": "import",
        "told": told,
        "problem": problem,
        "kinds": [(value, label) for value, label in Kind.choices if value != Kind.UNKNOWN],
        "kind": request.POST.get("kind", ""),
        "photo_use": request.POST.get("photo_use", "moderators"),
        "most": MOST_IN_A_FORM,
        "most_bytes": settings.MAX_PHOTO_BYTES,
        "most_mb": settings.MAX_PHOTO_BYTES // 1_000_000,
        "most_megapixels": settings.MAX_PHOTO_PIXELS // 1_000_000,
        "most_a_report": settings.MAX_PHOTOS_PER_REPORT,
    }
    return render(request, "moderation/import.html", context, status=400 if problem else 200)


@require_POST
@of_a_size
@for_staff
def photo_import_one(request: HttpRequest) -> JsonResponse:
    """Take one photo that the script sends; under the same id again nothing changes."""
    upload = request.FILES.get("photo")
    if upload is None:
        raise BadInput(_("No photo was sent; choose one."))
    if (upload.size or 0) > settings.MAX_PHOTO_BYTES:
        arrival = Arrival(REFUSED, reason_in_words("too_many_bytes"))
    else:
        arrival = take_arrival(
            data=upload.read(),
            report=_report_in(request.POST),
            spots=read_spots(request.POST.get("spots", "")),
            upload_id=_upload_id(request.POST.get("id", "")),
        )
    said: dict[str, Any] = {name: getattr(arrival, name) for name in ("result", "reason", "sha256")}
    said |= {"spots": signed(arrival.spots), "is_new_report": arrival.is_new_report}
    return JsonResponse(said)


def _take_all(request: HttpRequest) -> Told:
    """Take the photos of a plain form, one after the other."""
    uploads = request.FILES.getlist("photo")
    if not 0 < len(uploads) <= MOST_IN_A_FORM:
        raise BadInput(
            _("Choose between 1 and %(most)s photos; %(count)s were sent.")
            % {"most": MOST_IN_A_FORM, "count": len(uploads)}
        )
    report, known = _report_in(request.POST), _digests_in(request)
    outcomes, reports, spots = [], 0, read_spots("")
    for upload in uploads:
        if (upload.size or 0) > settings.MAX_PHOTO_BYTES:
            arrival = Arrival(REFUSED, reason_in_words("too_many_bytes"), spots=spots)
        else:
            arrival = take_arrival(data=upload.read(), report=report, spots=spots, known=known)
        spots = arrival.spots
        known |= {arrival.sha256} if arrival.result == TAKEN else set()
        reports += arrival.is_new_report
        name = printable_name(Path(upload.name or "photo"))
        outcomes.append(Outcome(name, arrival.result, arrival.reason, arrival.sha256))
    return Told(outcomes, reports)


def _report_in(post: QueryDict) -> ReportInput:
    """Return what the form says of all its photos."""
    try:
        said = parse_report({name: post.get(name, "") for name in ("kind", "photo_use")})
    except ReportErrors as errors:
        raise BadInput(errors.message) from None
    return ReportInput(kind=said.kind, photo_use=said.photo_use)


def _digests_in(request: HttpRequest) -> set[str]:
    """Return the digests of what the report file of an earlier import says was taken."""
    upload = request.FILES.get("earlier")
    if upload is None:
        return set()
    if (upload.size or 0) > _MOST_REPORT_BYTES:
        raise TooLarge(_("The earlier report has more than 20 MB; leave it out."))
    try:
        return digests_taken(upload.read().removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace"))
    except BadInput:
        raise BadInput(
            _("The earlier report is no report of an import; choose the file that it wrote.")
        ) from None


def _upload_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(_("The photo was sent without an id; reload the page.")) from None


urlpatterns: list[URLPattern] = [
    path("moderation/import/", photo_import, name="photo_import"),
    path("moderation/import/photo/", photo_import_one, name="photo_import_one"),
]
plain_urlpatterns: list[URLPattern] = []
