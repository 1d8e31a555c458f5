"""Opens what a phone sealed to this server, so that a seized phone shows a count and no content.

HPKE (RFC 9180) in base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. An envelope is
one byte of version, eight bytes that name the key, then HPKE's encapsulated key and ciphertext.
Its plaintext is a length in four bytes, a JSON object of that length, and the bytes of a picture
or nothing. What an envelope is for (its kind and ids) is HPKE's `info`: under another address it
does not open. `frontend/src/outbox/sealing.ts` is the twin.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from django.utils.translation import gettext as _

from mapper.errors import BadInput
from mapper.intake.sealing_keys import ID_BYTES, sealing_keys

VERSION = 1
MOST_HEAD_BYTES = 100_000
# What an envelope weighs beside its picture and its head: version, key's name, encapsulated key,
# the head's length, the authentication tag.
OVERHEAD_BYTES = 1 + 8 + 65 + 4 + 16


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in an envelope."""

    head: dict[str, Any]
    picture: bytes


def info_of_report(phone_id: UUID) -> bytes:
    """Return what binds an envelope to the report it is."""
    return f"contrechamp sealed {VERSION} sighting {phone_id}".encode()


def info_of_photo(phone_id: UUID, sighting_id: UUID) -> bytes:
    """Return what binds an envelope to the photo it is, and to its report."""
    return f"contrechamp sealed {VERSION} photo {phone_id} {sighting_id}".encode()


def open_envelope(envelope: bytes, *, info: bytes) -> Opened:
    """Return what a phone sealed.

    Raises
    ------
    BadInput
        When it was sealed to a key that is gone, for something else, or is damaged.
    """
    start = 1 + ID_BYTES
    if len(envelope) < OVERHEAD_BYTES or envelope[0] != VERSION:
        raise _damaged()
    key = {key.id: key for key in sealing_keys()}.get(envelope[1:start])
    if key is None:
        raise BadInput(
            _("This was sealed to a key that this server no longer has. Delete it; report again."),
            code="sealed-unknown-key",
        )
    try:
        plain = _suite().decrypt(memoryview(envelope)[start:], key.private, info)
    except (InvalidTag, ValueError):
        # One answer for all that can be wrong with it: what fails where is nobody's to learn.
        raise _damaged() from None
    return _parsed(plain)


@cache
def _suite() -> Suite:
    return Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def _parsed(plain: bytes) -> Opened:
    size = int.from_bytes(plain[:4], "big")
    if size > min(MOST_HEAD_BYTES, len(plain) - 4):
        raise _damaged()
    try:
        head = json.loads(plain[4 : 4 + size])
    except (ValueError, RecursionError):
        raise _damaged() from None
    if not isinstance(head, dict):
        raise _damaged()
    return Opened(head, plain[4 + size :])


def _damaged() -> BadInput:
    return BadInput(
        _("This envelope can't be opened: it is damaged, or was made for another address."),
        code="sealed-damaged",
    )
