"""What of a photo has had its time, and goes: copies, undecided photos, files without a row."""

import datetime

from django.db import transaction
from django.utils import timezone

from mapper.photos import storage
from mapper.photos.models import Photo, PhotoState
from mapper.photos.rows import (
    PRIVATE,
    delete_files_later,
    delete_later,
    half_day,
    leave_private,
    let_go_of_copies,
    locked,
)
from mapper.sightings.models import Sighting
from mapper.sightings.vocabulary import SightingState

UPLOAD_LIFE = datetime.timedelta(minutes=9)
PIXEL_COPY_LIFE = datetime.timedelta(days=7)
PIXEL_COPY_LIFE_DECIDED = datetime.timedelta(hours=24)
UNDECIDED_LIFE = datetime.timedelta(days=30)
WAITED_TOO_LONG = "waited_too_long"


@transaction.atomic
def settle_photos(*, sighting: Sighting) -> None:
    """At the decision: erase what the photos said of the walk; their copies have a day left."""
    expiry = half_day(timezone.now() + PIXEL_COPY_LIFE_DECIDED)
    for photo in Photo.objects.select_for_update().filter(sighting=sighting).order_by("id"):
        for name, nothing in PRIVATE.items():
            setattr(photo, name, nothing)
        if photo.pixel_copy_expires_at is not None:
            photo.pixel_copy_expires_at = min(half_day(photo.pixel_copy_expires_at), expiry)
        elif photo.covered_name:
            photo.pixel_copy_expires_at = expiry
        photo.save()


def purge_photos() -> int:
    """Delete what has had its time; return how many."""
    now = timezone.now()
    gone = 0
    for photo in Photo.objects.undecided(since=now - UNDECIDED_LIFE):
        _give_up(photo=photo)
        gone += 1
    for photo in Photo.objects.filter(pixel_copy_expires_at__lte=now).select_related("sighting"):
        _drop_pixel_copy(photo=photo)
        gone += 1
    return gone + sweep_photo_files(age_s=UPLOAD_LIFE.total_seconds())


def sweep_photo_files(*, age_s: float) -> int:
    """Delete files of photos older than so long that no row names; return how many."""
    # Files first, rows after: a file that a row has named meanwhile is never an orphan.
    folders = {folder: set(storage.older_than(folder, age_s)) for folder in _folders()}
    if not any(folders.values()):
        return 0
    known = {name for names in Photo.objects.file_names() for name in names if name}
    return sum(storage.sweep(folder, known=known, age_s=age_s) for folder in folders)


def _folders() -> tuple[storage.Place, storage.Place]:
    return storage.quarantine(), storage.media()


@transaction.atomic
def _give_up(*, photo: Photo) -> None:
    """Delete a photo that nobody decided on for so long, with all that it said of the walk."""
    photo = locked(photo)
    if photo.state not in (PhotoState.RECEIVED, PhotoState.AWAITING_REVIEW):
        return
    delete_files_later([photo])
    photo.upload_name = ""
    let_go_of_copies(photo)
    photo.removed = []
    photo.failure = WAITED_TOO_LONG
    leave_private(photo, state=PhotoState.KEPT_BACK)


@transaction.atomic
def _drop_pixel_copy(*, photo: Photo) -> None:
    """Delete copies that have had their time.

    Of an undecided photo the covered one stays for the moderators, if anything covered it;
    otherwise nothing is left that could wait for them.
    """
    is_undecided = photo.sighting.state in (SightingState.RECEIVED, SightingState.QUESTION_ASKED)
    photo = locked(photo)
    is_covered = bool(photo.covered_name) and (photo.is_searched or bool(photo.boxes))
    if photo.state == PhotoState.AWAITING_REVIEW and is_undecided and is_covered:
        delete_later(storage.quarantine(), [photo.pixel_name])
        photo.pixel_name, photo.boxes, photo.pixel_copy_expires_at = "", [], None
        photo.save()
        return
    let_go_of_copies(photo)
    if photo.state in (PhotoState.AWAITING_REVIEW, PhotoState.RECEIVED):
        delete_later(storage.quarantine(), [photo.upload_name])
        photo.upload_name = ""
        leave_private(photo, state=PhotoState.KEPT_BACK)
    else:
        photo.save()
