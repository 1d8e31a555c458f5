"""Which paper sheets make up a quarter? Squares of the web map's zoom 16, each with a short code.

A fixed lattice, so that a sheet has the same borders, code and grid whoever prints it and whenever:
two groups' sheets join, and nothing has to be kept to know one again.
"""

from __future__ import annotations

import re

from geo.bbox import BBox
from geo.errors import SheetError, TileError, shown
from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox

# 611 m at the equator, about 400 m in France: an hour's walk along both pavements.
SHEET_ZOOM = 16
MOST_SHEETS = 16
DECIMALS = 4
_STEP_DEG = 10**-DECIMALS
_MOST_LAT = 85.0

# Crockford's base 32: no I, L, O, U, which a hand writes like others.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("ILO", "110")
_CODE = re.compile(f"[{_DIGITS}]{{8}}")
_CHECK = 251


def quarter_of(text: str) -> BBox:
    """Return the quarter written as `west,south,east,north`, to four decimals of a degree.

    Four decimals are 11 m: enough for a border of sheets, and no more than an organiser says.

    Raises
    ------
    BBoxError, SheetError
        When the text is no box, or the box crosses the antimeridian, lies beyond the web map's
        edge, or makes more than 16 sheets.

    Examples
    --------
    >>> quarter_of("24.93,60.16,24.94,60.17")
    BBox(west=24.93, south=60.16, east=24.94, north=60.17)
    """
    bbox = BBox.parse(text)
    if bbox.crosses_antimeridian:
        raise SheetError("Quarter: it crosses the antimeridian; choose one on one side of it.")
    if max(abs(bbox.south), abs(bbox.north)) > _MOST_LAT:
        raise SheetError(f"Quarter: latitudes beyond {_MOST_LAT:g} have no map; choose another.")
    rounded = _rounded(bbox)
    across, down = _size(rounded)
    if across * down > MOST_SHEETS:
        raise SheetError(
            f"Quarter: it makes {across * down} sheets, at most {MOST_SHEETS} are printed; "
            "choose a smaller one."
        )
    return rounded


def quarter_text(bbox: BBox) -> str:
    """Return a quarter as `quarter_of` reads it: west, south, east, north to four decimals.

    >>> quarter_text(BBox(24.93, 60.16, 24.94, 60.17))
    '24.9300,60.1600,24.9400,60.1700'
    """
    return ",".join(f"{side:.{DECIMALS}f}" for side in bbox.as_tuple())


def sheets_of(bbox: BBox) -> tuple[Tile, ...]:
    """Return the sheets of a quarter row by row from the north-west.

    A sheet that the box reaches into by less than one step of its own rounding is left out: a
    quarter made of whole sheets gives just these. Every box has at least one sheet.
    """
    first, last = _corners(bbox)
    return tuple(
        Tile(SHEET_ZOOM, x, y)
        for y in range(first.y, last.y + 1)
        for x in range(first.x, last.x + 1)
    )


def quarter_around(position: LonLat, sheets: int) -> BBox:
    """Return the quarter of `sheets` by `sheets` sheets whose middle is nearest to a position.

    Raises
    ------
    SheetError
        When `sheets` is not from 1 to 4.
    """
    if not 1 <= sheets <= 4:
        raise SheetError(f"Quarter of {sheets} by {sheets} sheets; choose 1 to 4.")
    side = 2**SHEET_ZOOM
    middle = tile_at(position, SHEET_ZOOM)
    inside = _share(middle, position)
    x = middle.x - (sheets - 1) // 2 - (1 if sheets % 2 == 0 and inside[0] < 0.5 else 0)
    y = middle.y - (sheets - 1) // 2 - (1 if sheets % 2 == 0 and inside[1] < 0.5 else 0)
    x, y = (min(max(at, 0), side - sheets) for at in (x, y))
    return bbox_of_sheets(Tile(SHEET_ZOOM, x, y), Tile(SHEET_ZOOM, x + sheets - 1, y + sheets - 1))


def bbox_of_sheets(first: Tile, last: Tile) -> BBox:
    """Return the box from the north-west corner of one sheet to the south-east one of another."""
    north_west, south_east = tile_bbox(first), tile_bbox(last)
    return BBox(north_west.west, south_east.south, south_east.east, north_west.north)


def sheet_code(sheet: Tile) -> str:
    """Return the code of a sheet as paper shows it: eight letters and digits, in two fours.

    32 bits say which square, 8 are a check, so that 250 slips of 251 are noticed.

    >>> sheet_code(Tile(16, 37314, 18974))
    'J714-M7H0'
    """
    place = sheet.x << SHEET_ZOOM | sheet.y
    number = place << 8 | place % _CHECK
    code = "".join(_DIGITS[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{code[:4]}-{code[4:]}"


def parse_sheet_code(text: str) -> Tile:
    """Return the sheet of a code as somebody typed it; case, blanks and hyphens don't matter.

    Raises
    ------
    SheetError
        When it is no code, or one of its characters is wrong.

    Examples
    --------
    >>> parse_sheet_code("j714 m7ho")
    Tile(z=16, x=37314, y=18974)
    """
    code = re.sub(r"[\s-]", "", text[:40]).upper().translate(_ALIKE)
    number = 0
    if _CODE.fullmatch(code):
        for digit in code:
            number = number << 5 | _DIGITS.index(digit)
        place = number >> 8
        if place % _CHECK == number & 255:
            try:
                return Tile(SHEET_ZOOM, place >> SHEET_ZOOM, place & (1 << SHEET_ZOOM) - 1)
            except TileError:  # pragma: no cover - 16 bits each are always a tile
                pass
    raise SheetError(
        f"Sheet code {shown(text)} is not one of ours; copy the eight letters and digits at the "
        "top of the sheet."
    )


def _rounded(bbox: BBox) -> BBox:
    """Return a box on the lattice of four decimals; what is thinner than a step becomes one."""
    west, south, east, north = (round(side, DECIMALS) for side in bbox.as_tuple())
    if east <= west:
        west, east = (west - _STEP_DEG, east) if east >= 180 else (west, west + _STEP_DEG)
    if north <= south:
        north = south + _STEP_DEG
    return BBox(*(round(side, DECIMALS) for side in (west, south, east, north)))


def _corners(bbox: BBox) -> tuple[Tile, Tile]:
    """Return the sheets at the north-west and south-east corners of a box."""
    inset_x = min(_STEP_DEG, (bbox.east - bbox.west) / 2)
    inset_y = min(_STEP_DEG, (bbox.north - bbox.south) / 2)
    first = tile_at(LonLat(bbox.west + inset_x, bbox.north - inset_y), SHEET_ZOOM)
    last = tile_at(LonLat(bbox.east - inset_x, bbox.south + inset_y), SHEET_ZOOM)
    return first, last


def _size(bbox: BBox) -> tuple[int, int]:
    """Return how many sheets a box is wide and high."""
    first, last = _corners(bbox)
    return last.x - first.x + 1, last.y - first.y + 1


def _share(tile: Tile, position: LonLat) -> tuple[float, float]:
    """Return roughly how far into a tile a position lies, from its west and its north."""
    box = tile_bbox(tile)
    return (
        (position.lon - box.west) / (box.east - box.west),
        (box.north - position.lat) / (box.north - box.south),
    )
