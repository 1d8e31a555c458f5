"""The files of a folder of photos, whatever else lies in it."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mapper.errors import BadInput
from mapper.input_files import printable_name
from mapper.photos.refusals import reason_in_words


@dataclass(frozen=True, slots=True)
class FolderFile:
    """What lies at a path below the folder; `fault` says why it is nothing to read."""

    path: Path
    name: str
    fault: str = ""


class Unreadable(Exception):
    """A file that can't be read as a photo; the message is the reason in words."""


def photo_files(folder: Path, *, but: Path | None = None) -> list[FolderFile]:
    """Return what lies below a folder in a fixed order; hidden files are not meant, nor `but`."""
    found: list[FolderFile] = []

    def note_fault(error: OSError) -> None:
        found.append(_file(folder, Path(error.filename), f"it can't be read: {error.strerror}"))

    for where, folders, names in os.walk(folder, onerror=note_fault):
        here = Path(where)
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if (here / name).is_symlink()]
        found += [
            _file(folder, here / name, "a link to a folder is not followed") for name in links
        ]
        for name in names:
            if not name.startswith(".") and here / name != but:
                found.append(_file(folder, here / name))
    if not found:
        raise BadInput(f"{folder} holds no file; nothing was imported.")
    return sorted(found, key=lambda file: file.path)


def read_file(path: Path) -> tuple[bytes, str]:
    """Return what a file holds and the digest of it.

    Raises
    ------
    Unreadable
        With the reason, where it is none, is too large or closed to us.
    """
    try:
        # A pipe with nobody at its other end would be waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("it is no file, but a folder, a pipe or a device")
            most = settings.MAX_PHOTO_BYTES
            data = file.read(most + 1) if found.st_size <= most else b""
            if found.st_size > most or len(data) > most:
                raise Unreadable(reason_in_words("too_many_bytes"))
    except OSError as error:
        raise Unreadable(f"it can't be read: {error.strerror}") from None
    return data, hashlib.sha256(data).hexdigest()


def _file(folder: Path, path: Path, fault: str = "") -> FolderFile:
    return FolderFile(path, printable_name(path.relative_to(folder)), fault)
