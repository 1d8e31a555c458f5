"""Seals as a phone does, for tests: the twin of frontend/src/outbox/sealing.ts."""

import json

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from mapper.intake.sealing_keys import current_key


def seal_bytes(plain, *, info, key=None):
    """Return an envelope with any plaintext."""
    key = key or current_key()
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    return b"\1" + key.id + suite.encrypt(plain, key.private.public_key(), info=info)


def envelope_of(head, picture=b"", *, info, key=None):
    """Return an envelope with an object and a picture."""
    text = json.dumps(head).encode()
    return seal_bytes(len(text).to_bytes(4, "big") + text + picture, info=info, key=key)
