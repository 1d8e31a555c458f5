"""What of a photo is covered, and what of it is shown: boxes and a crop in pixels of its copy.

Boxes lie on the blocks of 16 pixels in which a JPEG keeps brightness and colour together: what was
inside one leaves no trace in a block outside. Pure: no Django, no database.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

BLOCK_PX = 16
MOST_BOXES = 100
# What a detector found is covered with so much around it, on each side of its middle.
ENLARGED = 1.3
AUTOMATIC, MODERATOR = "automatic", "moderator"
_MAKERS = (AUTOMATIC, MODERATOR)
_SIDES = ("left", "top", "right", "bottom")
_MOST_TEXT = 20_000


class BoxError(ValueError):
    """What was said of boxes can't be used; `reason` is a stable code."""

    def __init__(self, reason: str):
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a picture in pixels."""

    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture, from its top left corner; right and bottom lie outside."""

    left: int
    top: int
    right: int
    bottom: int
    by: str = MODERATOR

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """Return the rectangle as Pillow takes it."""
        return self.left, self.top, self.right, self.bottom

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing in it."""
        return self.right <= self.left or self.bottom <= self.top

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**dict(zip(_SIDES, self.sides, strict=True)), "by": self.by}

    def moved(self, right: int, down: int) -> "Box":
        """Return it moved by so many pixels."""
        return Box(
            self.left + right, self.top + down, self.right + right, self.bottom + down, self.by
        )


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is covered of a photo, and the part that is shown; None is all of it."""

    boxes: tuple[Box, ...] = ()
    crop: Box | None = None

    @property
    def mark(self) -> str:
        """Return what tells this redaction from another: a page names the one that it showed."""
        return hashlib.sha256(json.dumps(self.as_dict()).encode()).hexdigest()[:16]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, as `parse` reads it."""
        crop = None
        if self.crop is not None:
            crop = {name: self.crop.as_dict()[name] for name in _SIDES}
        return {"boxes": [box.as_dict() for box in self.boxes], "crop": crop}


def parse(text: str, size: Size) -> Redaction:
    """Return what a form or a column says, each box on the blocks that it touches.

    Raises
    ------
    BoxError
        `unreadable`, `not_a_box` (a side is no number, or nothing of it lies in the picture),
        `too_many`.
    """
    if len(text) > _MOST_TEXT:
        raise BoxError("too_many")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise BoxError("unreadable") from None
    if not isinstance(said, dict):
        raise BoxError("unreadable")
    return redaction_of(said.get("boxes"), said.get("crop"), size)


def redaction_of(boxes: object, crop: object, size: Size) -> Redaction:
    """Return what JSON values say; raise BoxError like `parse`."""
    if not isinstance(boxes, list):
        raise BoxError("unreadable")
    if len(boxes) > MOST_BOXES:
        raise BoxError("too_many")
    read = [on_blocks(_box(box), size) for box in boxes]
    # Twice the same covers no more.
    return Redaction(tuple(dict.fromkeys(read)), None if crop is None else _crop(crop, size))


def on_blocks(box: Box, size: Size) -> Box:
    """Return the box with all of every block that it touches, cut at the picture's edge."""
    seen = Box(
        max(0, box.left),
        max(0, box.top),
        min(size.width_px, box.right),
        min(size.height_px, box.bottom),
        box.by,
    )
    if seen.is_empty:
        raise BoxError("not_a_box")
    return Box(
        seen.left // BLOCK_PX * BLOCK_PX,
        seen.top // BLOCK_PX * BLOCK_PX,
        min(size.width_px, _up(seen.right)),
        min(size.height_px, _up(seen.bottom)),
        box.by,
    )


def found_boxes(shares: Iterable[Sequence[float]], size: Size) -> tuple[Box, ...]:
    """Return automatic boxes for regions in shares of width and height, each enlarged."""
    boxes = []
    for left, top, right, bottom in shares:
        x, y = (left + right) / 2, (top + bottom) / 2
        across, down = (right - left) / 2 * ENLARGED, (bottom - top) / 2 * ENLARGED
        region = Box(
            math.floor((x - across) * size.width_px),
            math.floor((y - down) * size.height_px),
            math.ceil((x + across) * size.width_px),
            math.ceil((y + down) * size.height_px),
            AUTOMATIC,
        )
        try:
            boxes.append(on_blocks(region, size))
        except BoxError:
            # Beside the picture there is nothing to cover.
            continue
    return tuple(dict.fromkeys(boxes))[:MOST_BOXES]


def _crop(said: object, size: Size) -> Box | None:
    """Return the whole blocks in a part of the picture; None where it is all of it."""
    box = _box(said)
    part = Box(
        max(0, _up(box.left)),
        max(0, _up(box.top)),
        _down(min(box.right, size.width_px), size.width_px),
        _down(min(box.bottom, size.height_px), size.height_px),
    )
    if part.is_empty:
        raise BoxError("not_a_box")
    return None if part.sides == (0, 0, size.width_px, size.height_px) else part


def _box(said: object) -> Box:
    if not isinstance(said, dict):
        raise BoxError("not_a_box")
    by = said.get("by", MODERATOR)
    if by not in _MAKERS:
        raise BoxError("not_a_box")
    left, top, right, bottom = (_pixel(said.get(name)) for name in _SIDES)
    return Box(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom), by)


def _pixel(value: object) -> int | float:
    """Return a number that may be a place in a picture, or a little beside it."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # No comparison holds for what is not a number.
    if is_number and -100_000 < value < 100_000:  # type: ignore[operator]
        return value  # type: ignore[return-value]
    raise BoxError("not_a_box")


def _up(length: int) -> int:
    return -(-length // BLOCK_PX) * BLOCK_PX


def _down(length: int, edge: int) -> int:
    """Return the end of the last whole block; the picture's own edge cuts none."""
    return length if length == edge else length // BLOCK_PX * BLOCK_PX
