"""From an upload to what a moderator sees: a copy of its pixels, searched for faces, covered.

Two steps, because the search takes seconds and the upload must not wait for it: the copies are
made and the upload is deleted first, then they are searched. A search that fails costs the photo
its automatic boxes and nothing else. What is not searched is ready after the first.
"""

import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mapper import sandbox
from mapper.photos import storage
from mapper.photos.boxes import Box, Redaction, Size, found_boxes
from mapper.photos.covering import CoveringError, rendered
from mapper.photos.models import Photo, PhotoState
from mapper.photos.rows import delete_later, leave_private
from mapper.photos.scan import is_clean_jpeg

# An upload is gone after 10 minutes at the latest: the sweep runs every minute.
STUCK_AFTER = datetime.timedelta(minutes=2)
# A search may wait behind hundreds; after so long its job was lost.
SEARCH_STUCK_AFTER = datetime.timedelta(hours=1)
COPYING_WALL_S = 30.0
COPYING_CPU_S = 15
SEARCH_WALL_S = 120.0
SEARCH_CPU_S = 120
MEMORY_BYTES = 1_500_000_000


def clean_photo(*, photo_id: UUID, is_searched: bool = True) -> Photo | None:
    """Copy a photo's pixels and search them, one after the other; safe to run twice or killed."""
    photo = copy_photo(photo_id=photo_id, is_searched=is_searched)
    return search_photo(photo_id=photo_id, is_searched=is_searched) or photo


def copy_photo(*, photo_id: UUID, is_searched: bool = True) -> Photo | None:
    """Make the pixel copies of an upload and delete it; what is not searched is covered by nothing.

    The decoding holds no lock, so that a decision never waits for it.
    """
    photo = Photo.objects.filter(id=photo_id, state=PhotoState.RECEIVED, pixel_name="").first()
    if photo is None:
        return None
    data = storage.read(storage.quarantine(), photo.upload_name)
    if data is None:
        return _finish_copying(photo, failure="upload_lost")
    is_searched = is_searched and settings.REDACTION_THREADS > 0
    second = (
        {"search_px": settings.SEARCH_LONG_SIDE_PX}
        if is_searched
        else {"thumbnail_px": settings.THUMBNAIL_LONG_SIDE_PX}
    )
    try:
        answer = sandbox.call(
            "mapper.photos.pixels:clean",
            data,
            wall_s=COPYING_WALL_S,
            cpu_s=COPYING_CPU_S,
            memory_bytes=MEMORY_BYTES,
            options={"long_side_px": settings.PHOTO_LONG_SIDE_PX, **second},
        )
    except sandbox.SandboxRefused as refused:
        return _finish_copying(photo, failure=refused.reason)
    except sandbox.SandboxTimeout:
        return _finish_copying(photo, failure="too_slow")
    except sandbox.SandboxCrash:
        return _finish_copying(photo, failure="broken")
    return _finish_copying(photo, answer=answer, is_searched=is_searched)


def search_photo(*, photo_id: UUID, is_searched: bool = True) -> Photo | None:
    """Search a copy for faces, cover what is found, and let the photo wait for a moderator.

    One that is not to be searched only gets its covered copy.
    """
    photo = Photo.objects.filter(id=photo_id, state=PhotoState.RECEIVED).exclude(pixel_name="")
    found = photo.first()
    if found is None:
        return None
    copy = storage.read(storage.quarantine(), found.pixel_name)
    if copy is None:
        return _finish_search(found, boxes=None, parts=(), failure="upload_lost")
    large = storage.read(storage.quarantine(), found.search_name) if is_searched else None
    boxes = _searched(large or copy, found.size) if is_searched else None
    try:
        covered = rendered(copy, Redaction(boxes or ()))
    except CoveringError:
        return _finish_search(found, boxes=None, parts=(), failure="broken")
    return _finish_search(found, boxes=boxes, parts=covered.parts)


def request_search(photo: Photo | None) -> None:
    """Ask for the search of a photo whose pixels are copied; of any other for nothing."""
    from mapper.photos.jobs import search

    if photo is not None and photo.state == PhotoState.RECEIVED and photo.pixel_name:
        search.defer(photo=str(photo.id))


def clean_stuck_photos() -> int:
    """Go on with photos whose own job was lost, and so let go of their uploads; return how many."""
    now = timezone.now()
    waiting = list(Photo.objects.stuck(since=now - STUCK_AFTER).values_list("id", flat=True))
    for photo_id in waiting:
        # Here and now: a job that only asked for another job could wait for ever behind others.
        request_search(copy_photo(photo_id=photo_id))
    unsearched = Photo.objects.unsearched(since=now - SEARCH_STUCK_AFTER)
    for photo_id in unsearched.values_list("id", flat=True)[:1]:
        search_photo(photo_id=photo_id)
        waiting.append(photo_id)
    return len(set(waiting))


