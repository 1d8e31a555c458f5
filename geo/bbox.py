"""Which part of the earth? A box of two meridians and two parallels, RFC 7946 order w, s, e, n."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from geo.errors import BBoxError, PositionError, shown
from geo.position import LonLat

# WGS 84
_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY = 0.0818191908426215
# The smallest radius of curvature of the ellipsoid, a (1 - e²), found at the equator: with it a
# distance always spans at least its true number of degrees.
_SMALLEST_RADIUS_M = 6_335_439.0

_MAX_RADIUS_M = 1_000_000.0
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_FORM = "write bbox=west,south,east,north in degrees, like 2.2,48.8,2.4,48.9"


@dataclass(frozen=True, slots=True)
class BBox:
    """The box between meridians `west` and `east` and parallels `south` and `north`.

    Degrees, WGS 84 (EPSG:4326); longitudes in [-180, 180], latitudes in [-90, 90], `south` below
    `north`. A `west` above `east` means the box across the antimeridian (RFC 7946, 5.2). The box
    has a width and a height: equal edges are refused.

    Raises
    ------
    BBoxError
        When a number is not finite or out of range, or the box is empty or upside down.

    Examples
    --------
    >>> BBox(170, -20, -170, -10).crosses_antimeridian
    True
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        try:
            lower, upper = LonLat(self.west, self.south), LonLat(self.east, self.north)
        except PositionError as error:
            raise BBoxError(f"Bounding box: {error} ({_FORM})") from None
        if lower.lat >= upper.lat:
            raise BBoxError(
                f"Bounding box: south {lower.lat} is not below north {upper.lat}; {_FORM}."
            )
        if lower.lon == upper.lon or (lower.lon, upper.lon) == (180, -180):
            raise BBoxError(
                f"Bounding box: west {lower.lon} and east {upper.lon} are one meridian; {_FORM}."
            )
        object.__setattr__(self, "west", lower.lon)
        object.__setattr__(self, "south", lower.lat)
        object.__setattr__(self, "east", upper.lon)
        object.__setattr__(self, "north", upper.lat)

    @classmethod
    def parse(cls, text: str) -> BBox:
        """Return the box written as `west,south,east,north`: four decimal numbers with a point.

        Blanks around a number are ignored; exponents, NaN and infinities are refused.

        Raises
        ------
        BBoxError
            When the text is not four such numbers, or they make no box.

        Examples
        --------
        >>> BBox.parse("2.2,48.8,2.4,48.9")
        BBox(west=2.2, south=48.8, east=2.4, north=48.9)
        """
        parts = [part.strip() for part in text.split(",")]
        if len(parts) != 4:
            raise BBoxError(f"Bounding box {shown(text)} has not four numbers; {_FORM}.")
        for part in parts:
            if not _NUMBER.fullmatch(part):
                raise BBoxError(f"Bounding box: {shown(part)} is not a decimal number; {_FORM}.")
        return cls(*(float(part) for part in parts))

    @classmethod
    def around(cls, position: LonLat, radius_m: float) -> BBox:
        """Return a box that holds every point within `radius_m` of `position`.

        At most 0.7 percent larger than needed in latitude. Across the antimeridian `west` is above
        `east`; where the circle reaches a pole the box holds all meridians.
        Source: bounding coordinates of a spherical cap, Bronshtein, with the ellipsoid's smallest
        radius of curvature, which makes it an upper bound.

        Raises
        ------
        BBoxError
            When `radius_m` is not in (0, 1 000 000].
        """
        if not 0 < radius_m <= _MAX_RADIUS_M:
            raise BBoxError(f"Radius {radius_m} m is outside (0, 1000000]; give metres.")
        angle = radius_m / _SMALLEST_RADIUS_M
        reach_deg = math.degrees(angle)
        south, north = position.lat - reach_deg, position.lat + reach_deg
        if south <= -90 or north >= 90:
            return cls(-180, max(south, -90), 180, min(north, 90))
        half_deg = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(position.lat))))
        return cls(
            _wrapped_lon(position.lon - half_deg),
            south,
            _wrapped_lon(position.lon + half_deg),
            north,
        )

    @property
    def crosses_antimeridian(self) -> bool:
        """Whether the box runs from `west` eastwards over 180 degrees to `east`."""
        return self.west > self.east

    def parts(self) -> tuple[BBox, ...]:
        """Return one or two boxes that do not cross the antimeridian and together are this one."""
        if not self.crosses_antimeridian:
            return (self,)
        # A box that only touches the antimeridian has no width on its far side.
        halves = ((self.west, 180.0), (-180.0, self.east))
        return tuple(
            BBox(west, self.south, east, self.north) for west, east in halves if west < east
        )

    def contains(self, position: LonLat) -> bool:
        """Return whether `position` lies in the box, edges included; 180 and -180 are one."""
        if not self.south <= position.lat <= self.north:
            return False
        lons = (position.lon, -position.lon) if abs(position.lon) == 180 else (position.lon,)
        return any(part.west <= lon <= part.east for part in self.parts() for lon in lons)

    @property
    def width_deg(self) -> float:
        """The extent in longitude, in (0, 360]."""
        return self.east - self.west + (360 if self.crosses_antimeridian else 0)

    @property
    def area_deg2(self) -> float:
        """Width times height in square degrees: the measure of the OSM API's own limit."""
        return self.width_deg * (self.north - self.south)

    @property
    def area_m2(self) -> float:
        """The area on the ellipsoid, in square metres.

        Source: Snyder, Map Projections (USGS PP 1395), equation 3-12, authalic q.
        """
        zone = _authalic_q(self.north) - _authalic_q(self.south)
        return _SEMI_MAJOR_M**2 / 2 * math.radians(self.width_deg) * zone

    def as_tuple(self) -> tuple[float, float, float, float]:
        """Return (west, south, east, north)."""
        return self.west, self.south, self.east, self.north


def _authalic_q(lat_deg: float) -> float:
    e, sine = _ECCENTRICITY, math.sin(math.radians(lat_deg))
    return (1 - e**2) * (
        sine / (1 - (e * sine) ** 2) - math.log((1 - e * sine) / (1 + e * sine)) / (2 * e)
    )


def _wrapped_lon(lon: float) -> float:
    if -180 <= lon <= 180:
        return lon
    return lon - math.copysign(360, lon)
