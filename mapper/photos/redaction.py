"""Covers what must not be seen, on pixels and before anything is scaled or stored for the public.

Pure Pillow, run in the sandbox on our own copy; what comes out is checked by `mapper.photos.scan`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from PIL import Image, ImageDraw

from mapper.photos.pixels import encoded, opened, rebuilt, thumbnail, upright_srgb

FILL = (32, 32, 32)
# A decoder smooths colour over the edge of a block: so far out the inside of a box could be seen.
_SMOOTHED_PX = 2
Sides = Sequence[int]


def cover(
    data: bytes, *, boxes: Iterable[Sides], crop: Sides | None, thumbnail_px: int
) -> tuple[dict[str, Any], list[bytes]]:
    """Return the sizes, and as JPEG the covered picture and its thumbnail (sandbox task).

    Raises
    ------
    PictureRefused
        With the reason `not_a_picture`, `too_many_pixels`, `broken`.
    """
    picture = covered(upright_srgb(opened(data)), boxes=boxes, crop=crop)
    values = {"width_px": picture.width, "height_px": picture.height}
    return values, [encoded(picture), encoded(thumbnail(picture, thumbnail_px))]


def covered(picture: Image.Image, *, boxes: Iterable[Sides], crop: Sides | None) -> Image.Image:
    """Return the part of an RGB picture that is shown, with every box filled opaque."""
    # Filled before it is cut: no box shifts, and nothing is scaled that is not covered yet.
    filled = picture.copy()
    draw = ImageDraw.Draw(filled)
    for left, top, right, bottom in boxes:
        more = _SMOOTHED_PX
        draw.rectangle((left - more, top - more, right + more - 1, bottom + more - 1), fill=FILL)
    if crop is not None:
        left, top, right, bottom = crop
        filled = filled.crop((left, top, right, bottom))
    return rebuilt(filled)
