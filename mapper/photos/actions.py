"""Moves a photo along its way: received, cleaned, published or kept back, and gone.

The row is the truth. Files are written before the row that names them is, and deleted after the
row has let go of them; what a crash leaves between is swept by `purge_photos`.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper import sandbox
from mapper.errors import BadInput, Conflict, Forbidden
from mapper.photos import storage
from mapper.photos.models import GATE, Photo, PhotoFlag, PhotoState
from mapper.photos.reading import PhotoFacts
from mapper.photos.scan import is_clean_jpeg
from mapper.sightings.facts import point_of
from mapper.sightings.models import Device, Sighting

# An upload is gone after 10 minutes at the latest: the sweep runs every minute.
STUCK_AFTER = datetime.timedelta(minutes=2)
UPLOAD_LIFE = datetime.timedelta(minutes=9)
PIXEL_COPY_LIFE = datetime.timedelta(days=7)
PIXEL_COPY_LIFE_DECIDED = datetime.timedelta(hours=24)
CLEANING_WALL_S = 30.0
CLEANING_CPU_S = 15
CLEANING_MEMORY_BYTES = 1_500_000_000

_PRIVATE = {
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


def keep_upload(*, data: bytes) -> str:
    """Put a stranger's file in quarantine under a random name; return the name."""
    return storage.write(storage.quarantine(), data, suffix=storage.UPLOAD)


@transaction.atomic
def receive_photo(
    *,
    sighting: Sighting,
    upload_name: str,
    facts: PhotoFacts,
    may_be_public: bool,
    phone_key: str | None = None,
    body_key: str = "",
) -> Photo:
    """Note a file of the quarantine as a photo of a report, and ask for its cleaning."""
    from mapper.photos.jobs import clean

    now = timezone.now()
    photo = Photo.objects.create(
        sighting=sighting,
        upload_name=upload_name,
        may_be_public=may_be_public,
        phone_key=phone_key,
        body_key=body_key,
        removed=list(facts.removable),
        arrived_at=now,
        exif_location=point_of(facts.position),
        exif_accuracy_m=facts.accuracy_m,
        exif_direction_deg=facts.direction_deg,
        exif_direction_reference=facts.direction_reference,
        captured_local=facts.captured_local,
        captured_offset=facts.captured_offset,
        pixel_copy_expires_at=now + PIXEL_COPY_LIFE,
    )
    clean.defer(photo=str(photo.id))
    return photo


def clean_photo(*, photo_id: UUID) -> Photo | None:
    """Make the pixel copy and thumbnail of an upload and delete it; safe to run twice or killed.

    The decoding holds no lock, so that a decision never waits for it.
    """
    photo = Photo.objects.filter(id=photo_id, state=PhotoState.RECEIVED).first()
    if photo is None:
        return None
    data = storage.read(storage.quarantine(), photo.upload_name)
    if data is None:
        return _finish_cleaning(photo, failure="upload_lost")
    try:
        answer = sandbox.call(
            "mapper.photos.pixels:clean",
            data,
            wall_s=CLEANING_WALL_S,
            cpu_s=CLEANING_CPU_S,
            memory_bytes=CLEANING_MEMORY_BYTES,
            options={
                "long_side_px": settings.PHOTO_LONG_SIDE_PX,
                "thumbnail_px": settings.THUMBNAIL_LONG_SIDE_PX,
            },
        )
    except sandbox.SandboxRefused as refused:
        return _finish_cleaning(photo, failure=refused.reason)
    except sandbox.SandboxTimeout:
        return _finish_cleaning(photo, failure="too_slow")
    except sandbox.SandboxCrash:
        return _finish_cleaning(photo, failure="broken")
    return _finish_cleaning(photo, answer=answer)


def publish_photo(*, photo: Photo, gate: Collection[str]) -> Photo:
    """Make a photo public that the walker allowed and a moderator has looked through.

    `gate` names what the moderator looked for; all of `models.GATE` must be in it.
    """
    _check_gate(gate)
    with transaction.atomic():
        photo = _locked(photo)
        if photo.state == PhotoState.PUBLISHED:
            return photo
        if not photo.may_be_public:
            raise Forbidden(_("Whoever sent this photo gave it to the moderators only."))
        copies = [
            storage.read(storage.quarantine(), name)
            for name in (photo.pixel_name, photo.pixel_thumbnail_name)
        ]
        names = [_write_public(copy) for copy in copies]
        photo.public_name, photo.public_thumbnail_name = names
        photo.gate = [name for name in GATE if name in gate]
        _leave_private(photo, state=PhotoState.PUBLISHED)
        return photo


