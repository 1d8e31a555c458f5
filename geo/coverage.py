"""What can a device see? The sector of its view on open ground, on the ellipsoid."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Geod
from shapely import MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from geo.bbox import BBox
from geo.direction import Arc
from geo.errors import CoverageError
from geo.position import LonLat

# A bearing says nothing of the lens: 70 degrees is what other maps draw, and only indicative.
INDICATIVE_WIDTH_DEG = 70.0

_GEOD = Geod(ellps="WGS84")
_STEP_DEG = 5.0
_MIN_WIDTH_DEG = 1.0
_MAX_RADIUS_M = 10_000.0


def view_sector(
    position: LonLat,
    arc: Arc,
    radius_m: float,
    *,
    indicative_width_deg: float = INDICATIVE_WIDTH_DEG,
) -> Polygon | MultiPolygon:
    """Return the area seen from `position` within `radius_m` metres over `arc`.

    WGS 84 (EPSG:4326), lon lat, exterior rings counter-clockwise (RFC 7946). A single bearing is
    drawn `indicative_width_deg` wide around it, an opening under 1 degree as 1 degree, an arc that
    is all round as a circle. The rim is cut into chords of at most 5 degrees, so that the area is
    up to 0.13 percent too small. Across the antimeridian the area comes in two parts.

    Raises
    ------
    CoverageError
        When the radius is not in [1, 10 000], the indicative width not in [1, 360), or a pole
        lies within reach (there a sector has no shape in degrees).
    """
    if not 1 <= radius_m <= _MAX_RADIUS_M:
        raise CoverageError(f"Radius {radius_m} m is outside [1, 10000]; give metres.")
    if not _MIN_WIDTH_DEG <= indicative_width_deg < 360:
        raise CoverageError(f"Width {indicative_width_deg} is outside [1, 360); give degrees.")
    if BBox.around(position, radius_m).width_deg == 360:
        raise CoverageError(f"Latitude {position.lat} is too near a pole for a view sector.")
    ring = _rim(position, *_opening(arc, indicative_width_deg), radius_m)
    if not arc.is_all_round:
        ring = np.vstack([[position.lon, position.lat], ring])
    return _split_at_antimeridian(orient(Polygon(ring)))


def _opening(arc: Arc, indicative_width_deg: float) -> tuple[float, float]:
    """Return where the opening begins and its width, in degrees."""
    if arc.is_all_round:
        return 0.0, 360.0
    width_deg = max(arc.width_deg or indicative_width_deg, _MIN_WIDTH_DEG)
    middle_deg = arc.from_deg + arc.width_deg / 2
    return middle_deg - width_deg / 2, width_deg


def _rim(
    position: LonLat, start_deg: float, width_deg: float, radius_m: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return points of the rim; their longitudes run on past 180 rather than jump to -180."""
    steps = int(np.ceil(width_deg / _STEP_DEG)) + 1
    bearings = start_deg + np.linspace(0, width_deg, steps)
    if width_deg == 360:
        bearings = bearings[:-1]
    count = len(bearings)
    lons, lats, _ = _GEOD.fwd(
        np.full(count, position.lon), np.full(count, position.lat), bearings,
        np.full(count, radius_m),
    )  # fmt: skip
    offsets = (np.asarray(lons) - position.lon + 180) % 360 - 180
    return np.column_stack([position.lon + offsets, lats])


def _split_at_antimeridian(polygon: Polygon) -> Polygon | MultiPolygon:
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        return polygon
    shift = 360 if west < -180 else -360
    world = shapely.box(-180, -90, 180, 90)
    near = polygon.intersection(world)
    far = shapely.transform(polygon, lambda points: points + np.array([shift, 0])).intersection(
        world
    )
    parts = [
        orient(part)
        for part in shapely.get_parts([near, far])
        if isinstance(part, Polygon) and not part.is_empty
    ]
    return MultiPolygon(parts) if len(parts) > 1 else parts[0]
