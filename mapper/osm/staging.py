"""Copies what a source says of OSM objects into two tables of this transaction.

What a set of tags says is worked out once, however many objects carry it, together with the device
that it makes alone, by the same pure functions as everywhere.
"""

import gc
import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.backends.utils import CursorWrapper

from geo import osm_rules
from geo.osm_flags import flag_of
from geo.osm_tags import DeviceAttributes, device_attributes
from mapper import sql
from mapper.osm.objects import NodeLine, OsmObject, RefusedObject, TagText
from mapper.sightings.days import today
from mapper.sightings.projection import (
    NUMBER_ATTRIBUTES,
    TEXT_ATTRIBUTES,
    says_something,
)

_OBJECTS = (
    "osm_type, osm_id, version, stamp, location, is_visible, changeset, said, flag, flag_tags"
)
_SAID = (
    "said, tags, rules, is_device, attributes, seen_from, seen_to, kind, directions, "
    f"{', '.join(TEXT_ATTRIBUTES)}, {', '.join(NUMBER_ATTRIBUTES)}, status, first_seen, "
    "last_seen, provenance, capabilities"
)
_TABLES = "osm_staging, osm_said, osm_unread, osm_incoming, osm_absent"
_CHUNK = 20_000
# As many sets of tags are remembered at once; some 200 bytes each.
_MOST_SETS = 200_000
# The attributes that a device's provenance names, beside its place and status.
_NAMED = frozenset(("kind", "directions", *TEXT_ATTRIBUTES, *NUMBER_ATTRIBUTES))
# EWKB of a point in SRID 4326, little endian, before its two numbers.
_POINT = "0101000020E6100000"
_two_numbers = struct.Struct("<dd").pack
_json = json.JSONEncoder(ensure_ascii=False).encode
_NULL = r"\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Staging:
    """The two tables of one load, filled by chunks."""

    def __init__(self, cursor: CursorWrapper):
        self.refused: list[str] = []
        # Whether no object came twice: each came after the one before it, by type and id.
        self.is_ordered = True
        self._cursor = cursor
        self._day = today()
        self._objects: list[str] = []
        self._said: list[str] = []
        self._numbers: dict[object, int] = {}
        self._last_number = 0
        self._last = ("", 0)
        cursor.execute(
            "DROP TABLE IF EXISTS osm_staging, osm_said, osm_unread, osm_incoming, osm_absent"
        )
        cursor.execute(sql.load("osm", "create_staging"))

    def fill(self, objects: Iterable[OsmObject | RefusedObject | NodeLine]) -> None:
        """Copy all objects; refusals are kept in words."""
        with _without_collector():
            self._fill(objects)
        self._cursor.execute("ANALYZE osm_staging (osm_type, osm_id, said), osm_said (said)")

    def _fill(self, objects: Iterable[OsmObject | RefusedObject | NodeLine]) -> None:
        rows = self._objects
        for found in objects:
            if isinstance(found, NodeLine):
                rows.append(self._line(found))
            elif isinstance(found, OsmObject):
                rows.append(self._row(found))
            else:
                self.refused.append(str(found))
            if len(rows) >= _CHUNK:
                self._flush()
        self._flush()

    def _line(self, found: NodeLine) -> str:
        """Return the row of a node whose texts are as PostgreSQL takes them."""
        osm_id, version, changeset, stamp, lon, lat, tags = found
        number = tags.number or self._number_of(tags)
        self._keep_order("node", int(osm_id))
        place = _two_numbers(lon, lat).hex()
        told = f"{osm_id}\t{version}\t{stamp or _NULL}"
        return f"node\t{told}\t{_POINT}{place}\tt\t{changeset}\t{number}\t{_NULL}\t{_NULL}\n"

    def _number_of(self, tags: TagText) -> int:
        tags.number = self._add_said(tags.tags, is_whole=True)
        return tags.number

    def _row(self, found: OsmObject) -> str:
        key = (found.is_whole, *found.tags.items())
        number = self._numbers.get(key)
        if number is None:
            if len(self._numbers) >= _MOST_SETS:
                self._numbers.clear()
            number = self._numbers[key] = self._add_said(found.tags, is_whole=found.is_whole)
        self._keep_order(found.osm_type, found.osm_id)
        place, stamp = found.position, found.timestamp
        flag = flag_of(found.osm_type, found.tags)
        return _joined(
            found.osm_type,
            found.osm_id,
            found.version,
            None if stamp is None else stamp.isoformat(),
            None if place is None else _POINT + _two_numbers(place.lon, place.lat).hex(),
            found.is_visible,
            found.changeset,
            number,
            None if flag is None else flag.kind,
            None if flag is None else _json(dict(flag.tags)),
        )

    def _keep_order(self, osm_type: str, osm_id: int) -> None:
        # "node" < "relation" < "way": a file of another order only costs a sort.
        here = (osm_type, osm_id)
        self.is_ordered = self.is_ordered and self._last < here
        self._last = here

    def _add_said(self, tags: Mapping[str, str], *, is_whole: bool) -> int:
        """Add what a set of tags says; return its number."""
        self._last_number += 1
        said = device_attributes(tags, today=self._day)
        # With an end date the same tags say something else one day.
        is_settled = is_whole and "end_date" not in tags
        rules = osm_rules.revision() if is_settled else 0
        self._said.append(
            _joined(self._last_number, _json(dict(tags)), rules, said is not None, *_columns(said))
        )
        return self._last_number

    def _flush(self) -> None:
        for table, columns, rows in (
            ("osm_said", _SAID, self._said),
            ("osm_staging", _OBJECTS, self._objects),
        ):
            if rows:
                with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    copy.write("".join(rows))
            rows.clear()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from walking, again and again, over a million objects that hold no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _columns(said: DeviceAttributes | None) -> tuple[object, ...]:
    """Return the columns of osm_said from `attributes` on."""
    attributes = {} if said is None else said.as_dict()
    seen_from = str(attributes.pop("first_seen", ""))
    seen_to = str(attributes.pop("last_seen", ""))
    return (_json(attributes), seen_from, seen_to, *_alone(attributes, seen_from, seen_to))


def _alone(attributes: Mapping[str, Any], seen_from: str, seen_to: str) -> tuple[object, ...]:
    """Return the device of a claim that says this, has it there, and is its only one.

    It is what `project` makes, at a quarter of its time; a test holds the two equal. Where the
    device stands and which claim it is are filled in by project_alone.sql.
    """
    heard = {name: value for name, value in attributes.items() if says_something(value)}
    return (
        heard.get("kind", "unknown"),
        _json(heard["directions"]) if "directions" in heard else "[]",
        *(heard.get(name, "") for name in TEXT_ATTRIBUTES),
        *(heard.get(name) for name in NUMBER_ATTRIBUTES),
        heard.get("status", "active"),
        seen_from or seen_to,
        seen_to,
        _array({"location", "status"}.union(_NAMED.intersection(heard))),
        _array(heard.get("capabilities", ())),
    )


def _array(names: Iterable[str]) -> str:
    """Return PostgreSQL's array of plain words."""
    return "{" + ",".join(sorted(names)) + "}"


def _joined(*values: object) -> str:
    """Return a line of COPY's text format."""
    return "\t".join(map(_field, values)) + "\n"


def _field(value: object) -> str:
    if isinstance(value, str):
        return value.translate(_ESCAPES) if value and _SPECIAL.search(value) else value
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)
