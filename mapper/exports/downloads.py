"""The files that can be downloaded: what is in each, and whether the one on disk still says it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from mapper.errors import NotFound
from mapper.exports.devices import device_csv, device_geojson
from mapper.exports.event_filter import EventFilter
from mapper.exports.events import event_csv, event_geojson
from mapper.places.models import City
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device, Event
from mapper.sql import compiled, composed

Subject = Literal["devices", "events"]
SUBJECTS: tuple[Subject, ...] = ("devices", "events")
CONTENT_TYPES = {"geojson": "application/geo+json", "csv": "text/csv; charset=utf-8"}
FORMATS = tuple(CONTENT_TYPES)
# Changes when the same data is written otherwise, so that files of an older release are not served.
_LAYOUT = "2"


@dataclass(frozen=True)
class Download:
    """One file: all devices, those of a city, or all events; by default the default filter."""

    subject: Subject
    format: str
    city: City | None = None

    def __post_init__(self) -> None:
        """Refuse a format that nobody writes."""
        if self.format not in FORMATS:
            raise NotFound(
                _("There is no format %(format)s. Choose among: %(known)s.")
                % {"format": self.format[:20], "known": " ".join(FORMATS)},
                code="unknown-format",
            )

    @property
    def name(self) -> str:
        """Return the name of the file without its ending."""
        return f"{self.subject}-{self.city.slug}" if self.city else self.subject

    @property
    def content_type(self) -> str:
        """Return the media type."""
        return CONTENT_TYPES[self.format]

    def chunks(
        self, *, devices: DeviceFilter | None = None, events: EventFilter | None = None
    ) -> Iterator[bytes]:
        """Yield the file; run it in a snapshot."""
        if self.subject == "events":
            write_events = event_geojson if self.format == "geojson" else event_csv
            return write_events(events or EventFilter())
        selected = devices or DeviceFilter(city=self.city)
        write = device_geojson if self.format == "geojson" else device_csv
        return write(selected.apply(Device.objects.public()))

    def stamp(self) -> str:
        """Return a hash that changes whenever the file may change; it costs one pass, no sort."""
        if self.subject == "events":
            events = compiled(Event.objects.public().values("id"))
            query = composed("exports", "stamp_events", events=events)
        elif self.city is not None:
            query = composed("exports", "stamp_city_devices", {"city": self.city.pk})
        else:
            query = composed("exports", "stamp_devices")
        with connection.cursor() as cursor:
            cursor.execute(query)
            (said,) = cursor.fetchone()
        return hashlib.sha256(f"{_LAYOUT} {settings.SITE_URL} {said}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class StoredFile:
    """A file on disk: its name says of which state of the data it is, and what it holds."""

    path: Path
    content_hash: str

    @property
    def size_bytes(self) -> int:
        """Return the size."""
        return self.path.stat().st_size


def stored_path(download: Download, stamp: str, content_hash: str) -> Path:
    """Return where a file lies: one name holds stamp and content, so one rename publishes both."""
    name = f"{download.name}.{stamp}.{content_hash}.{download.format}"
    return Path(settings.EXPORT_ROOT) / name


def stored_paths(download: Download, stamp: str = "*") -> list[Path]:
    """Return the files of a download that are on disk, of one state of the data or of any."""
    return sorted(Path(settings.EXPORT_ROOT).glob(f"{download.name}.{stamp}.*.{download.format}"))


def current_file(download: Download) -> StoredFile | None:
    """Return the file that says what the database says now, or None where it is yet to be made."""
    found = stored_paths(download, download.stamp())
    return StoredFile(found[0], found[0].name.split(".")[-2]) if found else None
