"""Which part of the earth a map picture shows: web Mercator pixels <-> lon lat.

Pixels run right and down from the picture's north-west corner; zoom is that of web maps with
256 px tiles (zoom 0: the world is 256 px wide), and need not be whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.bbox import BBox
from geo.geodesy import destination, distance_m
from geo.position import LonLat

TILE_PX = 256
MAX_ZOOM = 20
# Where web Mercator's square ends.
MAX_LATITUDE = 85.0511


@dataclass(frozen=True, slots=True)
class MapView:
    """A picture of `width_px` by `height_px` around `center`."""

    center: LonLat
    zoom: float
    width_px: int
    height_px: int

    @classmethod
    def of_bbox(cls, bbox: BBox, width_px: int, height_px: int) -> MapView:
        """Return the closest view that shows a whole box (at most zoom 20)."""
        west, north = _world(LonLat(bbox.west, bbox.north))
        east, south = _world(LonLat(bbox.east, bbox.south))
        if east < west:
            east += 1
        across = max((east - west) * TILE_PX / width_px, (south - north) * TILE_PX / height_px)
        zoom = MAX_ZOOM if across <= 0 else min(MAX_ZOOM, max(0.0, -math.log2(across)))
        return cls(_lonlat((west + east) / 2, (north + south) / 2), zoom, width_px, height_px)

    @property
    def world_px(self) -> float:
        """Return how many pixels the world is wide."""
        return float(TILE_PX * 2**self.zoom)

    def pixel_of(self, position: LonLat) -> tuple[float, float]:
        """Return the pixel of a position, on the side of the antimeridian nearer to the centre."""
        x, y = _world(position)
        cx, cy = _world(self.center)
        across = (x - cx + 0.5) % 1 - 0.5
        return (
            self.width_px / 2 + across * self.world_px,
            self.height_px / 2 + (y - cy) * self.world_px,
        )

    def position_at(self, x: float, y: float) -> LonLat:
        """Return the position of a pixel; beyond the world's edge that of the edge."""
        cx, cy = _world(self.center)
        return _lonlat(
            cx + (x - self.width_px / 2) / self.world_px,
            min(1.0, max(0.0, cy + (y - self.height_px / 2) / self.world_px)),
        )

    @property
    def bbox(self) -> BBox:
        """Return what is in the picture; all meridians where the world is narrower than it."""
        corner, other = self.position_at(0, self.height_px), self.position_at(self.width_px, 0)
        if self.width_px >= self.world_px:
            return BBox(-180, corner.lat, 180, other.lat)
        return BBox(corner.lon, corner.lat, other.lon, other.lat)

    @property
    def corner(self) -> tuple[float, float]:
        """Return the north-west corner in the unit square of web Mercator; x may leave it."""
        cx, cy = _world(self.center)
        return (
            cx - self.width_px / 2 / self.world_px,
            cy - self.height_px / 2 / self.world_px,
        )

    @property
    def meters_per_px(self) -> float:
        """Return the scale at the centre, on the ellipsoid."""
        east = self.position_at(self.width_px / 2 + 1, self.height_px / 2)
        return distance_m(self.center, east)

    def length_px(self, length_m: float) -> float:
        """Return how many pixels a length at the centre is long."""
        x, _ = self.pixel_of(destination(self.center, 90, length_m))
        return abs(x - self.width_px / 2)


def _world(position: LonLat) -> tuple[float, float]:
    """Return a position in the unit square of web Mercator, from its north-west corner."""
    lat = min(MAX_LATITUDE, max(-MAX_LATITUDE, position.lat))
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return (position.lon + 180) / 360, y


def _lonlat(x: float, y: float) -> LonLat:
    lat = math.degrees(math.atan(math.sinh((0.5 - y) * 2 * math.pi)))
    lon = (x % 1) * 360 - 180 if not 0 <= x <= 1 else x * 360 - 180
    return LonLat(lon, lat)
