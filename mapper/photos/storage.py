"""Where the files of photos lie: uploads and pixel copies in quarantine, public copies in media.

Two of Django's storages, `quarantine` and `photos` in `settings.STORAGES`: folders of this machine
(`mapper.photos.folders`), or private buckets (`mapper.photos.buckets`). Names are random and say
nothing.
"""

import contextlib
import re
import secrets
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from mapper.photos.folders import PICTURE, UPLOAD, Folder

if TYPE_CHECKING:
    # What talks to a store takes 30 MB; who has none does not load it.
    from mapper.photos.buckets import Bucket

__all__ = [
    "PICTURE", "UPLOAD", "Place", "media", "new_name", "older_than", "quarantine", "read",
    "remove", "sweep", "take", "write",
]  # fmt: skip

Place: TypeAlias = "Folder | Bucket"
_NAME = re.compile(r"[0-9a-f]{32}\.(?:upload|jpg)")


def quarantine() -> Place:
    """Return the place that nothing serves."""
    return cast("Place", storages["quarantine"])


def media() -> Place:
    """Return the place of public copies; only `mapper.web.photos` reads it out."""
    return cast("Place", storages["photos"])


def new_name(suffix: str) -> str:
    """Return a name that says nothing."""
    return secrets.token_hex(16) + suffix


def write(place: Place, data: bytes, *, suffix: str) -> str:
    """Write a file whole or not at all; return its name."""
    return place.save(new_name(suffix), ContentFile(data))


def read(place: Place, name: str) -> bytes | None:
    """Return what a file holds, or None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    with contextlib.suppress(FileNotFoundError), place.open(name) as file:
        return cast("bytes", file.read())
    return None


def take(name: str) -> str | None:
    """Give an upload a new name, so that only one taker gets it; None where it is gone."""
    if not _NAME.fullmatch(name):
        return None
    taken = new_name(UPLOAD)
    with contextlib.suppress(FileNotFoundError):
        quarantine().rename(name, taken)
        return taken
    return None


def remove(place: Place, names: Collection[str]) -> None:
    """Delete files; those that are gone already don't matter."""
    for name in names:
        if _NAME.fullmatch(name):
            place.delete(name)


def older_than(place: Place, age_s: float) -> Iterator[str]:
    """Yield the names of files that have lain there longer, half-written ones too."""
    yield from place.older_than(age_s)


def sweep(place: Place, *, known: Collection[str], age_s: float) -> int:
    """Delete files older than so long that no row names; return how many."""
    orphans = [name for name in older_than(place, age_s) if name not in known]
    for name in orphans:
        place.delete(name)
    return len(orphans)
