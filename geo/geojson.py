"""How is a geometry written in GeoJSON, and can this one be trusted? RFC 7946, lon lat, WGS 84."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import shapely
from shapely import LinearRing, MultiPolygon, Polygon
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.errors import GeoJSONError, PositionError, shown
from geo.position import LonLat

# OSM's own step; 1e-7 degree is 1.1 cm at most.
_DECIMALS = 7
_WRITABLE = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)

_REMEDY = "give a Polygon or MultiPolygon with coordinates [lon, lat] in WGS 84."


def point(position: LonLat) -> dict[str, object]:
    """Return a Point geometry rounded to 1e-7 degree."""
    rounded = position.rounded(_DECIMALS)
    return {"type": "Point", "coordinates": [rounded.lon, rounded.lat]}


def geometry(shape: BaseGeometry) -> dict[str, object]:
    """Return `shape` (lon lat, WGS 84) as a geometry: 1e-7 degree, polygons by the right-hand rule.

    Heights are left out. Nothing is split at the antimeridian: give parts that don't cross it.

    Raises
    ------
    GeoJSONError
        When the shape is empty or a collection.
    """
    if shape.is_empty or shape.geom_type not in _WRITABLE:
        raise GeoJSONError(
            f"A {shape.geom_type} {'that is empty ' if shape.is_empty else ''}can't be written; "
            "give a point, line or polygon, or several of one sort."
        )
    written: dict[str, object] = dict(mapping(_oriented(shapely.force_2d(shape))))
    written["coordinates"] = _rounded(written["coordinates"])
    return written


def feature(
    geometry: Mapping[str, object] | None,
    properties: Mapping[str, object],
    *,
    id: str | int | None = None,
) -> dict[str, object]:
    """Return a Feature; without a place its geometry is null, and without an id it has none."""
    members: dict[str, object] = {"type": "Feature"}
    if id is not None:
        members["id"] = id
    members["geometry"] = None if geometry is None else dict(geometry)
    members["properties"] = dict(properties)
    return members


def feature_collection(
    features: Iterable[Mapping[str, object]], **members: object
) -> dict[str, object]:
    """Return a FeatureCollection with further top `members` (license, attribution) before its list.

    Raises
    ------
    GeoJSONError
        When a member would stand for one that RFC 7946 defines.
    """
    taken = {"type", "features", "geometry", "properties", "coordinates"} & set(members)
    if taken:
        raise GeoJSONError(f"Member {shown(min(taken))} has a meaning in GeoJSON; rename it.")
    return {"type": "FeatureCollection", **members, "features": list(features)}


def repair_polygon(value: object) -> tuple[MultiPolygon, bool]:
    """Return the area of a Polygon or MultiPolygon geometry, and whether it had to be repaired.

    Repaired are rings that are not closed, cross themselves or each other (shapely.make_valid,
    structure method: holes stay holes, holes outside and what collapses are dropped). The result
    is valid, not empty, two-dimensional and oriented by the right-hand rule; orientation alone is
    no repair.

    Raises
    ------
    GeoJSONError
        Naming the polygon, ring and position, when the value is no such geometry, a position is
        not finite or out of range (with a hint at swapped axes or another projection), a ring has
        fewer than three different positions, or nothing is left after the repair.
    """
    polygons, were_open = [], False
    for number, rings in enumerate(_polygons(value), start=1):
        read = [
            _ring(ring, f"polygon {number}, ring {index}") for index, ring in enumerate(rings, 1)
        ]
        were_open |= any(was_open for _, was_open in read)
        polygons.append(Polygon(read[0][0], [ring for ring, _ in read[1:]]))
    area = MultiPolygon(polygons)
    if area.is_valid:
        return _as_oriented_multipolygon(area), were_open
    reason = shapely.is_valid_reason(area)
    repaired = _valid(area)
    if any(polygon.interiors for polygon in polygons):
        # make_valid makes land of a hole that lies outside; nothing beyond the outer rings is kept.
        shells = [_valid(Polygon(polygon.exterior)) for polygon in polygons]
        repaired = repaired.intersection(shapely.union_all(shells))
    if repaired.is_empty or repaired.area == 0:
        raise GeoJSONError(f"The area is empty after repair ({reason}); draw it anew.")
    return _as_oriented_multipolygon(repaired), True


def read_point(value: object) -> LonLat:
    """Return the position of a Point geometry, lon lat; a third number is dropped.

    Raises
    ------
    GeoJSONError
        When the value is no Point, or its position is not finite or out of range (with a hint at
        swapped axes or another projection).
    """
    if not isinstance(value, dict) or value.get("type") != "Point":
        raise GeoJSONError(f"{shown(value)} is not a point; give a Point.")
    return LonLat(*_position(value.get("coordinates"), "the point"))


def invalid_rings(value: object) -> tuple[str, ...]:
    """Return a line for each ring of an area that crosses itself, with the ring's name and where.

    Raises
    ------
    GeoJSONError
        As `repair_polygon` does for what is no polygon at all.
    """
    found = []
    for number, rings in enumerate(_polygons(value), start=1):
        for index, ring in enumerate(rings, start=1):
            name = f"polygon {number}, ring {index}"
            line = LinearRing(_ring(ring, name)[0])
            if not line.is_valid:
                found.append(f"{name}: {shapely.is_valid_reason(line)}")
    return tuple(found)


def _polygons(value: object) -> list[list[object]]:
    """Return the polygons of a geometry as lists of rings."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or kind not in ("Polygon", "MultiPolygon"):
        raise GeoJSONError(f"Geometry {shown(kind or value)} is not an area; {_REMEDY}")
    coordinates = value.get("coordinates")
    if coordinates is None:
        raise GeoJSONError(f"{kind} has no coordinates; {_REMEDY}")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise GeoJSONError(f"{kind} has no coordinates; {_REMEDY}")
    for number, rings in enumerate(polygons, start=1):
        if not isinstance(rings, list) or not rings:
            raise GeoJSONError(f"{kind}: polygon {number} has no rings; {_REMEDY}")
    return polygons


