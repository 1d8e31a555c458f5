"""Reads the environment into typed values, for `mapper.settings` alone."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_kept: dict[str, str] = {}


def remember(path: Path) -> None:
    """Take what `manage.py up` noted of its own cluster for the commands run beside it.

    A variable of the environment wins, and with DATABASE_URL set nothing is taken at all.
    """
    if is_given("DATABASE_URL"):
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    _kept.update(
        (name, value) for name, sep, value in (line.partition("=") for line in lines) if sep
    )


def is_given(name: str) -> bool:
    """Return whether the environment itself sets the variable."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def text(name: str, default: str = "") -> str:
    """Return the variable, or what the file named by NAME_FILE holds, or the default."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {file_name}, which can't be read: {error.strerror}."
            ) from error
    return os.environ.get(name, _kept.get(name, default)).strip()


def words(name: str, default: str = "") -> list[str]:
    """Return a list from a value separated by commas or spaces."""
    return text(name, default).replace(",", " ").split()


def flag(name: str, *, default: bool = False) -> bool:
    """Return a switch; anything but a clear yes or no is refused."""
    value = text(name, "1" if default else "0").lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no; write 1 or 0.")


def one_of(name: str, *allowed: str) -> str:
    """Return one of some words, or nothing; anything else is refused."""
    value = text(name)
    if value and value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(allowed)}.")
    return value


def whole_number(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """Return a whole number from `least` to `most`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name}={number} is below {least}.")
    if number > most:
        raise ImproperlyConfigured(f"{name}={number} is above {most}.")
    return number


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder path."""
    return Path(text(name, str(default))).expanduser().resolve()


def memory_folder() -> str | None:
    """Return a folder that is memory and that we may write to, or None."""
    folder = "/dev/shm"  # noqa: S108 - files in it are made 0600
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def buckets() -> dict[str, dict[str, str]]:
    """Return the options of the two buckets of photos by their names; empty for the local disk.

    What nothing serves and what is public never share a bucket: its rules are for all in it.
    """
    names = {
        "quarantine": text("S3_BUCKET_QUARANTINE"),
        "photos": text("S3_BUCKET_PHOTOS"),
    }
    if not any(names.values()):
        return {}
    store = {
        "endpoint_url": text("S3_ENDPOINT_URL"),
        "region_name": text("S3_REGION", "us-east-1"),
        "access_key": text("S3_ACCESS_KEY"),
        "secret_key": text("S3_SECRET_KEY"),
    }
    given = {
        "S3_BUCKET_QUARANTINE": names["quarantine"],
        "S3_BUCKET_PHOTOS": names["photos"],
        "S3_ENDPOINT_URL": store["endpoint_url"],
        "S3_ACCESS_KEY": store["access_key"],
        "S3_SECRET_KEY": store["secret_key"],
    }
    lacking = [name for name, value in given.items() if not value]
    if lacking:
        raise ImproperlyConfigured(
            f"Photos in a bucket need {', '.join(lacking)} too; or set none of the S3 variables."
        )
    if names["quarantine"] == names["photos"]:
        raise ImproperlyConfigured(
            "S3_BUCKET_QUARANTINE and S3_BUCKET_PHOTOS name one bucket; give each its own."
        )
    return {place: {"bucket_name": name, **store} for place, name in names.items()}
