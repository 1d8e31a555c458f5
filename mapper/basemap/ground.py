"""Draws the ground of a map picture: the base map's tiles as SVG, in the paper tones."""

import gzip
import logging
import math
import mmap
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import mapbox_vector_tile
from django.conf import settings
from pmtiles.reader import Reader

from geo.bbox import BBox
from geo.position import LonLat
from mapper.basemap.schema import FILE_NAME, LAYERS, MAX_ZOOM, MIN_ZOOM, POLYGON_LAYERS
from mapper.basemap.view import MapView

logger = logging.getLogger(__name__)

# The light map colours of frontend/src/ui/tokens.css; a test holds both equal.
COLOURS = {
    "ground": "#f4f2ec",
    "water": "#dce6ea",
    "green": "#e4eadb",
    "building": "#ece8e0",
    "building-edge": "#ddd8ce",
    "road": "#ffffff",
    "road-edge": "#ddd8ce",
    "rail": "#c9c3b7",
    "label": "#544f48",
}
# Kind of road: width against that of the others, and the zoom from which it is drawn. As in
# frontend/src/map/basemap.ts, so that both maps look alike.
_ROADS = {
    "path": (0.3, 15),
    "minor": (0.6, 12),
    "secondary": (0.85, 10),
    "primary": (1.1, 8),
    "motorway": (1.3, 5),
}
_WIDTHS_PX = ((8.0, 0.7), (13.0, 2.0), (16.0, 8.0), (19.0, 34.0))
_EDGES_FROM_ZOOM = 16
_MARGIN_PX = 40
_DAMAGE = (OSError, ValueError, LookupError, EOFError, zlib.error, struct.error, AssertionError)

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the map: a street along its line, a place at its point."""

    layer: str
    kind: str
    text: str
    line: Line


@dataclass(frozen=True, slots=True)
class DrawnTile:
    """A tile as SVG path data by layer and kind, in tile units, and its names."""

    extent: int
    paths: Mapping[tuple[str, str], Sequence["Drawing"]]
    names: Sequence[Name]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One feature as path data, with its bounds: most of a tile is outside a close view."""

    bounds: tuple[float, float, float, float]
    path: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground under a view: SVG, and the names to place on it in pixels."""

    svg: str
    names: Sequence[Name]


def base_file() -> Path | None:
    """Return the base map's file, or None where none was built."""
    path: Path = settings.BASEMAP_ROOT / FILE_NAME
    return path if path.is_file() else None


def draw_ground(view: MapView) -> Ground | None:
    """Return the ground of a view; None where there is no base map, or not here."""
    path = base_file()
    if path is None or view.zoom < MIN_ZOOM:
        return None
    try:
        key = (str(path), path.stat().st_mtime_ns)
        if not _covers(key, view.center):
            return None
        placed = list(_tiles(key, view))
    except _DAMAGE as error:
        logger.warning("the base map can't be read: %s", type(error).__name__)
        return None
    return Ground("".join(_layers(view, placed)), [name for tile in placed for name in tile.names])


def names_in(view: MapView) -> list[Name]:
    """Return the names of a view's tiles with their lines in pixels; none without a base map."""
    path = base_file()
    if path is None or view.zoom < MIN_ZOOM:
        return []
    try:
        placed = list(_tiles((str(path), path.stat().st_mtime_ns), view))
    except _DAMAGE as error:
        logger.warning("the base map can't be read: %s", type(error).__name__)
        return []
    return [name for tile in placed for name in tile.names]


