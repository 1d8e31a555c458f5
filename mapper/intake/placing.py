"""Where is what a report speaks of? What the walker set, then the photo's position, then nothing.

Never the place of upload, never 0, 0, never a fix worse than 50 m, and nothing where nothing is
taken.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from geo.errors import GeoError
from geo.partial_date import parse_partial_date
from geo.position import LonLat
from mapper.intake.incoming import IncomingPhoto
from mapper.intake.report import EARLIEST_YEAR, ReportErrors, ReportInput
from mapper.places.models import ExcludedArea
from mapper.sightings.actions import survivor_of
from mapper.sightings.days import today
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import PositionSource

MOST_ACCURACY_M = 50.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where it is, what says so, and the known device that it confirms."""

    position: LonLat
    source: str
    device: Device | None


def place_report(*, report: ReportInput, photos: Sequence[IncomingPhoto] = ()) -> Placed:
    """Return where a report is.

    Raises
    ------
    ReportErrors
        Where nothing says it, its device is not known, or nothing is taken there.
    """
    device = confirmed_device(report)
    position, source = _position(report, photos, device)
    if ExcludedArea.objects.cover(position):
        raise ReportErrors(
            {
                "place": _(
                    "Nothing is taken at this place: what stands there is not mapped, to protect "
                    "the people there. If the place is wrong, show the right one."
                )
            }
        )
    return Placed(position, source, device)


def confirmed_device(report: ReportInput) -> Device | None:
    """Return the device on the map that a report speaks of; a merged one leads to its survivor."""
    if report.device is None:
        return None
    device = Device.objects.filter(id=report.device).first()
    if device is not None:
        device = survivor_of(device)
    if device is None or not Device.objects.shown().filter(id=device.id).exists():
        raise ReportErrors({"device": _("There is no device with this id; leave the field empty.")})
    return device


def seen_on(*, report: ReportInput, photos: Sequence[IncomingPhoto] = ()) -> str:
    """Return the day of the walk: what was said, then the photo's, then today."""
    if report.seen_on:
        return report.seen_on
    for photo in photos:
        try:
            day = parse_partial_date(photo.facts.captured_local[:10]).first_day
        except GeoError:
            continue
        if day.year >= EARLIEST_YEAR and day <= today() + datetime.timedelta(days=1):
            return day.isoformat()
    return today().isoformat()


def _position(
    report: ReportInput, photos: Sequence[IncomingPhoto], device: Device | None
) -> tuple[LonLat, str]:
    if report.position is not None:
        return report.position, PositionSource.WALKER
    for photo in photos:
        if photo.facts.position is not None and _is_sharp(photo):
            return photo.facts.position, PositionSource.PHOTO
    known = position_of(device.location) if device else None
    if device is not None and known is not None:
        return known, device.position_source
    raise ReportErrors({"place": _missing(photos)})


def _is_sharp(photo: IncomingPhoto) -> bool:
    return photo.facts.accuracy_m is None or photo.facts.accuracy_m <= MOST_ACCURACY_M


def _missing(photos: Sequence[IncomingPhoto]) -> str:
    """Return why a report without a place can't be taken, and what to do."""
    blurred = [photo for photo in photos if photo.facts.position is not None]
    if blurred:
        return _(
            "Your photo's position is only known to within %(accuracy)s m. "
            "Show on the map where it stands."
        ) % {"accuracy": round(blurred[0].facts.accuracy_m or 0)}
    if any(not photo.is_read for photo in photos):
        return _(
            "Reading your photo took too long, so its position is not known. The photo is kept: "
            "show on the map where it stands, then send again."
        )
    if photos:
        return _("Your photo holds no position. Show on the map where it stands.")
    return _("Say where it stands: on the map, or with a photo that holds its position.")
