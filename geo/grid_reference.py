"""Where on a paper sheet? `C4` is a cell of its 10 by 10 grid, `C4.7` a ninth of that cell.

Columns are letters from the west (no I, which reads as 1), rows digits from the north. A third
character counts the cell's ninths as the keys of a phone do, 1 north-west to 9 south-east; each
further digit divides again. In France a cell is about 40 m, a ninth 13 m, `C4.73` 4 m.
"""

from __future__ import annotations

import math
import re

from geo.errors import GridError, shown
from geo.position import LonLat
from geo.tiles import Tile

COLUMNS = "ABCDEFGHJK"
ROWS = "0123456789"
SIDE = len(COLUMNS)
MOST_NINTHS = 4
_REFERENCE = re.compile(rf"([{COLUMNS}])[ .,/-]?([0-9])[ .,/-]?([1-9]{{0,{MOST_NINTHS}}})")


def parse_grid_reference(sheet: Tile, text: str) -> LonLat:
    """Return the middle of what a reference names on a sheet, lon lat in degrees (EPSG:4326).

    Case does not matter; a point, comma, stroke, hyphen or blank may stand between the parts, and
    none has to.

    Raises
    ------
    GridError
        When the text is no such reference.

    Examples
    --------
    >>> round(parse_grid_reference(Tile(0, 0, 0), "f5.1").lon, 6)
    6.0
    """
    match = _REFERENCE.fullmatch(text.strip().upper())
    if match is None:
        raise GridError(
            f"Grid reference {shown(text)} is not on the sheet; write a column and a row like C4, "
            "or with the ninth of the cell like C4.7."
        )
    column, row, ninths = match.groups()
    x, y, side = float(COLUMNS.index(column)), float(ROWS.index(row)), 1.0
    for ninth in ninths:
        side /= 3
        down, across = divmod(int(ninth) - 1, 3)
        x, y = x + across * side, y + down * side
    return position_at(sheet, (x + side / 2) / SIDE, (y + side / 2) / SIDE)


def is_grid_reference(text: str) -> bool:
    """Return whether `parse_grid_reference` takes `text`."""
    return _REFERENCE.fullmatch(text.strip().upper()) is not None


def grid_reference(sheet: Tile, position: LonLat, *, ninths: int = 1) -> str:
    """Return the reference of a position on a sheet, divided `ninths` times (0 to 4).

    What lies on a border belongs to the cell east and south of it; what lies off the sheet, to
    the nearest cell on it.

    Raises
    ------
    GridError
        When `ninths` is not from 0 to 4.

    Examples
    --------
    >>> grid_reference(Tile(0, 0, 0), LonLat(6, 0), ninths=1)
    'F5.1'
    """
    if not 0 <= ninths <= MOST_NINTHS:
        raise GridError(f"Grid reference divided {ninths} times; choose 0 to {MOST_NINTHS}.")
    finest = 3**ninths
    x, y = (
        min(max(math.floor(share * SIDE * finest + 1e-9), 0), SIDE * finest - 1)
        for share in share_of(sheet, position)
    )
    digits = []
    for _ in range(ninths):
        (x, across), (y, down) = divmod(x, 3), divmod(y, 3)
        digits.append(str(down * 3 + across + 1))
    cell = f"{COLUMNS[x]}{ROWS[y]}"
    return f"{cell}.{''.join(reversed(digits))}" if digits else cell


def share_of(sheet: Tile, position: LonLat) -> tuple[float, float]:
    """Return where a position lies on a sheet: 0 to 1 from its west and from its north."""
    count = 2**sheet.z
    lat = min(max(position.lat, -85.0511), 85.0511)
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return (position.lon + 180) / 360 * count - sheet.x, y * count - sheet.y


def position_at(sheet: Tile, x: float, y: float) -> LonLat:
    """Return the position of a place on a sheet: 0 to 1 from its west and from its north.

    Web Mercator (EPSG:3857) turned to degrees (EPSG:4326).
    """
    count = 2**sheet.z
    lat = math.degrees(math.atan(math.sinh((0.5 - (sheet.y + y) / count) * 2 * math.pi)))
    return LonLat((sheet.x + x) / count * 360 - 180, lat)