@dataclass(frozen=True, slots=True)
class _PlacedTile:
    """A drawn tile with its place in the picture."""

    tile: DrawnTile
    x_px: float
    y_px: float
    scale: float
    # The picture's frame in tile units, with room for broad lines.
    frame: tuple[float, float, float, float]

    def path_of(self, layer: str, kind: str) -> str:
        """Return what the picture shows of a kind."""
        left, top, right, bottom = self.frame
        return "".join(
            drawing.path
            for drawing in self.tile.paths.get((layer, kind), ())
            if drawing.bounds[0] <= right
            and drawing.bounds[2] >= left
            and drawing.bounds[1] <= bottom
            and drawing.bounds[3] >= top
        )

    @property
    def names(self) -> list[Name]:
        """Return the names with their lines in pixels."""
        return [
            Name(
                name.layer,
                name.kind,
                name.text,
                tuple(
                    (self.x_px + x * self.scale, self.y_px + y * self.scale) for x, y in name.line
                ),
            )
            for name in self.tile.names
        ]


def _tiles(key: tuple[str, int], view: MapView) -> Iterator[_PlacedTile]:
    """Yield the tiles under a view, each with its place."""
    zoom = min(MAX_ZOOM, math.floor(view.zoom))
    count = 2**zoom
    side_px = view.world_px / count
    left, top = (edge * count for edge in view.corner)
    for row in range(math.floor(top), math.ceil(top + view.height_px / side_px)):
        for column in range(math.floor(left), math.ceil(left + view.width_px / side_px)):
            tile = _drawn(key, zoom, column % count, row) if 0 <= row < count else None
            if tile is not None:
                x_px, y_px = (column - left) * side_px, (row - top) * side_px
                scale = side_px / tile.extent
                frame = (
                    (-_MARGIN_PX - x_px) / scale,
                    (-_MARGIN_PX - y_px) / scale,
                    (view.width_px + _MARGIN_PX - x_px) / scale,
                    (view.height_px + _MARGIN_PX - y_px) / scale,
                )
                yield _PlacedTile(tile, x_px, y_px, scale, frame)


@lru_cache(maxsize=2)
def _reader(key: tuple[str, int]) -> Any:
    """Return the reader of a file; a new build has a new key, the old file ends with its last."""
    with Path(key[0]).open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    make: Any = Reader  # pmtiles has no types
    return make(lambda offset, length: mapped[offset : offset + length])


@lru_cache(maxsize=2)
def _extent(key: tuple[str, int]) -> BBox:
    header = _reader(key).header()
    west, south, east, north = (
        header[f"{name}_e7"] / 1e7 for name in ("min_lon", "min_lat", "max_lon", "max_lat")
    )
    return BBox(west, south, east, north)


def _covers(key: tuple[str, int], position: LonLat) -> bool:
    return _extent(key).contains(position)


@lru_cache(maxsize=256)
def _drawn(key: tuple[str, int], zoom: int, column: int, row: int) -> DrawnTile | None:
    """Return a tile as path data, or None where there is nothing."""
    packed = _reader(key).get(zoom, column, row)
    if packed is None:
        return None
    layers = mapbox_vector_tile.decode(
        gzip.decompress(packed), default_options={"y_coord_down": True}
    )
    extent = next((layer["extent"] for layer in layers.values()), 4096)
    paths: dict[tuple[str, str], list[Drawing]] = defaultdict(list)
    names = []
    for layer in LAYERS:
        for feature in layers.get(layer, {}).get("features", ()):
            kind = str(feature["properties"].get("kind", ""))
            lines = _lines(feature["geometry"])
            if layer != "place" and lines:
                paths[layer, kind].append(_drawing(lines, layer))
            text = feature["properties"].get("name")
            if text and layer in ("place", "road"):
                names += [Name(layer, kind, str(text), line) for line in lines]
    return DrawnTile(extent, paths, names)


