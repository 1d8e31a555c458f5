"""The keys that phones seal to: made once, kept in a 0600 file, older ones kept for full queues.

`DATA_ROOT/sealing_keys.pem` holds the private keys, the newest last. They are in no backup: with
one, a backup and a seized phone together would tell what waits on that phone.
"""

import base64
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.utils.translation import gettext as _

from mapper.errors import Unavailable

ID_BYTES = 8
_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One key pair; its id is the start of the SHA-256 of its public point."""

    id: bytes
    private: ec.EllipticCurvePrivateKey

    @property
    def public_text(self) -> str:
        """Return the public key as pages carry it: the uncompressed point in base64url."""
        return base64.urlsafe_b64encode(_point(self.private)).rstrip(b"=").decode()


def current_key() -> SealingKey:
    """Return the key that phones seal to; the first who asks makes it."""
    return sealing_keys()[-1]


def sealing_keys() -> tuple[SealingKey, ...]:
    """Return all keys, the newest last.

    Raises
    ------
    Unavailable
        When the file can't be made or read.
    """
    path = _path()
    try:
        if not path.exists():
            _change(lambda keys: keys or [_new_pem()])
        stamp = path.stat()
        # A rotation makes a new file: every process sees it at its next request.
        return _read(path, stamp.st_ino, stamp.st_mtime_ns)
    except (OSError, ValueError):
        raise Unavailable(
            _("This server can't open sealed reports just now. They stay on your phone."),
            code="sealing-keys",
            retry_after_s=300,
        ) from None


def rotate_key(*, keep: int) -> int:
    """Add a key, forget all but the `keep` newest; return how many there are."""
    return len(_change(lambda keys: [*keys, _new_pem()][-keep:]))


def _change(change: Callable[[list[bytes]], list[bytes]]) -> list[bytes]:
    """Write the file anew, whole or not at all; one process at a time."""
    path = _path()
    with _locked(path.parent):
        keys = _PEM.findall(path.read_bytes()) if path.exists() else []
        keys = change(keys)
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(b"".join(keys))
            file.flush()
            # Reports sealed to a key that a power cut took away could never be opened.
            os.fsync(file.fileno())
        new.replace(path)
    return keys


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


@cache
def _read(path: Path, inode: int, mtime_ns: int) -> tuple[SealingKey, ...]:
    """Return the keys of a file; its inode and time tell a new one from the one we know."""
    keys = []
    for pem in _PEM.findall(path.read_bytes()):
        private = load_pem_private_key(pem, password=None)
        if isinstance(private, ec.EllipticCurvePrivateKey):
            digest = hashlib.sha256(_point(private)).digest()
            keys.append(SealingKey(digest[:ID_BYTES], private))
    if not keys:
        raise ValueError("there is no key in the file")
    return tuple(keys)


def _path() -> Path:
    return Path(settings.DATA_ROOT) / "sealing_keys.pem"


def _new_pem() -> bytes:
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
