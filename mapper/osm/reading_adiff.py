"""Reads augmented diffs: what Overpass (`[adiff:…]`) says became of objects, each beside its past.

`<action type="create|modify|delete">` holds `<old>` and `<new>`, a created object bare. Only the
new counts; what an object was, we know. Format: wiki Overpass_API/Augmented_Diffs
"""

import datetime
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from geo.errors import PositionError
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.input_files import opened
from mapper.osm.objects import OSM_TYPES, OsmObject, RefusedObject, made_object
from mapper.osm.reading_json import is_wanted
from mapper.osm.shapes import Member, Shapes, place_line

if TYPE_CHECKING:
    from mapper.osm.reading import KnownIds

_HEAD_BYTES = 4096
_CHUNK_BYTES = 65536
_BASE = re.compile(rb"<meta\s[^>]*osm_base=[\"']([0-9TZ:.-]{10,30})[\"']")
_DEEPEST = 12


def is_augmented(path: Path) -> bool:
    """Return whether a file begins as an augmented diff does."""
    head = _head(path)
    return b"<osm" in head and b"<action " in head


def data_at(path: Path) -> datetime.datetime | None:
    """Return the moment up to which it knows OSM, None where it is silent."""
    told = _BASE.search(_head(path))
    try:
        found = datetime.datetime.fromisoformat(told[1].decode()) if told else None
    except ValueError:
        return None
    return found.replace(tzinfo=datetime.UTC) if found and found.tzinfo is None else found


def objects(
    path: Path, *, known: "KnownIds", is_quiet: bool = False
) -> Iterator[OsmObject | RefusedObject]:
    """Yield the devices of a file and what it says of known objects."""
    met: dict[str, set[int]] = {osm_type: set() for osm_type in OSM_TYPES}
    reader = _Reader()
    try:
        with opened(path, title="OpenStreetMap", is_quiet=is_quiet) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                for found in reader.feed(chunk):
                    if _is_told(found, known, met):
                        yield found
        reader.end()
    except (expat.ExpatError, _NotAugmented, LookupError) as error:
        raise BadInput(f"{path} is damaged or no augmented diff: {error}.") from None
    if reader.remark:
        raise BadInput(
            f"{path} is a partial answer of Overpass ({reader.remark[:120]}); ask again."
        )


def _is_told(found: OsmObject | RefusedObject, known: "KnownIds", met: dict[str, set[int]]) -> bool:
    if isinstance(found, RefusedObject):
        # What is of no interest to us may be as odd as it likes.
        osm_type, _, osm_id = found.name.partition("/")
        return osm_id.isdigit() and int(osm_id) in known.get(osm_type, ())
    if is_wanted(found, known):
        met[found.osm_type].add(found.osm_id)
        return True
    return found.osm_id in met[found.osm_type]


class _NotAugmented(Exception):
    """What no augmented diff holds."""


@dataclass
class _Element:
    """An object as its XML is met."""

    osm_type: str
    said: Mapping[str, str]
    tags: dict[str, str] = field(default_factory=dict)
    line: list[tuple[float, float]] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    # The line of the member that is just being read.
    member_line: list[tuple[float, float]] = field(default_factory=list)
    centre: LonLat | None = None

    def child(self, name: str, said: Mapping[str, str]) -> None:
        place = _place(said)
        if name == "tag":
            self.tags[said.get("k", "")] = said.get("v", "")
        elif name == "nd" and place is not None:
            line = self.member_line if self.members else self.line
            line.append((place.lon, place.lat))
        elif name == "member":
            ref = said.get("ref", "")
            self.member_line = [] if place is None else [(place.lon, place.lat)]
            number = int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 20 else 0
            role = said.get("role", "")
            self.members.append(Member(said.get("type", ""), number, role, self.member_line))
        elif name == "center":
            self.centre = place

    def place(self) -> LonLat | None:
        if self.osm_type == "node":
            return _place(self.said)
        if self.line:
            return place_line(self.line, is_area=self.line[0] == self.line[-1]) or self.centre
        return Shapes().place_relation(self.members) or self.centre


class _Reader:
    """Turns the XML into objects, one at a time."""

    def __init__(self) -> None:
        self.remark = ""
        self._found: list[OsmObject | RefusedObject] = []
        self._stack: list[str] = []
        self._action = ""
        self._old: _Element | None = None
        self._has_new = False
        self._element: _Element | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = _no_doctype

    def feed(self, chunk: bytes) -> list[OsmObject | RefusedObject]:
        """Return the objects that end in a piece of the file."""
        self._parser.Parse(chunk, False)
        found, self._found = self._found, []
        return found

    def end(self) -> None:
        """Say that there is no more; ExpatError where there should be."""
        self._parser.Parse(b"", True)

    def _start(self, name: str, said: dict[str, str]) -> None:
        self._stack.append(name)
        if len(self._stack) > _DEEPEST or self._stack[0] != "osm":
            raise _NotAugmented(f"<{name[:20]}> can't stand there")
        if name == "action":
            self._action, self._old, self._has_new = said.get("type", ""), None, False
        elif self._element is not None:
            self._element.child(name, said)
        elif name in OSM_TYPES and not self._action:
            raise _NotAugmented(f"a {name} stands outside of any action")
        elif name in OSM_TYPES:
            self._element = _Element(name, said)

    def _end(self, name: str) -> None:
        self._stack.pop()
        element = self._element
        if element is not None and name == element.osm_type:
            self._element = None
            if self._stack[-1] == "old":
                self._old = element
            else:
                self._has_new = True
                self._found.append(_object(element, self._action))
        elif name == "action":
            if self._action == "delete" and not self._has_new and self._old is not None:
                self._found.append(_object(self._old, "delete", is_told=False))
            self._action = ""

    def _text(self, text: str) -> None:
        if self._stack[-1] == "remark" and len(self.remark) < _HEAD_BYTES:
            self.remark += text


def _object(element: _Element, action: str, *, is_told: bool = True) -> OsmObject | RefusedObject:
    """Return what became of an object; what left the question but exists is refused in words."""
    said = element.said
    is_visible = said.get("visible", "false" if action == "delete" else "true") != "false"
    is_visible = is_visible and is_told
    name = f"{element.osm_type}/{said.get('id', '')[:20]}"
    if action == "delete" and is_visible and not element.tags:
        return RefusedObject(
            name, "it is there, but no more as what was asked for; a change file says as what."
        )
    return made_object(
        osm_type=element.osm_type,
        osm_id=said.get("id"),
        version=said.get("version", 0),
        timestamp=said.get("timestamp"),
        tags=element.tags if is_visible else {},
        position=element.place() if is_visible else None,
        is_visible=is_visible,
        changeset=said.get("changeset"),
    )


def _place(said: Mapping[str, str]) -> LonLat | None:
    try:
        return LonLat(float(said["lon"]), float(said["lat"]))
    except (KeyError, ValueError, PositionError):
        return None


def _no_doctype(*_: object) -> None:
    raise _NotAugmented("it has a DOCTYPE")


def _head(path: Path) -> bytes:
    """Return how a file begins; nothing of one that can't be read."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                return stream.read(_HEAD_BYTES)
        with path.open("rb") as plain:
            return plain.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""