@transaction.atomic
def pass_photo(*, photo: Photo, gate: Collection[str]) -> None:
    """Note that a moderator looked a photo through that waits; it stays where it is."""
    _check_gate(gate)
    photo = _locked(photo)
    if photo.state != PhotoState.AWAITING_REVIEW or not photo.pixel_name:
        raise Conflict(_("There is no copy of this photo (any more)."))
    photo.gate = [name for name in GATE if name in gate]
    photo.save(update_fields=["gate"])


@transaction.atomic
def forget_gate(*, photo: Photo) -> None:
    """Take back that a photo was looked through which nobody has published."""
    photo = _locked(photo)
    if photo.state == PhotoState.PUBLISHED or not photo.gate:
        raise Conflict(_("Something happened to this photo since then; reload the page."))
    photo.gate = []
    photo.save(update_fields=["gate"])


@transaction.atomic
def keep_photo_back(*, photo: Photo) -> Photo:
    """Decide that a photo does not become public; its pixel copy goes with its time."""
    photo = _locked(photo)
    if photo.state == PhotoState.DELETED:
        return photo
    _delete_later(storage.media(), [photo.public_name, photo.public_thumbnail_name])
    _delete_later(storage.quarantine(), [photo.upload_name])
    photo.public_name = photo.public_thumbnail_name = photo.upload_name = ""
    _leave_private(photo, state=PhotoState.KEPT_BACK)
    return photo


@transaction.atomic
def hide_photo(*, photo: Photo) -> Photo:
    """Take a public photo off the site at once, such as after an objection."""
    if _locked(photo).state != PhotoState.PUBLISHED:
        raise Conflict(_("This photo is not public; reload the page."))
    return keep_photo_back(photo=photo)


@transaction.atomic
def hide_photos_of(*, device: Device) -> None:
    """Take the photos of a private home's device off the site."""
    # Not `public()`: that leaves a private home's photos out, and these are to be taken down.
    published = Photo.objects.filter(state=PhotoState.PUBLISHED, sighting__claim__device=device)
    for photo in published.order_by("id"):
        hide_photo(photo=photo)


@transaction.atomic
def show_photo_again(*, photo: Photo, copies: Sequence[bytes]) -> None:
    """Publish a photo again that was hidden, from copies; no flag hides it any more."""
    photo = _locked(photo)
    if not copies:
        raise Conflict(_("The copy of this photo is not there (any more); it can't be published."))
    photo.public_name, photo.public_thumbnail_name = (_write_public(copy) for copy in copies)
    photo.flag = PhotoFlag.KEPT if photo.flag else PhotoFlag.NONE
    _leave_private(photo, state=PhotoState.PUBLISHED)


def public_copies(*, photo: Photo) -> list[bytes]:
    """Return the public files of a photo, the thumbnail last; none where one is missing."""
    names = (photo.public_name, photo.public_thumbnail_name)
    copies = [storage.read(storage.media(), name) if name else None for name in names]
    return [copy for copy in copies if copy] if all(copies) else []


@transaction.atomic
def delete_photo(*, photo: Photo) -> Photo:
    """Delete all files of a photo and what its row says; the row stays for the decisions on it."""
    photo = _locked(photo)
    _delete_files_later([photo])
    _clear_names(photo)
    photo.removed, photo.gate, photo.failure = [], [], ""
    photo.pixel_copy_expires_at = None
    _leave_private(photo, state=PhotoState.DELETED)
    return photo


@transaction.atomic
def delete_photos_of(*, sighting: Sighting) -> int:
    """Delete all photos of a report, rows too; return how many."""
    photos = list(Photo.objects.select_for_update().filter(sighting=sighting).order_by("id"))
    _delete_files_later(photos)
    Photo.objects.filter(id__in=[photo.id for photo in photos]).delete()
    return len(photos)


@transaction.atomic
def settle_photos(*, sighting: Sighting) -> None:
    """At the decision: erase what the photos said of the walk; their copies have a day left."""
    expiry = _half_day(timezone.now() + PIXEL_COPY_LIFE_DECIDED)
    for photo in Photo.objects.select_for_update().filter(sighting=sighting).order_by("id"):
        for name, nothing in _PRIVATE.items():
            setattr(photo, name, nothing)
        if photo.pixel_copy_expires_at is not None:
            photo.pixel_copy_expires_at = min(_half_day(photo.pixel_copy_expires_at), expiry)
        photo.save()


def _half_day(moment: datetime.datetime) -> datetime.datetime:
    """Return the midnight or noon before: to the second it would date the report or its decision.

    A copy so lives 12 to 24 hours after the decision.
    """
    hour = moment.hour // 12 * 12
    return moment.replace(hour=hour, minute=0, second=0, microsecond=0)


