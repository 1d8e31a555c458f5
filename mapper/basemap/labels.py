"""Chooses and draws the names on a map picture: places, then streets, none over another."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

import shapely
from shapely import LineString, Polygon

from mapper.basemap.ground import COLOURS, Line, Name
from mapper.basemap.view import MapView

# Kind of place: size of its letters, and the zoom up to which it is named.
_PLACES = {"city": (14, 15), "town": (14, 15), "village": (12, 16), "suburb": (12, 16)}
_QUARTER = (12, 17)
_STREETS_FROM_ZOOM, _PATHS_FROM_ZOOM = 15, 17
_STREET_SIZE_PX = 11
# The mean advance of the label font's letters, in parts of their size.
_LETTER = 0.54
# A street's name may follow a bend that strays this far from a straight line.
_BEND_PX = 3.0
_MAX_NAMES = 60
_MAX_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class _Label:
    text: str
    size_px: int
    x: float
    y: float
    turn_deg: float

    @property
    def width_px(self) -> float:
        return len(self.text) * self.size_px * _LETTER

    @property
    def box(self) -> Polygon:
        half_width, half_height = self.width_px / 2 + 4, self.size_px / 2 + 3
        angle = math.radians(self.turn_deg)
        cos, sin = math.cos(angle), math.sin(angle)
        corners = [(-half_width, -half_height), (half_width, -half_height),
                   (half_width, half_height), (-half_width, half_height)]  # fmt: skip
        return Polygon(
            [(self.x + dx * cos - dy * sin, self.y + dx * sin + dy * cos) for dx, dy in corners]
        )


def draw_labels(view: MapView, names: Sequence[Name], taken: Iterable[Polygon] = ()) -> str:
    """Return the names that have room, outside what is taken."""
    boxes = list(taken)
    frame = shapely.box(0, 0, view.width_px, view.height_px)
    drawn = []
    for label in [*_places(view, names), *_streets(view, names)]:
        box = label.box
        if frame.contains(box) and not any(box.intersects(other) for other in boxes):
            boxes.append(box)
            drawn.append(_text(label))
        if len(drawn) >= _MAX_NAMES:
            break
    return "".join(drawn)


def _places(view: MapView, names: Sequence[Name]) -> list[_Label]:
    order = {kind: rank for rank, kind in enumerate((*_PLACES, "quarter"))}
    found: dict[str, _Label] = {}
    for name in sorted(names, key=lambda name: (order.get(name.kind, 9), name.text)):
        size_px, to_zoom = _PLACES.get(name.kind, _QUARTER)
        if name.layer == "place" and view.zoom < to_zoom:
            x, y = name.line[0]
            found.setdefault(name.text, _Label(_printable(name.text), size_px, x, y, 0))
    return list(found.values())


def _streets(view: MapView, names: Sequence[Name]) -> list[_Label]:
    """Return one label a street, on its longest straight piece."""
    if view.zoom < _STREETS_FROM_ZOOM:
        return []
    frame = shapely.box(0, 0, view.width_px, view.height_px)
    best: dict[str, tuple[float, _Label]] = {}
    for name in names:
        if name.layer != "road" or (name.kind == "path" and view.zoom < _PATHS_FROM_ZOOM):
            continue
        length, label = _along(name, frame)
        if label is not None and length > best.get(name.text, (0.0,))[0]:
            best[name.text] = (length, label)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].text))
    return [label for length, label in ranked if length >= label.width_px]


def _along(name: Name, frame: Polygon) -> tuple[float, _Label | None]:
    """Return the longest straight piece of a street in the picture, and the label on it."""
    longest, label = 0.0, None
    seen = LineString(name.line).simplify(_BEND_PX).intersection(frame)
    for part in shapely.get_parts(seen):
        coords = part.coords if isinstance(part, LineString) else ()
        points: Line = tuple((x, y) for x, y, *_ in coords)
        for (x1, y1), (x2, y2) in pairwise(points):
            length = math.hypot(x2 - x1, y2 - y1)
            if length > longest:
                turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
                turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
                longest = length
                text = _printable(name.text)
                label = _Label(text, _STREET_SIZE_PX, (x1 + x2) / 2, (y1 + y2) / 2, turn)
    return longest, label


def _printable(text: str) -> str:
    """Return a name without what XML or a line can't hold."""
    return "".join(letter for letter in text if letter.isprintable())[:_MAX_CHARACTERS]


def _text(label: _Label) -> str:
    return (
        f'<text transform="translate({label.x:.1f} {label.y:.1f}) rotate({label.turn_deg:.1f})" '
        f'y="{label.size_px * 0.35:.1f}" font-size="{label.size_px}" text-anchor="middle" '
        f'fill="{COLOURS["label"]}" stroke="{COLOURS["ground"]}" stroke-width="3" '
        f'stroke-linejoin="round" paint-order="stroke">{escape(label.text)}</text>'
    )
