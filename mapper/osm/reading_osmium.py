"""Reads OSM objects from extracts and change files through osmium, filtered before Python.

A file is read once; again for the nodes that ways and relations are drawn with, and for the
objects that we know (a node that lost its tags, or was deleted, shows in no tag filter).
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
from tqdm import tqdm

from geo.osm_flags import FLAG_KEYS, flag_of
from geo.osm_tags import ROOT_KEYS, is_device
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.osm import reading_opl
from mapper.osm.known import Known
from mapper.osm.objects import OSM_TYPES, NodeLine, OsmObject, RefusedObject, made_object
from mapper.osm.reading_opl import Refs
from mapper.osm.shapes import Member, Shapes

if TYPE_CHECKING:
    from mapper.osm.reading import KnownIds


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an extract comes from: the moment, and the server and number that follow on it."""

    data_at: datetime.datetime | None = None
    url: str = ""
    sequence: int | None = None


_ENTITIES = {
    "node": osmium.osm.NODE,
    "way": osmium.osm.WAY,
    "relation": osmium.osm.RELATION,
}
_KEYS = osmium.filter.KeyFilter(*ROOT_KEYS, *FLAG_KEYS)
_LETTERS = {"n": "node", "w": "way", "r": "relation"}
_RELATION_DEPTH = 3


def origin(path: Path) -> Origin:
    """Return what the header of an extract says of its data; nothing where it is silent."""
    try:
        with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
            header = reader.header()
            url, number, stamp = (
                header.get(f"osmosis_replication_{name}", "")
                for name in ("base_url", "sequence_number", "timestamp")
            )
    except (RuntimeError, OSError, ValueError) as error:
        raise _damaged(path, error) from None
    try:
        data_at = datetime.datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        data_at = None
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    return Origin(data_at, url, int(number) if is_number else None)


def objects(
    path: Path, *, known: "KnownIds", is_quiet: bool = False
) -> Iterator[OsmObject | RefusedObject | NodeLine]:
    """Yield the devices of a file and what it says of known objects; highest version counts.

    Of an extract and `Known`, what is held already is left unread, and most nodes are NodeLine.
    """
    hide = True if is_quiet else None
    with tqdm(desc="OpenStreetMap", unit=" objects", disable=hide) as bar:
        try:
            if isinstance(known, Known) and _has_one_version_each(path):
                all_found: Iterator[Any] = _of_extract(path, known)
            else:
                all_found = _objects(path, known)
            for found in all_found:
                bar.update()
                yield found
        except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
            raise _damaged(path, error) from None


def _has_one_version_each(path: Path) -> bool:
    """Return whether a file is an extract: a PBF that does not say it has several versions."""
    if not path.name.lower().endswith(".pbf"):
        return False
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        return not reader.header().has_multiple_object_versions


def _of_extract(path: Path, known: Known) -> Iterator[OsmObject | RefusedObject | NodeLine]:
    waiting: list[tuple[OsmObject, Refs]] = []
    met: dict[str, set[int]] = {osm_type: set() for osm_type in OSM_TYPES}
    try:
        for found, refs in _from_lines(path, known):
            if isinstance(found, NodeLine):
                met["node"].add(int(found.osm_id))
            elif isinstance(found, OsmObject):
                met[found.osm_type].add(found.osm_id)
            if isinstance(found, OsmObject) and found.osm_type != "node":
                waiting.append((found, refs))
            else:
                yield found
    except reading_opl.OsmiumStopped:
        # It stops at tags that are not UTF-8 and is not on every machine: all once more, slower.
        known.forget_unread()
        yield from _objects(path, known)
        return
    yield from _placed_all(path, waiting)
    for osm_type, ids in known.left(met).items():
        if ids:
            yield from _known(path, osm_type, ids)


def _from_lines(
    path: Path, known: Known
) -> Iterator[tuple[OsmObject | RefusedObject | NodeLine, Refs]]:
    """Yield what the lines of an extract say, and by osmium itself what is blurred in them."""
    blurred: dict[str, set[int]] = {osm_type: set() for osm_type in OSM_TYPES}
    yield from reading_opl.devices(path, known, blurred)
    for osm_type, ids in blurred.items():
        if ids:
            by_id = osmium.filter.IdFilter(ids)
            for item, found in _devices(_filtered(path, by_id, _ENTITIES[osm_type])):
                yield found, [] if osm_type == "node" else _refs(item)


