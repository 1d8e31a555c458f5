"""Writes the files of the downloads, and asks for them to be written."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from mapper.exports.downloads import (
    FORMATS,
    SUBJECTS,
    Download,
    current_file,
    stored_path,
    stored_paths,
)
from mapper.exports.snapshot import snapshot
from mapper.places.models import City


def write_file(*, download: Download) -> Path:
    """Write one download from one state of the data and rename it into place."""
    root = Path(settings.EXPORT_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with snapshot():
        stamp = download.stamp()
        temporary, content_hash = _write(download.chunks(), root)
    path = stored_path(download, stamp, content_hash)
    # The time of writing would tell when the last report was decided; a day is enough.
    day_s = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    os.utime(temporary, (day_s, day_s))
    temporary.rename(path)
    for old in stored_paths(download):
        if old != path:
            old.unlink(missing_ok=True)
    return path


def write_files() -> list[Path]:
    """Write every file that is missing or no longer true: the whole ones, and cities asked for."""
    wanted = [Download(subject, format_) for subject in SUBJECTS for format_ in FORMATS]
    wanted += _city_downloads()
    return [write_file(download=one) for one in wanted if current_file(one) is None]


def request_file(*, download: Download) -> None:
    """Have a file written soon; a file that is already on the list is not listed twice."""
    from mapper.exports.jobs import write_download

    slug = download.city.slug if download.city else None
    job = write_download.configure(
        queueing_lock=f"export {download.name}.{download.format}",
        lock=f"export {download.name}.{download.format}",
    )
    try:
        with transaction.atomic():
            job.defer(subject=download.subject, format=download.format, city_slug=slug)
    except AlreadyEnqueued:
        return


def _write(chunks: Iterable[bytes], root: Path) -> tuple[Path, str]:
    """Write chunks to a temporary file; return it and the hash of its content."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=root, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name), digest.hexdigest()[:32]


def _city_downloads() -> list[Download]:
    """Return the downloads of cities that somebody asked for before: those with a file on disk."""
    found: dict[tuple[str, str], Download] = {}
    for path in Path(settings.EXPORT_ROOT).glob("devices-*.*.*.*"):
        slug, format_ = path.name.split(".")[0].removeprefix("devices-"), path.suffix[1:]
        city = City.objects.filter(slug=slug).first()
        if city is None:
            path.unlink(missing_ok=True)
        elif format_ in FORMATS:
            found[(slug, format_)] = Download("devices", format_, city)
    return list(found.values())