def _ring(ring: object, name: str) -> tuple[list[tuple[float, float]], bool]:
    """Return the closed positions of a ring, and whether it was open."""
    if not isinstance(ring, list):
        raise GeoJSONError(f"{name} is not a list of positions; {_REMEDY}")
    positions = [_position(value, f"{name}, position {at}") for at, value in enumerate(ring, 1)]
    if len(set(positions)) < 3:
        raise GeoJSONError(f"{name} has fewer than three different positions; draw it anew.")
    was_open = positions[0] != positions[-1]
    return (positions + positions[:1] if was_open else positions), was_open


def _position(value: object, name: str) -> tuple[float, float]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
        raise GeoJSONError(f"{name} is not [lon, lat]; {_REMEDY}")
    lon, lat = (float(part) if isinstance(part, Decimal) else part for part in value[:2])
    try:
        position = LonLat(lon, lat)
    except PositionError as error:
        hint = _projection_hint(lon, lat)
        raise GeoJSONError(f"{name}: {error}{hint}") from None
    return position.lon, position.lat


def _projection_hint(lon: object, lat: object) -> str:
    is_metric = any(isinstance(part, (int, float)) and abs(part) > 400 for part in (lon, lat))
    return " These look like metres: reproject to WGS 84 (EPSG:4326)." if is_metric else ""


def _valid(shape: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _oriented(shape: BaseGeometry) -> BaseGeometry:
    if isinstance(shape, Polygon):
        return orient(shape)
    if isinstance(shape, MultiPolygon):
        return MultiPolygon([orient(part) for part in shape.geoms])
    return shape


def _as_oriented_multipolygon(shape: BaseGeometry) -> MultiPolygon:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return MultiPolygon([orient(part) for part in parts])


def _rounded(coordinates: object) -> object:
    if isinstance(coordinates, (list, tuple)):
        return [_rounded(part) for part in coordinates]
    return round(float(coordinates), _DECIMALS) + 0.0  # type: ignore[arg-type]  # shapely's numbers