def _searched(data: bytes, size: Size) -> tuple[Box, ...] | None:
    """Return boxes for the faces in a picture; None where it could not be searched."""
    if not settings.REDACTION_THREADS:
        return None
    try:
        answer = sandbox.call(
            "mapper.photos.faces:find",
            data,
            wall_s=SEARCH_WALL_S,
            cpu_s=SEARCH_CPU_S,
            memory_bytes=MEMORY_BYTES,
            options={"threads": settings.REDACTION_THREADS},
        )
        return found_boxes(_shares(answer.values.get("faces")), size)
    except (sandbox.SandboxError, ValueError):
        return None


def _shares(said: object) -> list[tuple[float, float, float, float]]:
    """Return what the sandbox found, checked like a stranger's words; ValueError where it lies."""
    if not isinstance(said, list):
        raise ValueError("no list of faces")
    shares = []
    for face in said:
        if not isinstance(face, list) or not all(type(side) in (int, float) for side in face):
            raise ValueError("no face")
        left, top, right, bottom = (float(side) for side in face)
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("no part of the picture")
        shares.append((left, top, right, bottom))
    return shares


def _finish_copying(
    photo: Photo,
    *,
    answer: sandbox.SandboxAnswer | None = None,
    failure: str = "",
    is_searched: bool = True,
) -> Photo | None:
    """Write what copying came to, unless the photo went another way meanwhile."""
    if answer and not _is_believed(answer, has_thumbnail=not is_searched):
        answer, failure = None, "not_clean"
    parts = answer.parts if answer else ()
    if not is_searched:
        # The copy once more: the covered one outlives it.
        parts = (*parts[:1], *parts)
    names = [storage.write(storage.quarantine(), part, suffix=storage.PICTURE) for part in parts]
    with transaction.atomic():
        now = Photo.objects.select_for_update().filter(id=photo.id).first()
        if now is None or now.state != PhotoState.RECEIVED or now.pixel_name:
            storage.remove(storage.quarantine(), names)
            return now
        delete_later(storage.quarantine(), [now.upload_name])
        now.upload_name = ""
        if answer is None:
            return _failed(now, failure)
        now.width_px, now.height_px = answer.values["width_px"], answer.values["height_px"]
        if is_searched:
            now.pixel_name, now.search_name = names[0], names[1] if len(names) > 1 else ""
        else:
            now.pixel_name, now.covered_name, now.covered_thumbnail_name = names
            now.state = PhotoState.AWAITING_REVIEW
        now.save()
        return now


def _finish_search(
    photo: Photo, *, boxes: tuple[Box, ...] | None, parts: tuple[bytes, ...], failure: str = ""
) -> Photo | None:
    """Write what was found and covered, unless the photo went another way meanwhile."""
    names = [storage.write(storage.quarantine(), part, suffix=storage.PICTURE) for part in parts]
    with transaction.atomic():
        now = Photo.objects.select_for_update().filter(id=photo.id).first()
        if now is None or now.state != PhotoState.RECEIVED:
            storage.remove(storage.quarantine(), names)
            return now
        delete_later(storage.quarantine(), [now.search_name])
        now.search_name = ""
        if failure:
            delete_later(storage.quarantine(), [now.pixel_name])
            now.pixel_name = ""
            return _failed(now, failure)
        now.covered_name, now.covered_thumbnail_name = names
        now.boxes = [box.as_dict() for box in boxes or ()]
        now.is_searched = boxes is not None
        now.state = PhotoState.AWAITING_REVIEW
        now.save()
        return now


def _failed(photo: Photo, failure: str) -> Photo:
    photo.failure = failure[:64]
    photo.pixel_copy_expires_at = None
    leave_private(photo, state=PhotoState.FAILED)
    return photo


def _is_believed(answer: sandbox.SandboxAnswer, *, has_thumbnail: bool) -> bool:
    """Return whether an answer is clean pictures: in the sandbox a hostile file may win."""
    sizes = [answer.values.get("width_px"), answer.values.get("height_px")]
    return (
        len(answer.parts) in ((2,) if has_thumbnail else (1, 2))
        and all(is_clean_jpeg(part) for part in answer.parts)
        and all(type(size) is int and 0 < size <= settings.PHOTO_LONG_SIDE_PX for size in sizes)
    )
