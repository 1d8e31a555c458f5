"""Moves a photo along its way: received, cleaned, published or kept back, and gone.

The row is the truth. Files are written before the row that names them is, and deleted after the
row has let go of them; what a crash leaves between is swept by `purge_photos`.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper.errors import BadInput, Conflict, Forbidden
from mapper.photos import storage
from mapper.photos.boxes import Redaction
from mapper.photos.cleaning import (
    clean_photo,
    clean_stuck_photos,
    copy_photo,
    request_search,
    search_photo,
)
from mapper.photos.covering import (
    Covered,
    cover_more,
    keep_redaction,
    redact_photo,
    redaction_kept,
    rendered,
    source_of,
    write_public,
)
from mapper.photos.cropping import check_crop
from mapper.photos.models import GATE, LinkedPicture, Photo, PhotoFlag, PhotoState
from mapper.photos.purging import (
    PIXEL_COPY_LIFE,
    UPLOAD_LIFE,
    purge_photos,
    settle_photos,
    sweep_photo_files,
)
from mapper.photos.reading import PhotoFacts
from mapper.photos.rows import delete_files_later, delete_later, leave_private, let_go_of_copies
from mapper.photos.rows import locked as _locked
from mapper.photos.scan import is_clean_jpeg
from mapper.sightings.facts import point_of
from mapper.sightings.models import Claim, Device, Sighting

__all__ = [
    "UPLOAD_LIFE",
    "clean_photo",
    "clean_stuck_photos",
    "copy_photo",
    "cover_more",
    "delete_photo",
    "delete_photos_of",
    "hide_photo",
    "hide_photos_of",
    "keep_photo_back",
    "keep_upload",
    "publish_photo",
    "purge_photos",
    "receive_photo",
    "redact_photo",
    "request_search",
    "search_photo",
    "settle_photos",
    "sweep_photo_files",
    "unlink_pictures",
]


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


def publish_photo(
    *, photo: Photo, gate: Collection[str], redaction: Redaction | None = None
) -> Photo:
    """Make a photo public that the walker allowed and a moderator has looked through.

    `gate` names what the moderator looked for; all of `models.GATE` must be in it. `redaction` is
    what the moderator saw covered; None is what the row says.
    """
    _check_gate(gate)
    with transaction.atomic():
        photo = _locked(photo)
        if photo.state == PhotoState.PUBLISHED:
            return photo
        if not photo.may_be_public:
            raise Forbidden(_("Whoever sent this photo gave it to the moderators only."))
        kept = redaction_kept(photo)
        check_crop(photo, kept if redaction is None else redaction)
        if redaction is not None and redaction != kept:
            keep_redaction(photo, redaction)
            kept = redaction_kept(photo)
        write_public(photo, rendered(source_of(photo), kept))
        photo.gate = [name for name in GATE if name in gate]
        leave_private(photo, state=PhotoState.PUBLISHED)
        return photo


@transaction.atomic
def pass_photo(*, photo: Photo, gate: Collection[str]) -> None:
    """Note that a moderator looked a photo through that waits; it stays where it is."""
    _check_gate(gate)
    photo = _locked(photo)
    if photo.state != PhotoState.AWAITING_REVIEW or not photo.covered_name:
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
    delete_later(storage.media(), [photo.public_name, photo.public_thumbnail_name])
    delete_later(storage.quarantine(), [photo.upload_name, photo.search_name])
    photo.public_name = photo.public_thumbnail_name = ""
    photo.upload_name = photo.search_name = ""
    photo.public_width_px = photo.public_height_px = None
    leave_private(photo, state=PhotoState.KEPT_BACK)
    return photo


@transaction.atomic
def hide_photo(*, photo: Photo) -> Photo:
    """Take a public photo off the site at once, such as after an objection."""
    if _locked(photo).state != PhotoState.PUBLISHED:
        raise Conflict(_("This photo is not public; reload the page."))
    return keep_photo_back(photo=photo)


@transaction.atomic
def unlink_pictures(*, claims: QuerySet[Claim]) -> None:
    """Forget which pictures of other sites these claims hold up."""
    LinkedPicture.objects.filter(claim__in=claims).delete()


@transaction.atomic
def hide_photos_of(*, device: Device) -> None:
    """Take the photos of a private home's device off the site."""
    # Not `public()`: that leaves a private home's photos out, and these are to be taken down.
    published = Photo.objects.filter(state=PhotoState.PUBLISHED, sighting__claim__device=device)
    for photo in published.order_by("id"):
        hide_photo(photo=photo)


@transaction.atomic
def show_photo_again(*, photo: Photo, copies: Covered | None) -> None:
    """Publish a photo again that was hidden, from its copies; no flag hides it any more."""
    photo = _locked(photo)
    if copies is None or not all(is_clean_jpeg(part) for part in copies.parts):
        raise Conflict(_("The copy of this photo is not there (any more); it can't be published."))
    write_public(photo, copies)
    photo.flag = PhotoFlag.KEPT if photo.flag else PhotoFlag.NONE
    leave_private(photo, state=PhotoState.PUBLISHED)


def public_copies(*, photo: Photo) -> Covered | None:
    """Return the public files of a photo; None where one is missing."""
    names = (photo.public_name, photo.public_thumbnail_name)
    picture, thumbnail = (storage.read(storage.media(), name) if name else None for name in names)
    return Covered((picture, thumbnail), photo.public_size) if picture and thumbnail else None


@transaction.atomic
def delete_photo(*, photo: Photo) -> Photo:
    """Delete all files of a photo and what its row says; the row stays for the decisions on it."""
    photo = _locked(photo)
    delete_files_later([photo])
    let_go_of_copies(photo)
    photo.upload_name = photo.public_name = photo.public_thumbnail_name = ""
    photo.public_width_px = photo.public_height_px = None
    photo.removed, photo.gate, photo.failure = [], [], ""
    leave_private(photo, state=PhotoState.DELETED)
    return photo


@transaction.atomic
def delete_photos_of(*, sighting: Sighting) -> int:
    """Delete all photos of a report, rows too; return how many."""
    photos = list(Photo.objects.select_for_update().filter(sighting=sighting).order_by("id"))
    delete_files_later(photos)
    Photo.objects.filter(id__in=[photo.id for photo in photos]).delete()
    return len(photos)


def _check_gate(gate: Collection[str]) -> None:
    missing = [name for name in GATE if name not in gate]
    if missing:
        raise BadInput(
            _("Not everything was looked for: %(missing)s. Tick each point before publishing.")
            % {"missing": ", ".join(missing)},
            code="gate-incomplete",
        )
