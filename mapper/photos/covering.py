"""Covers a photo: what a moderator sees of it, and the public copy in which it can't be undone.

The source is the pixel copy while it is there; after that only covered pictures are left, in which
boxes can be added and none removed.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from mapper import sandbox
from mapper.errors import BadInput, Conflict
from mapper.photos import storage
from mapper.photos.boxes import MOST_BOXES, Box, BoxError, Redaction, Size, parse, redaction_of
from mapper.photos.models import Photo, PhotoState
from mapper.photos.rows import delete_later, locked
from mapper.photos.scan import is_clean_jpeg

WALL_S = 20.0
CPU_S = 10
MEMORY_BYTES = 700_000_000


class CoveringError(Conflict):
    """No covered copy could be made."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A covered picture, its thumbnail, and its size."""

    parts: tuple[bytes, bytes]
    size: Size

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can keep it; `from_dict` reads that."""
        return {
            "parts": [b64encode(part).decode() for part in self.parts],
            "size": [self.size.width_px, self.size.height_px],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Covered":
        """Return what `as_dict` kept."""
        picture, thumbnail = (b64decode(part) for part in kept["parts"])
        return cls((picture, thumbnail), Size(*kept["size"]))


def rendered(data: bytes, redaction: Redaction) -> Covered:
    """Return a copy with its boxes filled and its crop applied, or raise CoveringError."""
    try:
        answer = sandbox.call(
            "mapper.photos.redaction:cover",
            data,
            wall_s=WALL_S,
            cpu_s=CPU_S,
            memory_bytes=MEMORY_BYTES,
            options={
                "boxes": [box.sides for box in redaction.boxes],
                "crop": redaction.crop.sides if redaction.crop else None,
                "thumbnail_px": settings.THUMBNAIL_LONG_SIDE_PX,
            },
        )
    except sandbox.SandboxError:
        raise CoveringError(_("No covered copy of this photo could be made; try again.")) from None
    sides = [answer.values.get("width_px"), answer.values.get("height_px")]
    if len(answer.parts) != 2 or not all(is_clean_jpeg(part) for part in answer.parts):
        raise CoveringError(
            _("The copy of this photo holds more than pixels; it is not published.")
        )
    width_px, height_px = (side if type(side) is int and side > 0 else 1 for side in sides)
    return Covered((answer.parts[0], answer.parts[1]), Size(width_px, height_px))


def redaction_said(text: str, size: Size) -> Redaction:
    """Return what a form says of a photo's boxes and crop, or raise BadInput."""
    try:
        return parse(text, size)
    except BoxError as error:
        words = {
            "too_many": _("More than %(most)d boxes: make larger ones.") % {"most": MOST_BOXES},
            "not_a_box": _("A box or the crop lies beside the photo, or is empty; draw it anew."),
        }
        unreadable = _("The boxes of this photo can't be read; load the page again.")
        raise BadInput(words.get(error.reason, unreadable), code="boxes-unusable") from None


def redaction_seen(text: str, mark: str, photo: Photo) -> Redaction:
    """Return what a page says is covered, if it knew what is; else boxes of another could go."""
    said, kept = redaction_said(text, photo.size), redaction_kept(photo)
    if said != kept and mark != kept.mark:
        raise Conflict(
            _("The boxes of a photo were changed elsewhere meanwhile; load the page again.")
        )
    return said


def redaction_kept(photo: Photo) -> Redaction:
    """Return what the row says is to be covered in its source."""
    return redaction_of(photo.boxes, photo.crop, photo.size)


@transaction.atomic
def redact_photo(*, photo: Photo, redaction: Redaction) -> Photo:
    """Keep a moderator's boxes and crop of an unpublished photo, and cover what is shown of it."""
    photo = locked(photo)
    if photo.state not in (PhotoState.AWAITING_REVIEW, PhotoState.KEPT_BACK):
        raise Conflict(_("This photo was decided on meanwhile; reload the page."))
    return keep_redaction(photo, redaction)


def keep_redaction(photo: Photo, redaction: Redaction) -> Photo:
    """Write boxes and crop into a locked row, and the copy that shows them into quarantine."""
    covered = rendered(source_of(photo), Redaction(redaction.boxes))
    delete_later(storage.quarantine(), [photo.covered_name, photo.covered_thumbnail_name])
    photo.covered_name, photo.covered_thumbnail_name = (
        storage.write(storage.quarantine(), part, suffix=storage.PICTURE) for part in covered.parts
    )
    # Without a pixel copy they are in the picture for good, and nothing is left to say.
    photo.boxes = [box.as_dict() for box in redaction.boxes] if photo.pixel_name else []
    photo.crop = redaction.as_dict()["crop"]
    photo.save()
    return photo


def source_of(photo: Photo) -> bytes:
    """Return the copy that is covered for the public: of pixels, later only a covered one."""
    copy = storage.read(storage.quarantine(), photo.pixel_name or photo.covered_name)
    if copy is None:
        raise Conflict(_("The copy of this photo is not there (any more); it can't be published."))
    return copy


def write_public(photo: Photo, covered: Covered) -> None:
    """Put a covered picture among the public files, under new names, in place of an older one."""
    delete_later(storage.media(), [photo.public_name, photo.public_thumbnail_name])
    photo.public_name, photo.public_thumbnail_name = (
        storage.write(storage.media(), part, suffix=storage.PICTURE) for part in covered.parts
    )
    photo.public_width_px, photo.public_height_px = covered.size.width_px, covered.size.height_px


@transaction.atomic
def cover_more(*, photo: Photo, boxes: tuple[Box, ...]) -> Photo:
    """Cover more of a public photo: a new copy under a new name takes the old one's place.

    The boxes are in pixels of the public copy.
    """
    photo = locked(photo)
    if photo.state != PhotoState.PUBLISHED:
        raise Conflict(_("This photo is not public; reload the page."))
    if not boxes:
        raise BadInput(_("No box was drawn: draw one around what must be covered."))
    if photo.pixel_name:
        kept = redaction_kept(photo)
        right, down = (kept.crop.left, kept.crop.top) if kept.crop else (0, 0)
        added = tuple(box.moved(right, down) for box in boxes)
        keep_redaction(photo, Redaction(kept.boxes + added, kept.crop))
        covered = rendered(source_of(photo), redaction_kept(photo))
    else:
        public = storage.read(storage.media(), photo.public_name)
        if public is None:
            raise Conflict(_("This photo is not public; reload the page."))
        covered = rendered(public, Redaction(boxes))
    write_public(photo, covered)
    photo.save()
    return photo
