"""Reads OSM files of every format we take: devices, and what became of objects we know.

`.osm.pbf .osm .osm.gz .osc .osc.gz` go through osmium; JSON is Overpass's answer or GeoJSON; an
augmented diff, whatever its name, is told by how it begins.
"""

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mapper.errors import BadInput
from mapper.input_files import readable_file
from mapper.osm import reading_adiff, reading_json, reading_osmium
from mapper.osm.objects import NodeLine, OsmObject, RefusedObject
from mapper.osm.reading_osmium import Origin

# OSM type -> ids that we mirror: they are read whatever their tags say now.
KnownIds = Mapping[str, Collection[int]]

_OSMIUM = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osc", ".osc.gz", ".osc.bz2")
_AUGMENTED = (".adiff", ".adiff.gz", ".xml", ".xml.gz")
_JSON = (".json", ".geojson", ".json.gz", ".geojson.gz")


@dataclass(frozen=True, slots=True)
class Reading:
    """The objects of a file, and what it says of where they are from."""

    objects: Iterator[OsmObject | RefusedObject | NodeLine]
    origin: Origin
    # It says what happened to objects, and does not hold a region.
    is_change: bool = False

    @property
    def data_at(self) -> datetime.datetime | None:
        """Return the moment up to which it knows OSM."""
        return self.origin.data_at


def read_file(path: Path, *, known: KnownIds, is_quiet: bool = False) -> Reading:
    """Return the reading of a file; BadInput where its format is not known or it is damaged.

    Only of an extract, and for `Known`, are there NodeLines, and what is held already left unread.
    """
    readable_file(path)
    name = path.name.lower()
    if name.endswith(_JSON):
        return Reading(reading_json.objects(path, known=known, is_quiet=is_quiet), Origin())
    if name.endswith(_AUGMENTED) or (
        name.endswith(_OSMIUM) and not name.endswith(".pbf") and reading_adiff.is_augmented(path)
    ):
        return Reading(
            reading_adiff.objects(path, known=known, is_quiet=is_quiet),
            Origin(reading_adiff.data_at(path)),
            is_change=True,
        )
    if name.endswith(_OSMIUM):
        return Reading(
            reading_osmium.objects(path, known=known, is_quiet=is_quiet),
            reading_osmium.origin(path),
            is_change=".osc" in name,
        )
    raise BadInput(
        f"{path} is of no known format; give one of {' '.join(_OSMIUM + _AUGMENTED + _JSON)}."
    )