def clean_stuck_photos() -> int:
    """Clean photos whose own job was lost, and so let go of their uploads; return how many."""
    waiting = Photo.objects.stuck(since=timezone.now() - STUCK_AFTER)
    ids = list(waiting.values_list("id", flat=True))
    for photo_id in ids:
        # Here and now: a job that only asked for another job could wait for ever behind others.
        clean_photo(photo_id=photo_id)
    return len(ids)


def purge_photos() -> int:
    """Delete what has had its time: pixel copies, and files that no row names."""
    now = timezone.now()
    gone = 0
    for photo in Photo.objects.filter(pixel_copy_expires_at__lte=now):
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


def _folders() -> tuple[Path, Path]:
    return storage.quarantine(), storage.media()


def _check_gate(gate: Collection[str]) -> None:
    missing = [name for name in GATE if name not in gate]
    if missing:
        raise BadInput(
            _("Not everything was looked for: %(missing)s. Tick each point before publishing.")
            % {"missing": ", ".join(missing)},
            code="gate-incomplete",
        )


def _locked(photo: Photo) -> Photo:
    """Return the row as it is now, locked."""
    return Photo.objects.select_for_update().get(id=photo.id)


def _leave_private(photo: Photo, *, state: PhotoState) -> None:
    """Save a photo in a state in which nothing private may be left."""
    for name, nothing in _PRIVATE.items():
        setattr(photo, name, nothing)
    photo.state = state
    photo.save()


def _finish_cleaning(
    photo: Photo, *, answer: sandbox.SandboxAnswer | None = None, failure: str = ""
) -> Photo | None:
    """Write what cleaning came to, unless the photo went another way meanwhile."""
    if answer and not _is_believed(answer):
        answer, failure = None, "not_clean"
    names = [
        storage.write(storage.quarantine(), part, suffix=storage.PICTURE)
        for part in (answer.parts if answer else ())
    ]
    with transaction.atomic():
        now = Photo.objects.select_for_update().filter(id=photo.id).first()
        if now is None or now.state != PhotoState.RECEIVED:
            storage.remove(storage.quarantine(), names)
            return now
        _delete_later(storage.quarantine(), [now.upload_name])
        now.upload_name = ""
        if answer is None:
            now.failure = failure[:64]
            now.pixel_copy_expires_at = None
            _leave_private(now, state=PhotoState.FAILED)
            return now
        now.pixel_name, now.pixel_thumbnail_name = names
        now.width_px, now.height_px = answer.values["width_px"], answer.values["height_px"]
        now.state = PhotoState.AWAITING_REVIEW
        now.save()
        return now


def _is_believed(answer: sandbox.SandboxAnswer) -> bool:
    """Return whether an answer is two clean pictures: in the sandbox a hostile file may win."""
    sizes = [answer.values.get("width_px"), answer.values.get("height_px")]
    return (
        len(answer.parts) == 2
        and all(is_clean_jpeg(part) for part in answer.parts)
        and all(type(size) is int and 0 < size <= settings.PHOTO_LONG_SIDE_PX for size in sizes)
    )


def _write_public(copy: bytes | None) -> str:
    """Put a pixel copy among the public files; return its new name."""
    if copy is None:
        raise Conflict(_("The copy of this photo is not there (any more); it can't be published."))
    if not is_clean_jpeg(copy):
        raise Conflict(_("The copy of this photo holds more than pixels; it is not published."))
    return storage.write(storage.media(), copy, suffix=storage.PICTURE)


@transaction.atomic
def _drop_pixel_copy(*, photo: Photo) -> None:
    """Delete a pixel copy that has had its time; without one, nothing waits for a moderator."""
    photo = _locked(photo)
    _delete_later(storage.quarantine(), [photo.pixel_name, photo.pixel_thumbnail_name])
    photo.pixel_name = photo.pixel_thumbnail_name = ""
    photo.pixel_copy_expires_at = None
    if photo.state == PhotoState.AWAITING_REVIEW:
        _leave_private(photo, state=PhotoState.KEPT_BACK)
    else:
        photo.save()


def _clear_names(photo: Photo) -> None:
    photo.upload_name = photo.pixel_name = photo.pixel_thumbnail_name = ""
    photo.public_name = photo.public_thumbnail_name = ""


def _delete_files_later(photos: Iterable[Photo]) -> None:
    """Delete every file of photos once the transaction has let go of them."""
    for photo in photos:
        private = [photo.upload_name, photo.pixel_name, photo.pixel_thumbnail_name]
        _delete_later(storage.quarantine(), private)
        _delete_later(storage.media(), [photo.public_name, photo.public_thumbnail_name])


def _delete_later(folder: Path, names: Iterable[str]) -> None:
    """Delete files once the transaction has let go of them."""
    transaction.on_commit(partial(storage.remove, folder, [name for name in names if name]))
