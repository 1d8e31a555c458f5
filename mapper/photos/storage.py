"""Where the files of photos lie: uploads and pixel copies in quarantine, public copies in media.

Names are random and pictures have one fixed time: neither tells when, from whom, in which order.
Uploads keep the time at which they came, because ten minutes later they must be gone.
"""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings

UPLOAD, PICTURE = ".upload", ".jpg"
_NAME = re.compile(r"[0-9a-f]{32}\.(?:upload|jpg)")
# 2000-01-01 UTC; ZIP and FAT know no earlier time than 1980.
_FIXED_TIME_S = 946_684_800
_PARTIAL = ".partial"


def quarantine() -> Path:
    """Return the folder that nothing serves."""
    return Path(settings.QUARANTINE_ROOT) / "photos"


def media() -> Path:
    """Return the folder of public copies; only `mapper.web.photos` reads it out."""
    return Path(settings.MEDIA_ROOT) / "photos"


def new_name(suffix: str) -> str:
    """Return a name that says nothing."""
    return secrets.token_hex(16) + suffix


def write(folder: Path, data: bytes, *, suffix: str) -> str:
    """Write a file whole or not at all, readable by us alone; return its name."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = new_name(suffix)
    partial = folder / (name + _PARTIAL)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if suffix == PICTURE:
            os.utime(partial, (_FIXED_TIME_S, _FIXED_TIME_S))
        partial.rename(folder / name)
        _forget_time_of(folder)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return name


def read(folder: Path, name: str) -> bytes | None:
    """Return what a file holds, or None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    with contextlib.suppress(FileNotFoundError):
        return (folder / name).read_bytes()
    return None


def take(name: str) -> str | None:
    """Give an upload a new name, so that only one taker gets it; None where it is gone."""
    if not _NAME.fullmatch(name):
        return None
    taken = new_name(UPLOAD)
    with contextlib.suppress(FileNotFoundError):
        (quarantine() / name).rename(quarantine() / taken)
        return taken
    return None


def remove(folder: Path, names: Collection[str]) -> None:
    """Delete files; those that are gone already don't matter."""
    for name in names:
        if _NAME.fullmatch(name):
            (folder / name).unlink(missing_ok=True)
    _forget_time_of(folder)


def older_than(folder: Path, age_s: float) -> Iterator[str]:
    """Yield the names of files that have lain there longer, half-written ones too.

    An upload's age is its own, whatever name it was given meanwhile; a picture's is that of its
    inode, because its time is fixed.
    """
    if not folder.is_dir():
        return
    limit = time.time() - age_s
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):
            found = entry.stat(follow_symlinks=False)
            since = found.st_mtime if entry.name.endswith(UPLOAD) else found.st_ctime
            if since <= limit:
                yield entry.name


def sweep(folder: Path, *, known: Collection[str], age_s: float) -> int:
    """Delete files older than so long that no row names; return how many."""
    orphans = [name for name in older_than(folder, age_s) if name not in known]
    for name in orphans:
        (folder / name).unlink(missing_ok=True)
    _forget_time_of(folder)
    return len(orphans)


def _forget_time_of(folder: Path) -> None:
    """Let a folder not tell when the last photo came, was published or went."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(folder, (_FIXED_TIME_S, _FIXED_TIME_S))
