"""Places the numbers of devices beside their signs, none over another where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import shapely
from shapely import Polygon

from mapper.basemap.signs import INK, PAPER, SIGN_PX, Marker
from mapper.basemap.view import MapView

_SIZE_PX = 13
_HEIGHT_PX = _SIZE_PX + 4
# The mean advance of the label font's digits, in parts of their size.
_DIGIT = 0.58
# Where a number may stand: right of its sign first, then ever further around it.
_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class PlacedNumber:
    """A number with the middle of its box, and its sign's middle."""

    text: str
    x: float
    y: float
    sign_x: float
    sign_y: float

    @property
    def width_px(self) -> float:
        """Return how wide its box is."""
        return len(self.text) * _SIZE_PX * _DIGIT + 6

    @property
    def box(self) -> Polygon:
        """Return what it covers."""
        half = self.width_px / 2
        return shapely.box(
            self.x - half, self.y - _HEIGHT_PX / 2, self.x + half, self.y + _HEIGHT_PX / 2
        )

    @property
    def svg(self) -> str:
        """Return it drawn, with a line to its sign where that is not beside it."""
        box = self.box.bounds
        return (
            f'<path d="M{self.sign_x:.1f} {self.sign_y:.1f}L{self.x:.1f} {self.y:.1f}" '
            f'stroke="{INK}" stroke-width="1"/>'
            f'<rect x="{box[0]:.1f}" y="{box[1]:.1f}" width="{self.width_px:.1f}" '
            f'height="{_HEIGHT_PX}" rx="3" fill="{PAPER}" stroke="{INK}" stroke-width="1"/>'
            f'<text x="{self.x:.1f}" y="{self.y + _SIZE_PX * 0.36:.1f}" font-size="{_SIZE_PX}" '
            f'text-anchor="middle" fill="{INK}">{escape(self.text)}</text>'
        )


def place_numbers(
    view: MapView, markers: Sequence[Marker], corners: Sequence[Polygon] = ()
) -> list[PlacedNumber]:
    """Return the numbers of the markers that have one, outside the corners that are in use.

    In a crowd the last ones may lie over others.
    """
    signs = [view.pixel_of(marker.position) for marker in markers]
    half = SIGN_PX / 2
    taken = [shapely.box(x - half, y - half, x + half, y + half) for x, y in signs]
    taken += corners
    frame = shapely.box(0, 0, view.width_px, view.height_px)
    placed = []
    for marker, (x, y) in zip(markers, signs, strict=True):
        if marker.number:
            candidates = _candidates(marker.number, x, y)
            free = (
                one
                for one in candidates
                if frame.contains(one.box) and not any(one.box.intersects(box) for box in taken)
            )
            found = next(free, candidates[0])
            taken.append(found.box)
            placed.append(found)
    return placed


def _candidates(text: str, x: float, y: float) -> list[PlacedNumber]:
    width = PlacedNumber(text, x, y, x, y).width_px
    return [
        PlacedNumber(
            text,
            x + right * (SIGN_PX / 2 + width / 2 + 2 + _HEIGHT_PX * turn),
            y + down * (SIGN_PX / 2 + _HEIGHT_PX / 2 + 2 + _HEIGHT_PX * turn),
            x,
            y,
        )
        for turn in range(_ROUNDS)
        for right, down in _SIDES
    ]
