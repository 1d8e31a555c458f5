"""Opens the files that commands are given: plain or gzip, with a bar of the bytes read."""

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import ijson
from django.core.management.base import BaseCommand
from tqdm import tqdm

from mapper.errors import BadInput, CommandFailure

# What a damaged, cut off or foreign file makes the standard readers raise.
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, ijson.JSONError, UnicodeDecodeError)


class _Counted:
    """A binary file that moves a bar by what is read of it."""

    def __init__(self, file: BinaryIO, bar: "tqdm[Any]"):
        self._file = file
        self._bar = bar

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        chunk = self._file.read(size)
        self._bar.update(len(chunk))
        return chunk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def readable_file(path: Path) -> Path:
    """Return the path of a file that is there; refuse anything else in words."""
    try:
        if not path.exists():
            raise BadInput(f"{path}: there is no such file; check the name.")
        # A pipe would be waited for without end.
        if not path.is_file():
            raise BadInput(f"{path} is not a file; give one file.")
        path.open("rb").close()
    except OSError as error:
        raise BadInput(f"{path} can't be opened: {error.strerror}.") from None
    return path


def given_folder(name: str) -> Path:
    """Return the path of a folder that can be listed; an empty name is not the current one."""
    if not name.strip():
        raise BadInput("The folder's name is empty; write . for the current folder.")
    path = Path(name)
    try:
        if not path.is_dir():
            raise BadInput(f"{path} is not a folder; check the name.")
        next(path.iterdir(), None)
    except OSError as error:
        raise BadInput(f"{path} can't be opened: {error.strerror}.") from None
    return path


def printable_name(path: Path) -> str:
    """Return a path as one line of text; what is no UTF-8 or steers a terminal is spelt out."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@contextmanager
def opened(path: Path, *, title: str, is_quiet: bool = False) -> Iterator[IO[bytes]]:
    """Open a plain or gzip file, with a bar; damage met while reading is a BadInput."""
    readable_file(path)
    hide = True if is_quiet else None  # None: hidden where stderr is no terminal
    size = path.stat().st_size
    with (
        path.open("rb") as file,
        tqdm(total=size, unit="B", unit_scale=True, desc=title, disable=hide) as bar,
    ):
        counted = cast(IO[bytes], _Counted(file, bar))
        try:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=counted) as plain:
                    yield cast(IO[bytes], plain)
            else:
                yield counted
        except _DAMAGE as error:
            reason = _first_line(error).strip(" .") or type(error).__name__
            raise BadInput(
                f"{path} is damaged or of another format: {reason}. Fetch it again."
            ) from None


def tell_faults(
    command: BaseCommand, what: str, *, refused: list[str], repaired: Sequence[str] = ()
) -> None:
    """Write what was repaired and refused of a file; end with 1 where something was refused."""
    for line in _cut_list(repaired):
        command.stdout.write(f"repaired: {line}")
    for line in _cut_list(refused):
        command.stderr.write(f"refused: {line}")
    if refused:
        raise CommandFailure(
            f"{len(refused)} {what} were refused, the others were taken.", returncode=1
        )


def _cut_list(failures: Sequence[str], *, shown: int = 20) -> Sequence[str]:
    """Return the failures to print, cut where they are many."""
    if len(failures) <= shown:
        return failures
    return [*failures[:shown], f"… and {len(failures) - shown} more"]


def _first_line(error: Exception) -> str:
    """Return what a reader says; ijson hands over bytes where the input was no UTF-8."""
    words = error.args[0] if error.args else ""
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(error)
    return text.partition("\n")[0]
