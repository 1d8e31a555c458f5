"""One OSM object as a file or a server states it; what can't be stored is refused with a reason."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from geo.errors import GeoError, shown
from geo.position import LonLat
from mapper.errors import BadInput

OSM_TYPES = ("node", "way", "relation")
# OSM's own limit.
_MAX_CHARACTERS = 255
_MAX_ID = 2**63 - 1
_MAX_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class OsmObject:
    """Type, id and version (0: not told), raw tags, and the point where it stands, if told.

    There is no field for who edited it: names and numbers of OSM's users never get in.
    """

    osm_type: str
    osm_id: int
    version: int = 0
    timestamp: datetime.datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    position: LonLat | None = None
    is_visible: bool = True
    # Which changeset made this version (0: not told): what vandalism is grouped by, and no person.
    changeset: int = 0
    # False of what an exporter may have rounded or left out: the same version may say more.
    is_whole: bool = True

    @property
    def name(self) -> str:
        """Return how a report names it: node/1."""
        return f"{self.osm_type}/{self.osm_id}"


@dataclass(frozen=True, slots=True)
class RefusedObject:
    """One object that can't be taken, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class TagText:
    """A set of tags that many nodes carry, and the number that a load gives it."""

    __slots__ = ("number", "tags")

    def __init__(self, tags: Mapping[str, str]):
        self.tags = tags
        self.number = 0


class NodeLine(NamedTuple):
    """A visible node of an extract that is a device, its numbers checked but left as texts.

    A million objects of it are made in a second, where those of OsmObject take ten.
    """

    osm_id: str
    version: str
    changeset: str
    # As 2026-05-12T10:00:00Z; empty where it is not told.
    stamp: str
    lon: float
    lat: float
    tags: TagText


def made_object(
    *,
    osm_type: object,
    osm_id: object,
    tags: Mapping[Any, Any],
    version: object = 0,
    timestamp: object = None,
    position: LonLat | None = None,
    is_visible: bool = True,
    changeset: object = 0,
    is_whole: bool = True,
) -> OsmObject | RefusedObject:
    """Return the object of values of unknown quality."""
    name = f"{str(osm_type)[:20]}/{str(osm_id)[:20]}"
    try:
        return OsmObject(
            osm_type=_osm_type(osm_type),
            osm_id=_whole("id", osm_id, 1, _MAX_ID),
            version=_whole("version", 0 if version is None else version, 0, _MAX_VERSION),
            timestamp=_timestamp(timestamp),
            tags=_tags(tags),
            position=position,
            is_visible=is_visible,
            changeset=_whole("changeset", 0 if changeset is None else changeset, 0, _MAX_ID),
            is_whole=is_whole,
        )
    except (BadInput, GeoError) as error:
        return RefusedObject(name, str(error))


def _osm_type(value: object) -> str:
    if value not in OSM_TYPES:
        raise BadInput(f"type {shown(value)} is none of node, way, relation.")
    return str(value)


def _whole(name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(f"{name} {shown(value)} is not a whole number of OpenStreetMap.")
    return value


def _timestamp(value: object) -> datetime.datetime | None:
    if value is None or isinstance(value, datetime.datetime):
        found = value
    else:
        try:
            found = datetime.datetime.fromisoformat(str(value))
        except ValueError:
            raise BadInput(f"timestamp {shown(value)} is not like 2026-05-12T10:00:00Z.") from None
    if found is not None and found.tzinfo is None:
        found = found.replace(tzinfo=datetime.UTC)
    return found


def _tags(tags: Mapping[Any, Any]) -> dict[str, str]:
    for key, value in tags.items():
        for text in (key, value):
            if not isinstance(text, str):
                raise BadInput(f"tag {shown(key)} is {shown(value)}; tags are texts, quote it.")
            if len(text) > _MAX_CHARACTERS:
                raise BadInput(f"tag {shown(key)} is longer than {_MAX_CHARACTERS} characters.")
            if "\x00" in text or not _is_unicode(text):
                raise BadInput(f"tag {shown(key)} holds a character that no text may hold.")
    return dict(tags)


def _is_unicode(text: str) -> bool:
    """Return whether a text can be written as UTF-8 (JSON may smuggle lone surrogates in)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
