"""A folder of this machine as a place for photos: Django's storage, whose files tell no time.

Names are random and pictures have one fixed time: neither tells when, from whom, in which order.
Uploads keep the time at which they came, because ten minutes later they must be gone.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

UPLOAD, PICTURE = ".upload", ".jpg"
# 2000-01-01 UTC; ZIP and FAT know no earlier time than 1980.
_FIXED_TIME_S = 946_684_800
_PARTIAL = ".partial"


class Folder(FileSystemStorage):
    """Files whole or not at all, readable by us alone, below the folder that a setting names."""

    def __init__(self, setting: str):
        """Take the name of the setting, whose value may change."""
        self._setting = setting
        super().__init__()

    @property
    def folder(self) -> Path:
        """Return the folder."""
        return Path(getattr(settings, self._setting)) / "photos"

    @property
    def base_location(self) -> str:
        """Return the folder; Django computes it once, and keeps it when the setting changes."""
        return str(self.folder)

    @property
    def location(self) -> str:
        """Return the folder, absolute."""
        return str(self.folder.absolute())

    def _save(self, name: str, content: "File[Any]") -> str:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self.folder / (name + _PARTIAL)
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if name.endswith(PICTURE):
                os.utime(partial, (_FIXED_TIME_S, _FIXED_TIME_S))
            partial.rename(self.folder / name)
            self._forget_time()
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return name

    def delete(self, name: str) -> None:
        """Delete a file; one that is gone already doesn't matter."""
        (self.folder / name).unlink(missing_ok=True)
        self._forget_time()

    def rename(self, old: str, new: str) -> None:
        """Give a file another name; of several who try, one does it, the others' is not found."""
        (self.folder / old).rename(self.folder / new)

    def older_than(self, age_s: float) -> Iterator[str]:
        """Yield the names of files that have lain there longer, half-written ones too.

        An upload's age is its own, whatever name it was given meanwhile; a picture's is that of its
        inode, because its time is fixed.
        """
        if not self.folder.is_dir():
            return
        limit = time.time() - age_s
        for entry in os.scandir(self.folder):
            with contextlib.suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                since = found.st_mtime if entry.name.endswith(UPLOAD) else found.st_ctime
                if since <= limit:
                    yield entry.name

    def _forget_time(self) -> None:
        """Let the folder not tell when the last photo came, was published or went."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self.folder, (_FIXED_TIME_S, _FIXED_TIME_S))
