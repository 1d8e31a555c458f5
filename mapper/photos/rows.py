"""What every action on a photo's row shares: its lock, what is erased, files that go afterwards.

Files are written before the row that names them is, and deleted after the row has let go of them.
"""

import datetime
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from mapper.photos import storage
from mapper.photos.models import Photo, PhotoState

PRIVATE = {
    "phone_key": None,
    "body_key": "",
    "arrived_at": None,
    "exif_location": None,
    "exif_accuracy_m": None,
    "exif_direction_deg": None,
    "exif_direction_reference": "",
    "captured_local": "",
    "captured_offset": "",
}


def locked(photo: Photo) -> Photo:
    """Return the row as it is now, locked."""
    return Photo.objects.select_for_update().get(id=photo.id)


def leave_private(photo: Photo, *, state: PhotoState) -> None:
    """Save a photo in a state in which nothing private may be left."""
    for name, nothing in PRIVATE.items():
        setattr(photo, name, nothing)
    photo.state = state
    photo.save()


def let_go_of_copies(photo: Photo) -> None:
    """Let go of all unpublished copies of a photo, and of what was to be covered in them."""
    delete_later(
        storage.quarantine(),
        [photo.search_name, photo.pixel_name, photo.covered_name, photo.covered_thumbnail_name],
    )
    photo.search_name = photo.pixel_name = ""
    photo.covered_name = photo.covered_thumbnail_name = ""
    photo.boxes, photo.crop = [], None
    photo.pixel_copy_expires_at = None


def delete_files_later(photos: Iterable[Photo]) -> None:
    """Delete every file of photos once the transaction has let go of them."""
    for photo in photos:
        private = [photo.upload_name, photo.search_name, photo.pixel_name]
        private += [photo.covered_name, photo.covered_thumbnail_name]
        delete_later(storage.quarantine(), private)
        delete_later(storage.media(), [photo.public_name, photo.public_thumbnail_name])


def delete_later(place: storage.Place, names: Iterable[str]) -> None:
    """Delete files once the transaction has let go of them."""
    transaction.on_commit(partial(storage.remove, place, [name for name in names if name]))


def half_day(moment: datetime.datetime) -> datetime.datetime:
    """Return the midnight or noon before: to the second it would date the report or its decision.

    A copy so lives 12 to 24 hours after the decision.
    """
    hour = moment.hour // 12 * 12
    return moment.replace(hour=hour, minute=0, second=0, microsecond=0)
