"""Which square of the web map? XYZ tiles (z, x, y from the north-west corner), z from 0 to 22.

The pyramid of web Mercator (EPSG:3857), OGC Two Dimensional Tile Matrix Set WebMercatorQuad.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import mercantile

from geo.bbox import BBox
from geo.errors import TileError, shown
from geo.position import LonLat

MAX_ZOOM = 22
# Where web Mercator's square ends: atan(sinh(pi)).
_MAX_LATITUDE = 85.05112877980659
_WHOLE_NUMBER = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile of the pyramid: `z` in [0, 22], `x` and `y` in [0, 2**z).

    Raises
    ------
    TileError
        When a number is not whole or out of range.

    Examples
    --------
    >>> Tile(1, 2, 0)
    Traceback (most recent call last):
    geo.errors.TileError: Tile column 2 is outside [0, 1] at zoom 1.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        for number in (self.z, self.x, self.y):
            if isinstance(number, bool) or not isinstance(number, int):
                raise TileError(f"Tile number {shown(number)} is not whole; give z/x/y.")
        if not 0 <= self.z <= MAX_ZOOM:
            raise TileError(f"Zoom {shown(self.z)} is outside [0, {MAX_ZOOM}].")
        last = 2**self.z - 1
        for name, number in (("column", self.x), ("row", self.y)):
            if not 0 <= number <= last:
                raise TileError(
                    f"Tile {name} {shown(number)} is outside [0, {last}] at zoom {self.z}."
                )

    @classmethod
    def parse(cls, z: str, x: str, y: str) -> Tile:
        """Return the tile whose numbers are written in decimal digits, as in an address.

        Raises
        ------
        TileError
            When one is not a whole number, or out of range.
        """
        for text in (z, x, y):
            if not _WHOLE_NUMBER.fullmatch(text):
                raise TileError(f"Tile number {shown(text)} is not whole; give z/x/y.")
        return cls(int(z), int(x), int(y))


def tile_bbox(tile: Tile) -> BBox:
    """Return the bounds of `tile` in degrees (EPSG:4326); the outer rows end at 85.0511 degrees."""
    bounds = mercantile.bounds(tile.x, tile.y, tile.z)
    return BBox(bounds.west, bounds.south, bounds.east, bounds.north)


def tile_envelope_3857(tile: Tile) -> tuple[float, float, float, float]:
    """Return the bounds (xmin, ymin, xmax, ymax) of `tile` in EPSG:3857, metres at the equator."""
    bounds = mercantile.xy_bounds(tile.x, tile.y, tile.z)
    return bounds.left, bounds.bottom, bounds.right, bounds.top


def tile_at(position: LonLat, z: int) -> Tile:
    """Return the tile of zoom `z` that holds `position`.

    A position on an edge belongs to the tile east and south of it; 180 degrees to the last column;
    latitudes beyond 85.0511 degrees to the first or last row.

    Raises
    ------
    TileError
        When `z` is not in [0, 22].
    """
    Tile(z, 0, 0)
    lat = min(max(position.lat, -_MAX_LATITUDE), _MAX_LATITUDE)
    found = mercantile.tile(position.lon, lat, z)
    return Tile(found.z, found.x, found.y)
