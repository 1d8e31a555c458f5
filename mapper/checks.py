"""What an instance must be told or given before it may serve anyone; ids contrechamp.E001 on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from mapper import languages

TAG = "production"
_LEAST_KEY_LENGTH = 50
_PUBLISHER_WORDS = {
    "name": "who publishes the site",
    "address": "where the publisher can be reached by letter",
    "email": "where objections go",
    "director": "the director of publication",
    "host": "name and address of the host",
}


@register(TAG)
def check_production(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is missing or unsafe; a demo has none of these obligations."""
    if settings.IS_DEMO:
        return []
    return [*_secrets(), *_addresses(), *_duties()]


@register(Tags.translation)
def check_languages(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with a folder of `locale`; every instance is stopped by it."""
    return [
        _error(fault.number, fault.what, fault.remedy)
        for folder in settings.LOCALE_PATHS
        for fault in languages.faults(Path(folder))
    ]


def refuse_unsafe_production() -> None:
    """Raise where a web process would serve an instance that is not ready for the public."""
    errors = [message for message in run_checks(tags=[TAG]) if message.is_serious()]
    if errors:
        lines = "; ".join(f"{error.id}: {error.msg} {error.hint}" for error in errors)
        raise ImproperlyConfigured(f"this instance is not ready for the public: {lines}")


def _error(number: int, message: str, hint: str) -> Error:
    """Return an error with its id."""
    return Error(message, hint=hint, id=f"contrechamp.E{number:03}")


def _secrets() -> Iterator[CheckMessage]:
    """Check what must be secret or closed."""
    key = settings.SECRET_KEY
    if key.startswith("unset-") or len(key) < _LEAST_KEY_LENGTH:
        yield _error(
            1,
            "SECRET_KEY is missing or short.",
            f"Set SECRET_KEY_FILE to a 0600 file of {_LEAST_KEY_LENGTH} random characters or "
            "more, made by: openssl rand -base64 48",
        )
    if not settings.REQUIRE_SECOND_FACTOR:
        yield Warning(
            "REQUIRE_SECOND_FACTOR=0: a guessed password opens every report that waits.",
            hint="Leave REQUIRE_SECOND_FACTOR out, and have staff open /staff/second-factor/.",
            id="contrechamp.W010",
        )
    if settings.DEBUG:
        yield _error(
            2,
            "DEBUG shows visitors the inside of the program.",
            "Set DEBUG=0, or DEMO=1 where only you can open it.",
        )


def _addresses() -> Iterator[CheckMessage]:
    """Check where it is reached."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield _error(
            3,
            "ALLOWED_HOSTS is missing or allows every name.",
            "Set ALLOWED_HOSTS to the names of the site, separated by commas.",
        )
    elif not validate_host(host, settings.ALLOWED_HOSTS):
        yield _error(
            4,
            f"SITE_URL={settings.SITE_URL} is not among ALLOWED_HOSTS.",
            "Set SITE_URL to the site's address, and ALLOWED_HOSTS to its names.",
        )
    if not settings.SITE_URL_IS_SECURE and not host.endswith(".onion"):
        yield _error(
            5,
            f"SITE_URL={settings.SITE_URL} does not begin with https://.",
            "Reports would cross the network readable: give the site a certificate, then write "
            "https:// in SITE_URL.",
        )
    if not settings.TRUSTED_PROXIES:
        yield Warning(
            "TRUSTED_PROXIES is empty: behind nginx all visitors share one quota of reports.",
            hint="Set TRUSTED_PROXIES=127.0.0.1 where nginx runs on the same machine.",
            id="contrechamp.W001",
        )


def _duties() -> Iterator[CheckMessage]:
    """Check what the law and the people who trust the site expect to find."""
    for name, meaning in _PUBLISHER_WORDS.items():
        if not settings.PUBLISHER.get(name):
            yield _error(
                6,
                f"PUBLISHER_{name.upper()} is missing.",
                f"The legal page must say {meaning}: set PUBLISHER_{name.upper()}.",
            )
    if not settings.SECURITY_CONTACT:
        yield _error(
            7,
            "SECURITY_CONTACT is missing.",
            "Set it to where a hole can be told, as mailto:security@example.org; "
            "/.well-known/security.txt names it.",
        )
    yield from _backup_recipient()


def _backup_recipient() -> Iterator[CheckMessage]:
    """Check that backups can be read by whoever holds the key, and by nobody else."""
    import pyrage

    hint = (
        "Make a key pair on another machine with age-keygen, keep the secret one there, and set "
        "BACKUP_RECIPIENT to the public one (age1…)."
    )
    if not settings.BACKUP_RECIPIENT:
        yield _error(8, "BACKUP_RECIPIENT is missing: backups would be readable.", hint)
        return
    try:
        pyrage.x25519.Recipient.from_str(settings.BACKUP_RECIPIENT)
    except pyrage.RecipientError:
        yield _error(9, "BACKUP_RECIPIENT is not an age public key.", hint)
