"""Photos that staff send one by one: each joins the report of its spot, or begins one.

Nothing of a sending is kept here. The browser holds a signed list of its last spots, and sends it
along with the next photo; the digests of what was taken stay in the report that staff download.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction

from geo.errors import GeoError
from geo.position import LonLat
from geo.spots import Shot, is_same_spot, taken_at
from mapper.intake.incoming import IncomingPhoto, forget, read_incoming
from mapper.intake.ledger import KNOWN, REFUSED, TAKEN
from mapper.intake.phone import key_of_phone_id
from mapper.intake.placing import place_report
from mapper.intake.report import ReportErrors, ReportInput
from mapper.intake.taking import take_together
from mapper.photos.actions import clean_photo, receive_photo
from mapper.photos.models import Photo, PhotoState
from mapper.photos.reading import PhotoRefusedError
from mapper.photos.refusals import reason_in_words
from mapper.sightings.facts import position_of
from mapper.sightings.models import Sighting
from mapper.sightings.vocabulary import SightingState
from mapper.trust.models import Obstacle

# Files come in the order of their times: a spot that has not been met for so long is over.
MOST_SPOTS = 8
SPOTS_LIFE_S = 86_400
_SALT = "intake.spots"


class _LeftOut(Exception):
    """A photo can't be taken; the message is the reason in words."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A report of this sending, and the first shot of it."""

    sighting_id: UUID
    first: Shot


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a photo; `spots` goes along with the next one."""

    result: str
    reason: str = ""
    sha256: str = ""
    spots: tuple[Spot, ...] = ()
    is_new_report: bool = False


def take_arrival(
    *,
    data: bytes,
    report: ReportInput,
    spots: Sequence[Spot] = (),
    upload_id: UUID | None = None,
    known: Collection[str] = (),
) -> Arrival:
    """Take one photo, unless its digest is `known`; the same `upload_id` again changes nothing."""
    digest = hashlib.sha256(data).hexdigest()
    before = tuple(spots)
    if digest in known:
        return Arrival(KNOWN, "", digest, before)
    key = key_of_phone_id(upload_id, "photo") if upload_id else None
    there = _photo_of(key)
    try:
        if there is None:
            return _take(data, digest, report, before, key)
    except _LeftOut as why:
        return Arrival(REFUSED, str(why), digest, before)
    except IntegrityError:
        # The browser gave up on its first try, which was taken meanwhile.
        there = _photo_of(key)
        if there is None:
            raise
    return Arrival(TAKEN, "", digest, _met(before, _spot_of(there)))


def signed(spots: Sequence[Spot]) -> str:
    """Return spots as what a browser holds."""
    said = [
        [
            str(spot.sighting_id),
            spot.first.position.lon,
            spot.first.position.lat,
            spot.first.taken_at.isoformat() if spot.first.taken_at else "",
        ]
        for spot in spots
    ]
    return signing.dumps(said, salt=_SALT, compress=True) if said else ""


def read_spots(token: str) -> tuple[Spot, ...]:
    """Return the spots that a browser holds; a token that is foreign or a day old has none."""
    if not token:
        return ()
    try:
        said = signing.loads(token, salt=_SALT, max_age=SPOTS_LIFE_S)
        return tuple(_read_spot(one) for one in said)
    except (signing.BadSignature, ValueError, TypeError, GeoError):
        return ()


def _read_spot(said: Any) -> Spot:
    sighting_id, lon, lat, moment = said
    return Spot(UUID(sighting_id), Shot(LonLat(lon, lat), taken_at(moment)))


def _take(
    data: bytes, digest: str, report: ReportInput, spots: tuple[Spot, ...], key: str | None
) -> Arrival:
    """Take a photo that is not here yet; raise _LeftOut with the reason where it can't be."""
    try:
        incoming = read_incoming(data)
    except PhotoRefusedError as refused:
        raise _LeftOut(reason_in_words(refused.reason)) from None
    try:
        placed = place_report(report=report, photos=[incoming])
        shot = Shot(placed.position, taken_at(incoming.facts.captured_local))
        met, photo = _met_report(spots, shot, incoming, key)
        spot = met or _begin(incoming, report, shot, key)
    except ReportErrors as errors:
        forget([incoming])
        raise _LeftOut(errors.message) from None
    except BaseException:
        forget([incoming])
        raise
    if photo is not None:
        _clean(photo)
    return Arrival(TAKEN, "", digest, _met(spots, spot), is_new_report=met is None)


def _met_report(
    spots: Sequence[Spot], shot: Shot, incoming: IncomingPhoto, key: str | None
) -> tuple[Spot | None, Photo | None]:
    """Let a photo join the report of its spot; return both, or nothing where there is none."""
    for spot in spots:
        if is_same_spot(spot.first, shot):
            photo = _join(spot.sighting_id, incoming, key)
            if photo is not None:
                return spot, photo
    return None, None


def _begin(incoming: IncomingPhoto, report: ReportInput, shot: Shot, key: str | None) -> Spot:
    """Make a report of a photo; raise _LeftOut with the reason where it can't be read."""
    begun: list[UUID] = []

    def note(sighting_id: UUID) -> None:
        Photo.objects.filter(sighting=sighting_id).update(phone_key=key)
        begun.append(sighting_id)

    failures = take_together(report=report, photos=[incoming], import_name="", before_commit=note)
    if failures:
        raise _LeftOut(failures[incoming.upload_name])
    return Spot(begun[0], shot)


@transaction.atomic
def _join(sighting_id: UUID, incoming: IncomingPhoto, key: str | None) -> Photo | None:
    """Add a photo to a report that nobody has decided; None where that takes no more."""
    # Locked: no decision falls, and no seventh photo comes, meanwhile.
    sighting = (
        Sighting.objects.select_for_update(of=("self",))
        .filter(id=sighting_id, state=SightingState.RECEIVED, passage__obstacle=Obstacle.IMPORTED)
        .first()
    )
    if sighting is None or sighting.photos.count() >= settings.MAX_PHOTOS_PER_REPORT:
        return None
    # Whoever looks at it now decides on a version without this photo: that decision is refused.
    sighting.version += 1
    sighting.save(update_fields=["version"])
    return receive_photo(
        sighting=sighting,
        upload_name=incoming.upload_name,
        facts=incoming.facts,
        may_be_public=sighting.photo_use == "public",
        phone_key=key,
    )


def _clean(photo: Photo) -> None:
    """Make the pixel copy at once; where that can't be, let go of the photo."""
    cleaned = clean_photo(photo_id=photo.id) or Photo.objects.filter(id=photo.id).first()
    if cleaned is not None and cleaned.state == PhotoState.FAILED:
        reason = reason_in_words(cleaned.failure)
        cleaned.delete()
        raise _LeftOut(reason)


def _photo_of(key: str | None) -> Photo | None:
    if key is None:
        return None
    return Photo.objects.select_related("sighting").filter(phone_key=key).first()


def _spot_of(photo: Photo) -> Spot | None:
    """Return the spot that an earlier try of a photo met or began."""
    position = position_of(photo.exif_location)
    if position is None:
        return None
    return Spot(photo.sighting_id, Shot(position, taken_at(photo.captured_local)))


def _met(spots: tuple[Spot, ...], spot: Spot | None) -> tuple[Spot, ...]:
    """Return spots with the one just met; those not met for longest are left out."""
    if spot is None:
        return spots
    ids = [known.sighting_id for known in spots]
    if spot.sighting_id in ids:
        return spots
    return (*spots, spot)[-MOST_SPOTS:]