def _lines(geometry: Mapping[str, Any]) -> list[Line]:
    """Return the rings, lines or points of a geometry as lines."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Point":
        return [(tuple(coordinates),)]
    if kind == "LineString":
        return [tuple(map(tuple, coordinates))]
    if kind in ("Polygon", "MultiLineString"):
        return [tuple(map(tuple, line)) for line in coordinates]
    if kind == "MultiPolygon":
        return [tuple(map(tuple, ring)) for polygon in coordinates for ring in polygon]
    return []


def _drawing(lines: Sequence[Line], layer: str) -> Drawing:
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line]
    path = "".join(_path(line, layer) for line in lines)
    return Drawing((min(xs), min(ys), max(xs), max(ys)), path)


def _path(line: Line, layer: str) -> str:
    head, *rest = (f"{x:g} {y:g}" for x, y in line)
    return f"M{head}L{' '.join(rest)}" + ("Z" if layer in POLYGON_LAYERS else "")


def _layers(view: MapView, placed: Sequence[_PlacedTile]) -> Iterator[str]:
    """Yield the SVG of all tiles, layer by layer, so that what is above is above everywhere."""
    yield from _areas(placed, "green")
    yield from _areas(placed, "water")
    for kind, width in (("coastline", 1.0), ("river", 1.0), ("canal", 0.8), ("stream", 0.4)):
        yield from _strokes(placed, "waterway", kind, COLOURS["water"], _width(view, width))
    yield from _areas(placed, "building", has_edges=view.zoom >= _EDGES_FROM_ZOOM)
    for kind in ("subway", "tram", "rail"):
        yield from _strokes(placed, "rail", kind, COLOURS["rail"], max(0.8, _width(view, 0.2)))
    # Every edge below every surface, so that crossings join.
    shown = [(kind, width) for kind, (width, zoom) in _ROADS.items() if view.zoom >= zoom]
    for kind, width in shown:
        edge = _width(view, width) * 1.1 + 1
        yield from _strokes(placed, "road", kind, COLOURS["road-edge"], edge)
    for kind, width in shown:
        yield from _strokes(placed, "road", kind, COLOURS["road"], _width(view, width))


def _areas(placed: Sequence[_PlacedTile], layer: str, *, has_edges: bool = False) -> Iterator[str]:
    for number, at in enumerate(placed):
        kinds = [kind for name, kind in at.tile.paths if name == layer]
        data = "".join(at.path_of(layer, kind) for kind in kinds)
        if not data:
            continue
        look = f'fill="{COLOURS[layer]}" fill-rule="evenodd" d="{data}"'
        if not has_edges:
            yield f'<path transform="{_transform(at)}" {look}/>'
            continue
        # Tiles overlap a little: without a clip the edges of cut polygons would show.
        side, clip = at.tile.extent, f"{layer}{number}"
        yield (
            f'<clipPath id="{clip}"><rect width="{side}" height="{side}"/></clipPath>'
            f'<g transform="{_transform(at)}"><path clip-path="url(#{clip})" '
            f'stroke="{COLOURS["building-edge"]}" stroke-width="{0.75 / at.scale:g}" {look}/></g>'
        )


def _strokes(
    placed: Sequence[_PlacedTile], layer: str, kind: str, colour: str, width_px: float
) -> Iterator[str]:
    for at in placed:
        data = at.path_of(layer, kind)
        if data:
            yield (
                f'<path transform="{_transform(at)}" fill="none" stroke="{colour}" '
                f'stroke-width="{width_px / at.scale:g}" stroke-linejoin="round" '
                f'stroke-linecap="round" d="{data}"/>'
            )


def _transform(at: _PlacedTile) -> str:
    return f"translate({at.x_px:.3f} {at.y_px:.3f}) scale({at.scale:.6f})"


def _width(view: MapView, width: float) -> float:
    """Return the width in pixels of a line at a zoom: exponential between the stops (base 1.6)."""
    stops = _WIDTHS_PX
    zoom = min(max(view.zoom, stops[0][0]), stops[-1][0])
    for (low, thin), (high, thick) in pairwise(stops):
        if zoom <= high:
            share: float = (1.6 ** (zoom - low) - 1) / (1.6 ** (high - low) - 1)
            return width * (thin + (thick - thin) * share)
    return width * stops[-1][1]