def _objects(path: Path, known: "KnownIds") -> Iterator[OsmObject | RefusedObject]:
    waiting: list[tuple[OsmObject, Refs]] = []
    # In a change file a later version of the same object may be no device any more.
    met: dict[str, set[int]] = {osm_type: set() for osm_type in OSM_TYPES}
    for item, found in _devices(_filtered(path, _KEYS)):
        if isinstance(found, OsmObject) and ".osc" in path.name:
            met[found.osm_type].add(found.osm_id)
        if isinstance(found, OsmObject) and found.osm_type != "node" and found.is_visible:
            waiting.append((found, _refs(item)))
        else:
            yield found
    yield from _placed_all(path, waiting)
    for osm_type in OSM_TYPES:
        ids = met[osm_type].union(known.get(osm_type, ()))
        if ids:
            yield from _known(path, osm_type, ids)


def _filtered(path: Path, wanted: Any, entities: Any = osmium.osm.ALL) -> Iterator[Any]:
    """Yield osmium's objects; each is gone when the next is asked for."""
    yield from osmium.FileProcessor(str(path), entities).with_filter(wanted)


def _devices(items: Iterable[Any]) -> Iterator[tuple[Any, OsmObject | RefusedObject]]:
    """Yield the objects whose tags name a device."""
    for item in items:
        tags = _tags(item)
        if isinstance(tags, RefusedObject):
            yield item, tags
        elif _is_told(item, tags):
            yield item, _made(item, tags)


def _known(path: Path, osm_type: str, ids: set[int]) -> Iterator[OsmObject | RefusedObject]:
    """Yield the objects of these ids that are no devices (any more) or are deleted."""
    by_id = osmium.filter.IdFilter(ids)
    for item in _filtered(path, by_id, _ENTITIES[osm_type]):
        tags = _tags(item)
        if isinstance(tags, RefusedObject):
            continue  # named already if it has a device's key, of no interest otherwise
        if not item.visible or not _is_told(item, tags):
            yield _made(item, tags)


def _tags(item: Any) -> dict[str, str] | RefusedObject:
    try:
        return dict(item.tags)
    except UnicodeDecodeError:
        return RefusedObject(f"{_LETTERS[item.type_str()]}/{item.id}", "its tags are not UTF-8.")


def _is_told(item: Any, tags: dict[str, str]) -> bool:
    """Return whether tags name a device or flag something."""
    return is_device(tags) or flag_of(_LETTERS[item.type_str()], tags) is not None


def _made(item: Any, tags: dict[str, str]) -> OsmObject | RefusedObject:
    """Return the object; a way or relation has no place yet."""
    return made_object(
        osm_type=_LETTERS[item.type_str()],
        osm_id=item.id,
        version=item.version,
        timestamp=_timestamp(item),
        tags=tags,
        position=_location(item),
        is_visible=bool(item.visible),
        changeset=item.changeset,
    )


def _timestamp(item: Any) -> datetime.datetime | None:
    stamp: datetime.datetime = item.timestamp
    return stamp if stamp.year > 1970 else None  # osmium's word for "not told"


def _location(item: Any) -> LonLat | None:
    if item.type_str() != "n" or not item.location.valid():
        return None
    return LonLat(item.location.lon, item.location.lat)


def _refs(item: Any) -> Refs:
    if item.type_str() == "w":
        return [node.ref for node in item.nodes]
    return [Member(_LETTERS[m.type], m.ref, m.role) for m in item.members]


def _placed_all(path: Path, waiting: list[tuple[OsmObject, Refs]]) -> Iterator[OsmObject]:
    """Yield ways and relations where they stand."""
    if waiting:
        shapes = _shapes(path, waiting)
        for found, refs in waiting:
            yield _placed(found, refs, shapes)


def _shapes(path: Path, waiting: list[tuple[OsmObject, Refs]]) -> Shapes:
    """Return the nodes, ways and relations that the waiting objects are drawn with."""
    tracker = osmium.IdTracker()
    for found, _ in waiting:
        add = tracker.add_way if found.osm_type == "way" else tracker.add_relation
        add(found.osm_id)
    tracker.complete_backward_references(str(path), relation_depth=_RELATION_DEPTH)
    shapes = Shapes()
    for item in _filtered(path, tracker.id_filter()):
        if item.type_str() == "n":
            place = _location(item)
            if place is not None:
                shapes.nodes[item.id] = (place.lon, place.lat)
        elif item.type_str() == "w":
            shapes.ways[item.id] = [node.ref for node in item.nodes]
        elif item.type_str() == "r":
            shapes.relations[item.id] = [
                Member(_LETTERS[m.type], m.ref, m.role) for m in item.members
            ]
    return shapes


def _placed(found: OsmObject, refs: list[Any], shapes: Shapes) -> OsmObject:
    is_way = found.osm_type == "way"
    place = shapes.place_way(refs) if is_way else shapes.place_relation(refs)
    return replace(found, position=place)


def _damaged(path: Path, error: Exception) -> BadInput:
    reason = str(error).partition("\n")[0].strip(" .") or type(error).__name__
    return BadInput(f"{path} is damaged or not of the format its name says: {reason}.")
