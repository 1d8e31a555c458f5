"""What is covered of a photo: the copies that moderators see, and the page of its boxes and crop.

With a script boxes are drawn where the photo is shown; this page does the same without one: two
clicks into the picture are two corners, or four numbers are typed.
"""

import math
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mapper.errors import BadInput, NotFound, Refusal
from mapper.moderation import actions
from mapper.moderation.recording import note_viewing
from mapper.photos import storage
from mapper.photos.boxes import Box, BoxError, Redaction, Size, redaction_of
from mapper.photos.covering import redaction_kept, redaction_said, redaction_seen
from mapper.photos.models import Photo, PhotoState
from mapper.web.moderation_forms import boxes_of
from mapper.web.staff_doors import for_moderators, staff_of

# The picture into which corners are clicked is shown at exactly this width: a click comes in its
# pixels, and nobody tells us of another.
_PICKER_PX = {"small": 340, "large": 960}
_SIDES = ("left", "top", "right", "bottom")


@for_moderators
@require_safe
def quarantine_photo(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer an unpublished photo with its boxes filled; without them only where asked for.

    Never the upload, never from a cache.
    """
    photo = Photo.objects.filter(id=id).first()
    data = storage.read(storage.quarantine(), _name_of(photo, request)) if photo else None
    if data is None:
        raise NotFound(_("There is no copy of this photo (any more)."))
    note_viewing(photo=id, viewer=staff_of(request))
    return HttpResponse(data, content_type="image/jpeg")


@for_moderators
def photo_boxes(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a photo with its boxes, or change what is covered of it."""
    photo = Photo.objects.filter(id=id).select_related("sighting__claim").first()
    if photo is None or not (photo.covered_name or photo.public_name):
        raise NotFound(_("There is no copy of this photo (any more)."))
    if request.method != "POST":
        return _page(request, photo)
    first = _clicked(request, photo) if _has_one_corner(request) else None
    if first is not None:
        return _page(request, photo, first=first)
    try:
        photo = _change(request, photo)
    except (Refusal, BoxError) as error:
        if _is_from_a_script(request):
            raise _as_bad_input(error) from None
        return _page(request, photo, refusal=_as_bad_input(error))
    if _is_from_a_script(request):
        kept = redaction_kept(photo)
        return JsonResponse(kept.as_dict() | {"seen": kept.mark})
    messages.success(request, _("Covered anew."))
    return redirect("photo_boxes", id=photo.id)


def _name_of(photo: Photo, request: HttpRequest) -> str:
    """Return the file that a request asks for."""
    if request.GET.get("size") == "thumbnail":
        return photo.covered_thumbnail_name
    if "open" in request.GET:
        # Where the pixels are gone nothing is left that is not covered.
        return photo.pixel_name or photo.covered_name
    return photo.covered_name


def _change(request: HttpRequest, photo: Photo) -> Photo:
    """Do what a post says, on what is covered now."""
    actor = staff_of(request)
    if photo.state == PhotoState.PUBLISHED:
        boxes = _said(request, photo, Redaction(), photo.public_size).boxes
        actions.cover_photo(photo=photo, boxes=boxes, actor=actor)
        return Photo.objects.get(id=photo.id)
    redaction = _said(request, photo, redaction_kept(photo), photo.size)
    return actions.redact_photo(photo=photo, redaction=redaction, actor=actor)


def _said(request: HttpRequest, photo: Photo, now: Redaction, size: Size) -> Redaction:
    """Return the redaction that a post asks for."""
    act = request.POST.get("act", "")
    if act == "save":
        said, seen = (request.POST.get(f"{name}-{photo.id}", "") for name in ("redaction", "seen"))
        if photo.state == PhotoState.PUBLISHED:
            return redaction_said(said, size)
        return redaction_seen(said, seen, photo)
    if act == "uncrop":
        return Redaction(now.boxes)
    if act.startswith("remove-"):
        place = act.removeprefix("remove-")
        return Redaction(
            tuple(box for number, box in enumerate(now.boxes) if str(number) != place), now.crop
        )
    drawn = _drawn(request, photo, size)
    boxes = [box.as_dict() for box in now.boxes]
    if request.POST.get("tool") == "crop":
        return redaction_of(boxes, drawn.as_dict(), size)
    crop = now.crop.as_dict() if now.crop else None
    return redaction_of([*boxes, drawn.as_dict()], crop, size)


def _drawn(request: HttpRequest, photo: Photo, size: Size) -> Box:
    """Return the box of two clicks, or of four typed percentages."""
    second = _clicked(request, photo)
    if second is not None:
        x, y = _numbers(request.POST.get("first", "").split(","), 2)
        (left, right), (top, bottom) = sorted((x, second[0])), sorted((y, second[1]))
        return Box(left, top, max(right, left + 1), max(bottom, top + 1))
    shares = _numbers([request.POST.get(name, "") for name in _SIDES], 4)
    left, top, right, bottom = (
        share * side // 100
        for share, side in zip(shares, (size.width_px, size.height_px) * 2, strict=True)
    )
    return Box(left, top, right, bottom)


def _numbers(texts: list[str], count: int) -> list[int]:
    numbers = [int(text) for text in texts if text.strip().isdecimal() and len(text) < 6]
    if len(numbers) != count:
        raise BadInput(_("Give the four sides of the box as whole percentages, 0 to 100."))
    return numbers


def _clicked(request: HttpRequest, photo: Photo) -> tuple[int, int] | None:
    """Return where a click lies in the photo; a key pressed at the picture's corner is none."""
    x, y = (request.POST.get(f"corner.{axis}", "") for axis in "xy")
    if not (x.isdecimal() and y.isdecimal() and len(x) < 6 and len(y) < 6) or x == y == "0":
        return None
    size = photo.public_size if photo.state == PhotoState.PUBLISHED else photo.size
    scale = size.width_px / _picker_px(request)
    return math.floor(int(x) * scale), math.floor(int(y) * scale)


def _has_one_corner(request: HttpRequest) -> bool:
    return "corner.x" in request.POST and not request.POST.get("first")


def _picker_px(request: HttpRequest) -> int:
    asked = request.POST.get("picker") or request.GET.get("picker") or ""
    return _PICKER_PX.get(asked, _PICKER_PX["small"])


def _is_from_a_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _as_bad_input(error: Refusal | BoxError) -> Refusal:
    if isinstance(error, Refusal):
        return error
    return BadInput(_("A box or the crop lies beside the photo, or is empty; draw it anew."))


def _page(
    request: HttpRequest,
    photo: Photo,
    *,
    first: tuple[int, int] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    shown = boxes_of(photo)
    size = photo.public_size if shown.is_public else photo.size
    width_px = _picker_px(request)
    context = {
        "photo": photo,
        "shown": shown,
        "first": f"{first[0]},{first[1]}" if first else "",
        "tool": request.POST.get("tool", "box"),
        "picker": "large" if width_px == _PICKER_PX["large"] else "small",
        "width_px": width_px,
        "height_px": max(1, round(width_px * size.height_px / size.width_px)),
        "boxes": () if shown.is_public else redaction_kept(photo).boxes,
        "has_crop": photo.crop is not None and not shown.is_public,
        "back": _back(photo),
        "refusal": refusal,
        "desk": "queue",
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/boxes.html", context, status=status)


def _back(photo: Photo) -> str:
    """Return the address of the page on which the photo is decided."""
    claim = photo.sighting.claim
    if claim is not None and claim.device_id is not None and claim.is_verified:
        return reverse("moderation_device", args=[claim.device_id])
    return reverse("moderation_report", args=[photo.sighting_id])


urlpatterns: list[URLPattern] = [
    path("moderation/photos/<uuid:id>/boxes/", photo_boxes, name="photo_boxes"),
]
plain_urlpatterns: list[URLPattern] = [
    path("moderation/photos/<uuid:id>/", quarantine_photo, name="quarantine_photo"),
]
