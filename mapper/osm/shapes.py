"""Where does a way or relation stand? A point on its surface, from whatever a file tells of it.

Positions are lon lat, WGS 84. Nothing here raises on broken geometry: what can't be placed is None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from geo.errors import PositionError
from geo.position import LonLat

Positions = Sequence[tuple[float, float]]
# A relation inside a relation: more nesting than that is a mistake or an attack.
_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a relation; `line` where the file draws it in place (Overpass `out geom`)."""

    osm_type: str
    ref: int
    role: str = ""
    line: Positions = ()


@dataclass(slots=True)
class Shapes:
    """The nodes, ways and relations of a file that others are drawn with."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    ways: dict[int, Sequence[int]] = field(default_factory=dict)
    relations: dict[int, Sequence[Member]] = field(default_factory=dict)

    def line_of(self, refs: Iterable[int]) -> Positions:
        """Return the positions of a way's nodes; those that the file lacks are left out."""
        return [self.nodes[ref] for ref in refs if ref in self.nodes]

    def place_way(self, refs: Sequence[int]) -> LonLat | None:
        """Return the point of a way."""
        is_closed = len(refs) > 3 and refs[0] == refs[-1] and all(r in self.nodes for r in refs)
        return place_line(self.line_of(refs), is_area=is_closed)

    def place_relation(self, members: Sequence[Member], depth: int = 0) -> LonLat | None:
        """Return the point of a relation: on its area, else on its first line, else a node.

        Where some members are devices (type=enforcement), it stands where these do.
        """
        devices = [member for member in members if member.role == "device"]
        found = self._place_members(devices, depth) if devices else None
        return found or self._place_members(members, depth)

    def _place_members(self, members: Sequence[Member], depth: int) -> LonLat | None:
        lines = [(member.role, self._line(member)) for member in members]
        area = _area(
            [line for role, line in lines if role != "inner"],
            [line for role, line in lines if role == "inner"],
        )
        if area is not None:
            return _point_on(area)
        for _, line in lines:
            if line:
                return place_line(line, is_area=False)
        if depth < _MAX_DEPTH:
            for member in members:
                inner = self.relations.get(member.ref) if member.osm_type == "relation" else None
                found = self.place_relation(inner, depth + 1) if inner else None
                if found is not None:
                    return found
        return None

    def _line(self, member: Member) -> Positions:
        if member.line:
            return member.line
        if member.osm_type == "node":
            return self.line_of([member.ref])
        return self.line_of(self.ways.get(member.ref, ())) if member.osm_type == "way" else ()


def place_line(line: Positions, *, is_area: bool) -> LonLat | None:
    """Return a point on the area or in the middle of the line; one position is its own point."""
    if not line:
        return None
    if len(set(line)) == 1:
        return _point_on(Point(line[0]))
    if is_area and len(line) > 3:
        area = shapely.make_valid(Polygon(line))
        if area.area > 0:
            return _point_on(area)
    return _point_on(LineString(line).interpolate(0.5, normalized=True))


def place_geojson(geometry: Mapping[str, Any]) -> LonLat | None:
    """Return the point of a GeoJSON geometry of any type, or None for what is no geometry."""
    try:
        shape = shapely.force_2d(shape_of(dict(geometry)))
    except (shapely.errors.ShapelyError, TypeError, ValueError, LookupError, AttributeError):
        return None
    if shape.is_empty or not shape.is_valid:
        shape = shapely.make_valid(shape)
    if isinstance(shape, LineString):
        shape = shape.interpolate(0.5, normalized=True)
    return None if shape.is_empty else _point_on(shape)


def _area(outer: Sequence[Positions], inner: Sequence[Positions]) -> BaseGeometry | None:
    """Return what closed outer rings, in whatever pieces, enclose without the inner ones."""
    outside, inside = _enclosed(outer), _enclosed(inner)
    area = outside.difference(inside)
    return area if area.area > 0 else None


def _enclosed(lines: Sequence[Positions]) -> BaseGeometry:
    drawn = [LineString(line) for line in lines if len(set(line)) > 1]
    if not drawn:
        return MultiPolygon()
    faces = shapely.polygonize(shapely.get_parts(shapely.unary_union(drawn)))
    return shapely.unary_union(shapely.get_parts(faces))


def _point_on(shape: BaseGeometry) -> LonLat | None:
    point = shape if isinstance(shape, Point) else shape.representative_point()
    try:
        return LonLat(point.x, point.y).rounded()
    except PositionError:
        return None
