"""The file of a backup: one tar stream, encrypted with age, written whole or not at all.

Members: `database.dump` (pg_dump), `rows/<table>.copy`, `media/…`, and `manifest.json` last, with
the digest of each and the number of rows of each table.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyrage

from mapper.errors import CommandFailure

FORMAT = 1
MANIFEST = "manifest.json"
_AGE = b"age-encryption.org/"
_MEMBER = re.compile(r"database\.dump|rows/[a-z_]+\.copy|media/[^/].*")
# No file says when it was made: 2000-01-01 UTC.
_FIXED_TIME_S = 946_684_800
_BLOCK_BYTES = 1 << 20


class Writer:
    """Adds members to a backup and remembers their digests."""

    def __init__(self, stream: IO[bytes]):
        """Write to a stream that can't seek."""
        self._tar = tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by close()
        self.digests: dict[str, str] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file."""
        with path.open("rb") as stream:
            self.digests[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            size_bytes = stream.tell()
            stream.seek(0)
            self._tar.addfile(_entry(name, size_bytes), stream)

    def close(self, rows: dict[str, int]) -> None:
        """Add the manifest and end."""
        manifest = {"format": FORMAT, "files": self.digests, "rows": rows}
        text = json.dumps(manifest, sort_keys=True, indent=1).encode()
        self._tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
        self._tar.close()


def _entry(name: str, size_bytes: int) -> tarfile.TarInfo:
    """Return a member that names no user and no time."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size_bytes, 0o600, _FIXED_TIME_S
    return entry


@contextmanager
def writing(path: Path, *, recipient: str, replace: bool) -> Iterator[Writer]:
    """Yield a writer; the file appears under its name when all is in it."""
    new = path.with_name(f".{path.name}.new")
    try:
        if path.exists() and not replace:
            raise CommandFailure(f"{path} is there already; choose another name, or add --replace.")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandFailure(f"{path} can't be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if recipient:
                with _encrypted(stream, recipient) as plain:
                    yield Writer(plain)
            else:
                yield Writer(stream)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _encrypted(stream: IO[bytes], recipient: str) -> Iterator[IO[bytes]]:
    """Yield where to write what age encrypts into the stream."""
    key = pyrage.x25519.Recipient.from_str(recipient)
    with _beside(lambda source: pyrage.encrypt_io(source, stream, [key])) as plain:
        yield plain


@contextmanager
def _beside(consume: Callable[[IO[bytes]], Any]) -> Iterator[IO[bytes]]:
    """Run a consumer in a thread; yield the end of the pipe that feeds it."""
    reading, writing_end = os.pipe()
    failures: list[Exception] = []

    def run() -> None:
        with os.fdopen(reading, "rb") as source:
            try:
                consume(source)
            except Exception as error:
                failures.append(error)  # Raised again by the caller's thread.

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    sink = os.fdopen(writing_end, "wb")
    try:
        yield sink
        sink.close()
    except Exception:
        # Whoever failed first knows why: the consumer, or we who feed it.
        first = failures[0] if failures else None
        with contextlib.suppress(OSError):
            sink.close()
        thread.join()
        if first is not None:
            raise first from None
        raise
    thread.join()
    if failures:
        raise failures[0]


def unpack(path: Path, folder: Path, *, identity: Path | None) -> dict[str, int]:
    """Unpack a backup into a folder, check it against its manifest, return its row counts."""
    try:
        with path.open("rb") as stream:
            is_encrypted = stream.read(len(_AGE)) == _AGE
            stream.seek(0)
            if is_encrypted:
                _unpack_encrypted(stream, folder, _identity(path, identity))
            else:
                _extract(stream, folder)
        return _checked(path, folder)
    except OSError as error:
        raise CommandFailure(f"{path} can't be read: {error.strerror or error}.") from error
    except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
        raise CommandFailure(
            f"{path} is not a backup, or not a whole one ({error}); take another."
        ) from error


def _identity(path: Path, identity: Path | None) -> pyrage.x25519.Identity:
    """Return the secret key that opens the backup."""
    if identity is None:
        raise CommandFailure(
            f"{path} is encrypted: name the file of the secret key that BACKUP_RECIPIENT belongs "
            "to, as in --identity key.txt"
        )
    try:
        text = identity.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandFailure(f"{identity} can't be read: {error.strerror}.") from error
    for line in text.splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            with contextlib.suppress(pyrage.IdentityError):
                return pyrage.x25519.Identity.from_str(line.strip())
    raise CommandFailure(f"{identity} holds no age secret key (a line AGE-SECRET-KEY-…).")


def _unpack_encrypted(stream: IO[bytes], folder: Path, key: pyrage.x25519.Identity) -> None:
    """Decrypt and unpack at once: no readable copy of the whole lies anywhere."""
    try:
        with _beside(lambda source: _extract(source, folder)) as plain:
            pyrage.decrypt_io(stream, plain, [key])
    except pyrage.DecryptError as error:
        raise CommandFailure(
            f"The backup can't be decrypted ({error}): another key, or a damaged file."
        ) from error


def _extract(stream: IO[bytes], folder: Path) -> None:
    """Write the members that a backup has, and no other.

    By hand: Debian's Python 3.11.2 has no extraction filters, and these members are plain files.
    """
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isfile() and _is_ours(entry.name) else None
            if content is None:
                raise ValueError(f"it holds {entry.name!r}")
            target = folder / entry.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                shutil.copyfileobj(content, f, _BLOCK_BYTES)
            os.utime(target, (_FIXED_TIME_S, _FIXED_TIME_S))
    while stream.read(_BLOCK_BYTES):
        pass  # What pads the end of the tar.


def _is_ours(name: str) -> bool:
    """Return whether a backup has a member of that name, below its folder."""
    return name == MANIFEST or (
        _MEMBER.fullmatch(name) is not None and ".." not in name.split("/") and "\0" not in name
    )


def _checked(path: Path, folder: Path) -> dict[str, int]:
    """Hold every file against the manifest."""
    if not (folder / MANIFEST).is_file():
        raise ValueError("its end is missing")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise CommandFailure(
            f"{path} has format {manifest['format']}, this program reads {FORMAT}."
        )
    files: dict[str, str] = manifest["files"]
    for name, digest in files.items():
        if not (folder / name).is_file():
            raise ValueError(f"{name} is missing")
        with (folder / name).open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                raise ValueError(f"{name} was changed")
    rows: dict[str, int] = manifest["rows"]
    return rows
