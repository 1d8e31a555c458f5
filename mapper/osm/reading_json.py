"""Reads OSM objects from JSON, one at a time.

An Overpass answer, a bare list of its elements, or GeoJSON whose features carry OSM's tags (`@id`
or `id` as node/1, tags flat or under `tags`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ijson

from geo.errors import PositionError
from geo.osm_flags import flag_of
from geo.osm_tags import is_device
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.input_files import opened
from mapper.osm.objects import OSM_TYPES, OsmObject, RefusedObject, made_object
from mapper.osm.shapes import Member, Positions, Shapes, place_geojson, place_line

if TYPE_CHECKING:
    from mapper.osm.reading import KnownIds

# What exporters write beside the tags of a flat feature.
_NOT_TAGS = frozenset({"id", "type", "meta", "relations", "tainted", "geometry"})
_FLAT_META = frozenset({"timestamp", "version", "changeset", "user", "uid"})


def objects(
    path: Path, *, known: "KnownIds", is_quiet: bool = False
) -> Iterator[OsmObject | RefusedObject]:
    """Yield the devices of a file and what it says of known objects."""
    where = _place_of_items(path)
    with opened(path, title="OpenStreetMap", is_quiet=is_quiet) as stream:
        items = ijson.items(stream, where, use_float=True)
        found = _of_features(items) if where == "features.item" else _of_elements(items)
        for item in found:
            if isinstance(item, RefusedObject) or is_wanted(item, known):
                yield item
    if where == "elements.item":
        _refuse_remark(path)


def is_wanted(found: OsmObject, known: "KnownIds") -> bool:
    """Return whether an object is a device or flags something, or is one that we mirror."""
    is_new = is_device(found.tags) or flag_of(found.osm_type, found.tags) is not None
    return is_new or found.osm_id in known.get(found.osm_type, ())


def _place_of_items(path: Path) -> str:
    """Return ijson's name of the list that holds the objects."""
    with opened(path, title="", is_quiet=True) as stream:
        for prefix, event, value in ijson.parse(stream, use_float=True):
            if prefix == "" and event == "start_array":
                return "item"
            if prefix == "" and event == "map_key" and value in ("features", "elements"):
                return f"{value}.item"
    raise BadInput(
        f"{path} holds neither `elements` (an Overpass answer) nor `features` (GeoJSON)."
    )


def _refuse_remark(path: Path) -> None:
    """Refuse an Overpass answer that says itself that it is partial."""
    with opened(path, title="", is_quiet=True) as stream:
        for remark in ijson.items(stream, "remark", use_float=True):
            raise BadInput(
                f"{path} is a partial answer of Overpass ({str(remark)[:120]}); ask again."
            )


def _of_features(items: Iterator[Any]) -> Iterator[OsmObject | RefusedObject]:
    for number, item in enumerate(items, start=1):
        properties = item.get("properties") if isinstance(item, dict) else None
        if not isinstance(properties, dict):
            yield RefusedObject(f"feature {number}", "it has no properties.")
            continue
        osm_type, osm_id = _feature_id(item, properties)
        if osm_type is None:
            yield RefusedObject(f"feature {number}", "it has no @id or id like node/1.")
            continue
        apart = properties.get("meta")
        meta = apart if isinstance(apart, dict) else {}
        yield made_object(
            osm_type=osm_type,
            osm_id=osm_id,
            version=properties.get("@version", meta.get("version", properties.get("version"))),
            timestamp=properties.get("@timestamp", meta.get("timestamp")),
            tags=_feature_tags(properties),
            position=place_geojson(item.get("geometry") or {}),
            is_whole=False,
        )


def _feature_id(item: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[str | None, str]:
    for value in (properties.get("@id"), item.get("id"), properties.get("id")):
        osm_type, slash, osm_id = str(value).partition("/")
        if slash and osm_type in OSM_TYPES:
            return osm_type, osm_id
    if properties.get("@type") in OSM_TYPES:  # osmium export: type and id apart
        return properties["@type"], str(properties.get("@id"))
    return None, ""


def _feature_tags(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags; a null is a column of another feature, not a tag."""
    tags = properties.get("tags")
    if not isinstance(tags, dict):
        has_meta = "user" in properties or "changeset" in properties
        tags = {
            key: value
            for key, value in properties.items()
            if not key.startswith("@")
            and not (key in _NOT_TAGS and not _is_tag(key, value))
            and not (has_meta and key in _FLAT_META)
        }
    return {key: value for key, value in tags.items() if value is not None}


def _is_tag(key: str, value: object) -> bool:
    """Return whether a word of the exporters is a plain text, as a tag of that key would be."""
    return key in ("type", "geometry") and isinstance(value, str) and value not in OSM_TYPES


def _of_elements(items: Iterator[Any]) -> Iterator[OsmObject | RefusedObject]:
    """Yield elements; those that are drawn with others come when all others are known."""
    shapes, waiting = Shapes(), []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or not isinstance(item.get("tags") or {}, dict):
            yield RefusedObject(f"element {number}", "it is no object with tags.")
            continue
        _remember(item, shapes)
        if item.get("tags") or item.get("type") == "node":
            if item.get("type") == "node":
                yield _element(item, _lonlat(item))
            else:
                waiting.append(item)
    for item in waiting:
        yield _element(item, _place(item, shapes))


def _element(item: Mapping[str, Any], position: LonLat | None) -> OsmObject | RefusedObject:
    return made_object(
        osm_type=item.get("type"),
        osm_id=item.get("id"),
        version=item.get("version"),
        timestamp=item.get("timestamp"),
        tags=item.get("tags") or {},
        position=position,
        changeset=item.get("changeset"),
    )


def _remember(item: Mapping[str, Any], shapes: Shapes) -> None:
    """Keep what others may be drawn with."""
    key = item.get("id")
    if not isinstance(key, int):
        return
    if item.get("type") == "node":
        position = _lonlat(item)
        if position is not None:
            shapes.nodes[key] = (position.lon, position.lat)
    elif item.get("type") == "way" and isinstance(item.get("nodes"), list):
        shapes.ways[key] = [ref for ref in item["nodes"] if isinstance(ref, int)]


def _place(item: Mapping[str, Any], shapes: Shapes) -> LonLat | None:
    """Return where a way or relation stands: its drawing, its nodes, else the centre it tells."""
    line = _line(item.get("geometry"))
    if line:
        return place_line(line, is_area=line[0] == line[-1])
    found = None
    if item.get("type") == "way":
        found = shapes.place_way(shapes.ways.get(item.get("id", 0), ()))
    elif isinstance(item.get("members"), list):
        found = shapes.place_relation([m for m in map(_member, item["members"]) if m])
    return found or _lonlat(item.get("center"))


def _member(value: object) -> Member | None:
    if not isinstance(value, dict) or not isinstance(value.get("ref"), int):
        return None
    position = _lonlat(value)
    line = [(position.lon, position.lat)] if position else _line(value.get("geometry"))
    return Member(str(value.get("type")), value["ref"], str(value.get("role", "")), line)


def _line(value: object) -> Positions:
    places = [_lonlat(point) for point in value] if isinstance(value, list) else []
    return [(place.lon, place.lat) for place in places if place is not None]


def _lonlat(value: object) -> LonLat | None:
    if not isinstance(value, dict) or value.get("lon") is None or value.get("lat") is None:
        return None
    try:
        return LonLat(value["lon"], value["lat"])
    except PositionError:
        return None
