"""Where a thing is: a longitude and a latitude in WGS 84 (EPSG:4326), always in this order."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from geo.errors import PositionError, shown

# 1e-6 degree is 11 cm, under any receiver's error.
_NULL_ISLAND_TOLERANCE_DEG = 1e-6

# [0-9] and not \d: \d also takes digits of other scripts, which nobody means here.
_DECIMAL = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True, order=True)
class LonLat:
    """A point on earth: `lon` in [-180, 180], `lat` in [-90, 90], degrees, WGS 84 (EPSG:4326).

    The poles and both signs of the antimeridian are points like others and are kept as given
    (`LonLat(180, 0) != LonLat(-180, 0)` although they are one place). Negative zero becomes zero.

    Raises
    ------
    PositionError
        When a number is not a number, infinite or out of range.

    Examples
    --------
    >>> LonLat(2.35, 48.85)
    LonLat(lon=2.35, lat=48.85)
    >>> LonLat(48.85, 120.0)
    Traceback (most recent call last):
    geo.errors.PositionError: Latitude 120.0 is outside [-90, 90]; \
are longitude and latitude swapped?
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        lon = _finite("Longitude", self.lon)
        lat = _finite("Latitude", self.lat)
        if not -90 <= lat <= 90:
            hint = _swap_hint(could_be_swapped=abs(lat) <= 180 and abs(lon) <= 90)
            raise PositionError(f"Latitude {lat} is outside [-90, 90]; {hint}")
        if not -180 <= lon <= 180:
            raise PositionError(
                f"Longitude {lon} is outside [-180, 180]; give degrees east of Greenwich."
            )
        object.__setattr__(self, "lon", lon + 0.0)
        object.__setattr__(self, "lat", lat + 0.0)

    def rounded(self, decimals: int = 7) -> LonLat:
        """Return the position rounded to `decimals` of a degree (7, OSM's own step, is 1.1 cm)."""
        return LonLat(round(self.lon, decimals), round(self.lat, decimals))


def parse_lon(text: str) -> float:
    """Return the longitude in degrees written in `text`, in [-180, 180].

    The only form taken is a decimal number with a point: `2.35`, `-0.5`, `+10`. A decimal comma,
    an exponent, a degree sign or a hemisphere letter is refused, because each has a second reading
    (`48,85` may be two numbers). Blanks around the number are ignored.

    Raises
    ------
    PositionError
        When the text is not such a number or the number is out of range.
    """
    return LonLat(_decimal("Longitude", text), 0.0).lon


def parse_lat(text: str) -> float:
    """Return the latitude in degrees written in `text`, in [-90, 90]; same form as `parse_lon`.

    Raises
    ------
    PositionError
        When the text is not such a number or the number is out of range.
    """
    return LonLat(0.0, _decimal("Latitude", text)).lat


def is_null_island(position: LonLat) -> bool:
    """Return whether `position` is (0, 0) within 1e-6 degree: no place, a receiver without a fix.

    >>> is_null_island(LonLat(0.0, 0.0)), is_null_island(LonLat(0.0, 47.0))
    (True, False)
    """
    return (
        abs(position.lon) <= _NULL_ISLAND_TOLERANCE_DEG
        and abs(position.lat) <= _NULL_ISLAND_TOLERANCE_DEG
    )


def _decimal(name: str, text: str) -> float:
    stripped = text.strip()
    if not _DECIMAL.fullmatch(stripped):
        raise PositionError(
            f"{name} {shown(text)} is not a decimal number of degrees; write it like 48.8566, "
            "with a point."
        )
    return float(stripped)


def _finite(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PositionError(f"{name} {shown(value)} is not a number; give degrees like 48.8566.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PositionError(f"{name} {number} is not a finite number; give degrees like 48.8566.")
    return number


def _swap_hint(*, could_be_swapped: bool) -> str:
    if could_be_swapped:
        return "are longitude and latitude swapped?"
    return "give degrees north of the equator."
