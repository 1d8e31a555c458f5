"""Which photos may only be published as a crop to the device: those from near a school."""

from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from mapper.errors import Conflict
from mapper.photos.boxes import Redaction
from mapper.photos.models import Photo, PhotoState
from mapper.places.models import School

SCHOOL_REACH_M = 50.0
# A crop that leaves the street and the children in it is none.
LARGEST_SHARE = 0.5


class CropMissing(Conflict):
    """The photo is from near a school and would show more than the device."""


def needs_crop(photo: Photo) -> bool:
    """Return whether a school is within 50 m of where the photo's report, or its device, is."""
    return School.objects.are_near(_places(photo), within_m=SCHOOL_REACH_M)


def check_crop(photo: Photo, redaction: Redaction) -> None:
    """Refuse to publish a photo from near a school that is not cropped to half of it or less."""
    if _share(photo, redaction) > LARGEST_SHARE and needs_crop(photo):
        raise CropMissing(
            _(
                "A school is within 50 m: crop this photo to the device, to half of it or less, or "
                "leave it unpublished."
            ),
            code="crop-missing",
        )


def uncropped_near_schools() -> QuerySet[Photo]:
    """Return the published photos near a school that show more than a crop.

    They were published before the school was known, or the device was moved since.
    """
    near = School.objects.filter(
        area__dwithin=(OuterRef("sighting__claim__device__location"), D(m=SCHOOL_REACH_M))
    )
    shown = Cast(F("public_width_px") * F("public_height_px"), FloatField())
    return (
        Photo.objects.filter(state=PhotoState.PUBLISHED)
        .alias(shown_px=shown, whole_px=F("width_px") * F("height_px") * LARGEST_SHARE)
        .filter(Q(shown_px__gt=F("whole_px")), Exists(near))
        .order_by("id")
    )


def _share(photo: Photo, redaction: Redaction) -> float:
    crop, size = redaction.crop, photo.size
    if crop is None:
        return 1.0
    across, down = crop.right - crop.left, crop.bottom - crop.top
    return across * down / (size.width_px * size.height_px)


def _places(photo: Photo) -> list[Point]:
    """Return where the report says that it is, and where it was put since."""
    claim = photo.sighting.claim
    device = claim.device if claim is not None else None
    rows = [photo.sighting, *(row for row in (claim, device) if row is not None)]
    places = [photo.exif_location, *(row.location for row in rows)]
    return [place for place in places if place is not None]
