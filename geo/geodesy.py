"""How far, which way, and where to? On the WGS 84 ellipsoid, so that it agrees with PostGIS."""

from __future__ import annotations

import math

from pyproj import Geod

from geo.errors import GeodesyError
from geo.position import LonLat

_GEOD = Geod(ellps="WGS84")
# From pole to pole along a meridian of WGS 84.
_MERIDIAN_M = 20_003_931.458
_MAX_DISTANCE_M = 20_003_932.0
_MIN_CELL_M, _MAX_CELL_M = 1.0, 100_000.0
_DECIMALS = 7


def distance_m(a: LonLat, b: LonLat) -> float:
    """Return the length of the shortest way from `a` to `b` in metres, in [0, 20 003 932].

    WGS 84 ellipsoid; right across the antimeridian and at the poles. Source: Karney 2013
    (GeographicLib, through PROJ), the algorithm of PostGIS geography.

    >>> distance_m(LonLat(180, 0), LonLat(-180, 0))
    0.0
    """
    return float(_GEOD.inv(a.lon, a.lat, b.lon, b.lat)[2])


def bearing_deg(a: LonLat, b: LonLat) -> float:
    """Return the initial bearing from `a` to `b`, degrees clockwise from true north in [0, 360).

    From a pole every way leads south (or north); PROJ's answer then follows the pole's longitude.

    Raises
    ------
    GeodesyError
        When both are the same place: there is no direction, and north would be an invention.
    """
    azimuth_deg, _, length_m = _GEOD.inv(a.lon, a.lat, b.lon, b.lat)
    if length_m == 0:
        raise GeodesyError("The bearing between two equal positions is undefined; move one.")
    # Twice: -1e-15 % 360 is 360.0 in floating point.
    return float(azimuth_deg) % 360 % 360


def destination(start: LonLat, bearing: float, length_m: float) -> LonLat:
    """Return where one arrives from `start` after `length_m` metres on bearing `bearing` degrees.

    The bearing is clockwise from true north and holds at the start only (a geodesic, not a rhumb
    line). Any finite bearing is taken modulo 360.

    Raises
    ------
    GeodesyError
        When the bearing is not finite or the length is not in [0, 20 003 932].
    """
    if not math.isfinite(bearing):
        raise GeodesyError(f"Bearing {bearing} is not finite; give degrees clockwise from north.")
    if not 0 <= length_m <= _MAX_DISTANCE_M:
        raise GeodesyError(f"Distance {length_m} m is outside [0, 20003932]; give metres.")
    lon, lat, _ = _GEOD.fwd(start.lon, start.lat, bearing % 360, length_m)
    return LonLat(lon, lat)


def circle(center: LonLat, radius_m: float, corners: int = 32) -> list[LonLat]:
    """Return the corners of a ring around a place, counter-clockwise, the first one not repeated.

    Each corner lies `radius_m` metres away on the WGS 84 ellipsoid; in the middle of a side the
    ring comes nearer by 1 - cos(pi / corners), half a percent for 32.

    Raises
    ------
    GeodesyError
        When the radius is not in (0, 100 000], there are fewer than three corners, or the ring
        would hold a pole or cross the antimeridian, where a ring of lon lat bounds something else.
    """
    if not 0 < radius_m <= _MAX_CELL_M or corners < 3:
        raise GeodesyError(f"A ring of {corners} corners and {radius_m} m can't be drawn.")
    ring = [destination(center, -360 * corner / corners, radius_m) for corner in range(corners)]
    lons = [corner.lon for corner in ring]
    pole = LonLat(center.lon, math.copysign(90, center.lat))
    if max(lons) - min(lons) > 180 or distance_m(center, pole) <= radius_m:
        raise GeodesyError("A ring over a pole or the antimeridian can't be drawn in lon and lat.")
    return ring


def snap_to_grid(position: LonLat, cell_m: float) -> LonLat:
    """Return the centre of the grid cell that `position` lies in: all its points give one answer.

    The grid is anchored to the globe (rows from the south pole, columns from 180 degrees west), so
    that it depends on nothing but `cell_m` and says nothing about the point in the cell. Rows have
    equal height in degrees; a row has as many equal columns as its middle parallel has cells. No
    point moves by more than 0.75 `cell_m` (0.71 away from the poles); snapping twice changes
    nothing. Longitudes 180 and -180 give one cell. The answer is rounded to 1e-7 degree.

    Raises
    ------
    GeodesyError
        When `cell_m` is not in [1, 100 000].
    """
    if not _MIN_CELL_M <= cell_m <= _MAX_CELL_M:
        raise GeodesyError(f"Grid of {cell_m} m is outside [1, 100000]; use 10 or 25.")
    rows = math.ceil(_MERIDIAN_M / cell_m)
    lat_step_deg = 180 / rows
    row = min(math.floor((position.lat + 90) / lat_step_deg), rows - 1)
    center_lat = -90 + (row + 0.5) * lat_step_deg
    columns = max(1, math.ceil(_parallel_m(center_lat) / cell_m))
    lon_step_deg = 360 / columns
    column = math.floor((position.lon + 180) / lon_step_deg) % columns
    return LonLat(-180 + (column + 0.5) * lon_step_deg, center_lat).rounded(_DECIMALS)


def _parallel_m(lat: float) -> float:
    """Return the circumference in metres of the parallel at `lat` (Snyder, equation 4-21)."""
    phi = math.radians(lat)
    return 2 * math.pi * _GEOD.a * math.cos(phi) / math.sqrt(1 - _GEOD.es * math.sin(phi) ** 2)
