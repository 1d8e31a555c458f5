"""The photos of a report on their way in: checked, read in the sandbox, put in quarantine.

A form that comes back must not lose its photos: they wait in quarantine, at most ten minutes, and
the page holds a signed token with their random names. Each can be taken once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapper.photos import storage
from mapper.photos.actions import UPLOAD_LIFE, keep_upload
from mapper.photos.reading import PhotoFacts, PhotoRefusedError, read_photo
from mapper.photos.refusals import refusal_of

_SALT = "intake.kept"


@dataclass(frozen=True, slots=True)
class IncomingPhoto:
    """A file in quarantine, and what it tells; `is_read` is false where reading took too long."""

    upload_name: str
    facts: PhotoFacts
    is_read: bool = True


@dataclass(slots=True)
class Incoming:
    """The photos of one post, and a sentence for each that was not taken."""

    photos: list[IncomingPhoto] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def token(self) -> str:
        """Return what lets the next post use these photos again."""
        return kept_token([photo.upload_name for photo in self.photos])


def take_photos(*, files: "Sequence[UploadedFile[Any]]", kept: str) -> Incoming:
    """Return the photos of a post: those kept from the one before, then the new files."""
    incoming = Incoming()
    most = settings.MAX_PHOTOS_PER_REPORT
    names = kept_names(kept)
    if len(names) + len(files) > most:
        count = len(names) + len(files)
        incoming.errors.append(
            ngettext(
                "A report has at most %(most)s photos; %(count)s was sent.",
                "A report has at most %(most)s photos; %(count)s were sent. Send the others "
                "with a second report.",
                count,
            )
            % {"most": most, "count": count}
        )
    makers = [partial(_kept, name) for name in names[:most]]
    makers += [partial(_uploaded, file) for file in files[: max(0, most - len(names))]]
    for place, make in enumerate(makers, start=1):
        try:
            incoming.photos.append(make())
        except PhotoRefusedError as refused:
            incoming.errors.append(refusal_of(place, refused.reason))
    return incoming


def read_incoming(data: bytes) -> IncomingPhoto:
    """Read one photo in the sandbox and put it in quarantine.

    Raises
    ------
    PhotoRefusedError
        When it is none that is taken.
    """
    if len(data) > settings.MAX_PHOTO_BYTES:
        raise PhotoRefusedError("too_many_bytes")
    facts = _facts(data)
    return IncomingPhoto(keep_upload(data=data), facts or PhotoFacts(), facts is not None)


def kept_token(names: Sequence[str]) -> str:
    """Return the signed names of uploads, or nothing for none."""
    return signing.dumps(list(names), salt=_SALT) if names else ""


def kept_names(token: str) -> list[str]:
    """Return the names in a token; one that is foreign or too old has none."""
    if not token:
        return []
    try:
        names = signing.loads(token, salt=_SALT, max_age=UPLOAD_LIFE)
    except signing.BadSignature:
        return []
    return [str(name) for name in names]


def forget(photos: Iterable[IncomingPhoto]) -> None:
    """Delete photos that no report will have."""
    storage.remove(storage.quarantine(), [photo.upload_name for photo in photos])


def _facts(data: bytes) -> PhotoFacts | None:
    """Return what a photo tells; None where reading takes too long.

    The place may be known otherwise, and then the photo is still worth having.
    """
    try:
        return read_photo(data)
    except PhotoRefusedError as refused:
        if refused.reason == "too_slow":
            return None
        raise


def _kept(name: str) -> IncomingPhoto:
    """Take a photo that was kept; it stays the same file, with the time that is left to it."""
    taken = storage.take(name)
    data = storage.read(storage.quarantine(), taken) if taken else None
    if taken is None or data is None:
        raise PhotoRefusedError("gone")
    facts = _facts(data)
    return IncomingPhoto(taken, facts or PhotoFacts(), facts is not None)


def _uploaded(file: "UploadedFile[Any]") -> IncomingPhoto:
    """Read a photo that comes with this post."""
    if (file.size or 0) > settings.MAX_PHOTO_BYTES:
        raise PhotoRefusedError("too_many_bytes")
    return read_incoming(file.read())


def kept_in_words(count: int) -> str:
    """Return the sentence about photos that wait."""
    return (
        ngettext(
            "%(count)s photo is kept for you; choose no photo again.",
            "%(count)s photos are kept for you; choose no photo again.",
            count,
        )
        % {"count": count}
        + " "
        + _("We can keep them for 8 minutes.")
    )
