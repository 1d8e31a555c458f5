"""Where is the sea? The shore of OpenStreetMap has land on its left and water on its right.

The sea itself is no object there: within a box it is what the shore and the box's edges cut off
(wiki.openstreetmap.org/wiki/Tag:natural=coastline).
"""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

# How far beside a piece of shore a side is looked at: a centimetre, or a tenth of a short piece.
_ASIDE_DEG = 1e-7
# A gap in the shore lets land and sea run into one; such a part is left undrawn.
_LEAST_AGREEMENT = 0.95
# Extracts are cut along a border, their box is a little wider: a shore that ends so near an edge,
# as a part of the box's shorter side, goes on to it.
_NEAR_EDGE = 0.1


def sea_of(shores: Sequence[BaseGeometry], box: tuple[float, float, float, float]) -> list[Polygon]:
    """Return the parts of a box that are sea.

    `shores` are lines in degrees (lon, lat), land on their left; `box` is west, south, east, north
    and does not cross the antimeridian. Where no shore meets the box nothing tells sea from land,
    and nothing is returned; nor is a part whose shores contradict each other.

    >>> sea_of([shapely.LineString([(0, 1), (1, 1)])], (0, 0, 1, 3))[0].bounds
    (0.0, 0.0, 1.0, 1.0)
    >>> sea_of([], (0, 0, 1, 1))
    []
    """
    frame = shapely.box(*box)
    near = [shore for shore in shores if shore.intersects(frame)]
    if not near:
        return []
    cut = shapely.intersection(shapely.union_all(near), frame)
    edges = shapely.union_all([cut, frame.boundary, *_to_the_edge(cut, frame)])
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    right, left = _beside(near)
    is_sea = np.zeros(len(parts))
    is_land = np.zeros(len(parts))
    tree = shapely.STRtree(parts)
    for points, votes in ((right, is_sea), (left, is_land)):
        np.add.at(votes, tree.query(points, predicate="within")[1], 1)
    total = is_sea + is_land
    agrees = is_sea >= np.maximum(total, 1) * _LEAST_AGREEMENT
    return [part for part, is_wet in zip(parts, agrees, strict=True) if is_wet]


def _to_the_edge(cut: shapely.Geometry, frame: Polygon) -> list[shapely.LineString]:
    """Return what joins a shore's loose ends to the box's edge, where that is near."""
    merged = shapely.get_parts(shapely.line_merge(cut))
    ends = [point for line in merged for point in shapely.get_parts(line.boundary)]
    west, south, east, north = frame.bounds
    reach = _NEAR_EDGE * min(east - west, north - south)
    joins = [shapely.shortest_line(end, frame.boundary) for end in ends]
    return [join for join in joins if 0 < join.length <= reach]


def _beside(shores: Sequence[BaseGeometry]) -> tuple[np.ndarray, np.ndarray]:
    """Return points just right and just left of the middle of each piece of shore."""
    starts = np.concatenate([shapely.get_coordinates(shore)[:-1] for shore in shores])
    ends = np.concatenate([shapely.get_coordinates(shore)[1:] for shore in shores])
    along = ends - starts
    length = np.hypot(along[:, 0], along[:, 1])
    starts, along, length = starts[length > 0], along[length > 0], length[length > 0]
    aside = np.minimum(_ASIDE_DEG, length / 10) / length
    # Turned by a right angle to the right: (x, y) becomes (y, -x).
    turned = np.column_stack([along[:, 1], -along[:, 0]]) * aside[:, None]
    middle = starts + along / 2
    return shapely.points(middle + turned), shapely.points(middle - turned)
