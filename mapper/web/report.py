"""The walker's report at /report/: one plain form, and the page that gives its receipt."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from mapper.errors import TooLarge, Unavailable
from mapper.intake import buckets
from mapper.intake.actions import Submitted
from mapper.intake.anonymous import anonymous_post
from mapper.intake.form import (
    ROUND,
    UNKNOWN,
    ReportForm,
    fields_of_post,
    form_from,
    is_move,
    moved_form,
    send_form,
)
from mapper.intake.place_picture import SIDE_PX
from mapper.intake.report import TERMS
from mapper.intake.sealing_keys import current_key
from mapper.photos.removed_names import REMOVED_NAMES, in_words
from mapper.sightings import vocabulary as words
from mapper.trust.standing import standing_in_words
from mapper.web.caching import never_stored

# The photos, and what a form's other fields and borders may weigh.
_MOST_BYTES = settings.MAX_PHOTO_BYTES * settings.MAX_PHOTOS_PER_REPORT + 1_000_000

# What a walker can tell apart, in the order of what stands in streets most.
_KINDS = (
    ("camera", gettext_lazy("Camera")),
    ("alpr", gettext_lazy("Plate reader")),
    ("drone", gettext_lazy("Drone base")),
    ("acoustic", gettext_lazy("Acoustic sensor")),
    ("sensor", gettext_lazy("Sensor")),
    ("guard", gettext_lazy("Guard")),
    ("speed_camera", gettext_lazy("Speed camera")),
    ("other", gettext_lazy("Other device")),
    ("unknown", gettext_lazy("I don't know")),
)
# The pictures of the app: what the form then says (kind/camera type), the drawing, the words.
_TYPES = (
    ("camera/fixed", "fixed", gettext_lazy("Fixed camera")),
    ("camera/dome", "dome", gettext_lazy("Dome camera")),
    ("camera/panning", "panning", gettext_lazy("Pan-tilt camera")),
    ("alpr/", "alpr", gettext_lazy("Plate reader")),
    ("acoustic/", "acoustic", gettext_lazy("Acoustic sensor")),
    ("unknown/", "unknown", gettext_lazy("I don't know")),
)
_OPERATORS = (
    ("public", gettext_lazy("Public: town, police")),
    ("private", gettext_lazy("Private")),
    ("unknown", gettext_lazy("I don't know")),
)
_DIRECTIONS = (
    ("N", gettext_lazy("north")),
    ("NE", gettext_lazy("north-east")),
    ("E", gettext_lazy("east")),
    ("SE", gettext_lazy("south-east")),
    ("S", gettext_lazy("south")),
    ("SW", gettext_lazy("south-west")),
    ("W", gettext_lazy("west")),
    ("NW", gettext_lazy("north-west")),
    (ROUND, gettext_lazy("all round")),
    (UNKNOWN, gettext_lazy("I don't know")),
)
_SEEN_HOW = (
    ("on_site", gettext_lazy("I saw it there")),
    ("picture", gettext_lazy("on a picture")),
    ("document", gettext_lazy("in a document")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@anonymous_post
@never_stored
def report(request: HttpRequest) -> HttpResponse:
    """Show the form, or take what it sends: a tap on its map, or a report."""
    if request.method != "POST":
        return _form_page(request, form_from(request.GET.dict()))
    _refuse_large(request)
    fields = fields_of_post(request.POST)
    files = request.FILES.getlist("photo")
    if is_move(fields):
        # Each photo costs the sandbox's time; only far too much of it is refused.
        buckets.is_over(request, buckets.photo_limit())
        return _form_page(request, moved_form(fields=fields, files=files), anchor="place")
    slow_reason = buckets.slow_reason(request)
    result = send_form(
        fields=fields, files=files, language=str(request.LANGUAGE_CODE), slow_reason=slow_reason
    )
    if isinstance(result, ReportForm):
        return _form_page(request, result, status=400)
    return _sent_page(request, result)


def report_choices() -> dict[str, Any]:
    """Return the choices of the form's fields, with their words."""
    return {
        "kinds": _KINDS,
        "types": _TYPES,
        "directions": _DIRECTIONS,
        "camera_types": words.CameraType.choices,
        "mounts": words.Mount.choices,
        "operators": _OPERATORS,
        "seen_how": _SEEN_HOW,
        "terms": TERMS,
        "removed": {code: str(name) for code, name in REMOVED_NAMES.items()},
    }


def _form_page(
    request: HttpRequest, form: ReportForm, *, status: int = 200, anchor: str = ""
) -> HttpResponse:
    context: Mapping[str, Any] = {
        "section": "report",
        "form": form,
        "choices": report_choices(),
        "picture_px": SIDE_PX,
        "most_photos": settings.MAX_PHOTOS_PER_REPORT,
        "most_bytes": settings.MAX_PHOTO_BYTES,
        "anchor": anchor,
        "sealing_key": public_sealing_key(),
    }
    return render(request, "intake/report.html", context, status=status)


def public_sealing_key() -> str:
    """Return what phones seal to; without it nothing is kept on them and the plain form is sent."""
    try:
        return current_key().public_text
    except Unavailable:
        return ""


def _sent_page(request: HttpRequest, submitted: Submitted) -> HttpResponse:
    context = {
        "section": "report",
        "submitted": submitted,
        "sighting": submitted.sighting,
        "on_the_map": standing_in_words(submitted.sighting),
        "code": " ".join(submitted.code),
        "removed": in_words(submitted.removed),
        "photo_count": submitted.sighting.photos.count(),
    }
    return render(request, "intake/sent.html", context, status=201)


def _refuse_large(request: HttpRequest) -> None:
    """Refuse a body that no report can have, before it is read."""
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        size = 0
    if size > _MOST_BYTES:
        raise TooLarge(_("The form is too large: send at most 6 photos of 20 MB."))


# Under French and English addresses; and those that have no language.
urlpatterns: list[URLPattern] = [path("report/", report, name="report")]
plain_urlpatterns: list[URLPattern] = []
