"""Draws what a walk kit prints: one sheet with its grid, all sheets together, a sheet's streets."""

import math
from collections import defaultdict
from collections.abc import Sequence

import shapely
from shapely import LineString

from geo.grid_reference import COLUMNS, ROWS, SIDE
from geo.position import LonLat
from geo.tiles import Tile, tile_bbox
from geo.walk_sheets import SHEET_ZOOM, bbox_of_sheets
from mapper.basemap.ground import COLOURS, names_in
from mapper.basemap.picture import Content, draw_svg
from mapper.basemap.signs import INK, PAPER, WATCH, Marker
from mapper.basemap.view import TILE_PX, MapView

# Drawn so small that names are 8 points high on a sheet of paper; the PNG has more pixels.
SHEET_PX = 720
_ZOOM = SHEET_ZOOM + math.log2(SHEET_PX / TILE_PX)
PNG_SCALE = 1.5
# The band of letters and digits around the map.
MARGIN_PX = 20
PICTURE_PX = SHEET_PX + 2 * MARGIN_PX
_CELL_PX = SHEET_PX / SIDE
_NINTH_PX = _CELL_PX / 3
OVERVIEW_PX = 760
# A street that only touches the sheet is another sheet's.
_LEAST_STREET_PX = 36
_UNNAMED_KINDS = ("path",)
# On screen the ground stays behind; a printer without colours would lose it.
_PAPER_INKS = {
    COLOURS["road-edge"]: "#a39b8c",
    COLOURS["building"]: "#ddd7cb",
    COLOURS["rail"]: "#8d8678",
    COLOURS["label"]: INK,
}


def sheet_view(sheet: Tile, margin_px: int = MARGIN_PX) -> MapView:
    """Return the view that shows a sheet, with its margin around."""
    side_px = SHEET_PX + 2 * margin_px
    # Not the box's middle: in degrees that lies beside the middle of the square.
    corner = tile_bbox(sheet)
    view = MapView(LonLat(corner.west, corner.north), _ZOOM, side_px, side_px)
    middle = view.position_at(side_px / 2 + SHEET_PX / 2, side_px / 2 + SHEET_PX / 2)
    return MapView(middle, _ZOOM, side_px, side_px)


def draw_sheet(sheet: Tile, markers: Sequence[Marker]) -> str:
    """Return a sheet's map as SVG: streets, numbered devices, the grid and its letters."""
    content = Content(markers, lines=_grid(), frame=_margins(), inset_px=MARGIN_PX)
    return _for_paper(draw_svg(sheet_view(sheet), content))


def draw_overview(sheets: Sequence[tuple[str, Tile]], markers: Sequence[Marker]) -> str:
    """Return the map of a whole quarter as SVG, each sheet framed with its letter."""
    view = overview_view([sheet for _letter, sheet in sheets])
    frames = "".join(_framed(view, letter, sheet) for letter, sheet in sheets)
    return _for_paper(draw_svg(view, Content(markers, frame=frames)))


def overview_view(sheets: Sequence[Tile]) -> MapView:
    """Return the view of all sheets, as wide or as high as an overview may be."""
    xs, ys = [sheet.x for sheet in sheets], [sheet.y for sheet in sheets]
    across, down = max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
    side_px = OVERVIEW_PX / max(across, down)
    corners = Tile(SHEET_ZOOM, min(xs), min(ys)), Tile(SHEET_ZOOM, max(xs), max(ys))
    return MapView.of_bbox(bbox_of_sheets(*corners), round(side_px * across), round(side_px * down))


def streets_of(sheet: Tile) -> list[str]:
    """Return the names of the streets of a sheet, in the order of the alphabet."""
    view = sheet_view(sheet, margin_px=0)
    frame = shapely.box(0, 0, SHEET_PX, SHEET_PX)
    lengths: dict[str, float] = defaultdict(float)
    for name in names_in(view):
        if name.layer == "road" and name.kind not in _UNNAMED_KINDS and len(name.line) > 1:
            lengths[name.text] += LineString(name.line).intersection(frame).length
    printable = ((_printable(text), length) for text, length in lengths.items())
    return sorted(
        {text for text, length in printable if text and length >= _LEAST_STREET_PX},
        key=str.casefold,
    )


def _for_paper(svg: str) -> str:
    for screen, paper in _PAPER_INKS.items():
        svg = svg.replace(f'"{screen}"', f'"{paper}"')
    return svg


def _grid() -> str:
    """Return the lines between cells, and a small cross where ninths meet."""
    edges = [MARGIN_PX + step * _CELL_PX for step in range(SIDE + 1)]
    start, end = edges[0], edges[-1]
    lines = "".join(f"M{at:.1f} {start}V{end:.1f}M{start} {at:.1f}H{end:.1f}" for at in edges)
    ninths = [edge + part * _NINTH_PX for edge in edges[:-1] for part in (1, 2)]
    crosses = "".join(
        f"M{x - 2:.1f} {y:.1f}h4M{x:.1f} {y - 2:.1f}v4" for x in ninths for y in ninths
    )
    return (
        f'<path d="{lines}" fill="none" stroke="{INK}" stroke-opacity="0.45" stroke-width="1"/>'
        f'<path d="{crosses}" fill="none" stroke="{INK}" stroke-opacity="0.3" stroke-width="1"/>'
    )


def _margins() -> str:
    """Return the band around the map with the letters and digits of the grid, on all sides."""
    inner = f"M{MARGIN_PX} {MARGIN_PX}v{SHEET_PX}h{SHEET_PX}v-{SHEET_PX}Z"
    band = f"M0 0H{PICTURE_PX}V{PICTURE_PX}H0Z{inner}"
    middles = [MARGIN_PX + (step + 0.5) * _CELL_PX for step in range(SIDE)]
    near, far = MARGIN_PX / 2, PICTURE_PX - MARGIN_PX / 2
    texts = "".join(
        _text(x, y, text)
        for middle, column, row in zip(middles, COLUMNS, ROWS, strict=True)
        for x, y, text in (
            (middle, near, column),
            (middle, far, column),
            (near, middle, row),
            (far, middle, row),
        )
    )
    return (
        f'<path d="{band}" fill="{PAPER}" fill-rule="evenodd"/>'
        f'<path d="{inner}" fill="none" stroke="{INK}" stroke-width="1.5"/>{texts}'
    )


def _text(x: float, y: float, text: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y + 5:.1f}" font-size="15" text-anchor="middle" '
        f'fill="{INK}">{text}</text>'
    )


def _framed(view: MapView, letter: str, sheet: Tile) -> str:
    box = tile_bbox(sheet)
    left, top = view.pixel_of(LonLat(box.west, box.north))
    right, bottom = view.pixel_of(LonLat(box.east, box.south))
    return (
        f'<path d="M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z" fill="none" '
        f'stroke="{WATCH}" stroke-width="2"/>'
        f'<circle cx="{left + 16:.1f}" cy="{top + 16:.1f}" r="12" fill="{PAPER}" '
        f'stroke="{WATCH}" stroke-width="2"/>'
        f'<text x="{left + 16:.1f}" y="{top + 21.5:.1f}" font-size="16" text-anchor="middle" '
        f'fill="{WATCH}">{letter}</text>'
    )


def _printable(text: str) -> str:
    """Return a name without what a line can't hold."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:80]
