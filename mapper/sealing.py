"""Seals short secrets with keys made of SECRET_KEY: a dump of the database alone opens none."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


def seal(text: str, *, purpose: str) -> str:
    """Return a text sealed for one purpose; nothing sealed for another opens it."""
    # Not the hour: a token of Fernet says when it was made.
    return _fernet(purpose).encrypt_at_time(text.encode(), current_time=0).decode()


def unseal(sealed: str, *, purpose: str) -> str | None:
    """Return the text; None where it was sealed with another SECRET_KEY, or is damaged."""
    try:
        return _fernet(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet(purpose: str) -> Fernet:
    key = salted_hmac(f"contrechamp.{purpose}", "seal", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
