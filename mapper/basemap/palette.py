"""Reduces a map picture to 256 colours: those it was drawn with, exactly, and the commonest others.

A third of the bytes, and unlike a palette fitted to the pixels it keeps the devices as red as they
are: they are few among the many shades of smooth edges.
"""

import numpy as np
from PIL import Image

from mapper.basemap.ground import COLOURS
from mapper.basemap.signs import INK, PALE, PAPER, QUIET, WATCH

_COUNT = 256
_DRAWN = np.array(
    [
        [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        for colour in dict.fromkeys([*COLOURS.values(), WATCH, INK, QUIET, PAPER, PALE])
    ],
    dtype=np.int32,
)


def reduced(picture: Image.Image) -> Image.Image:
    """Return an RGB picture with a palette of at most 256 colours."""
    pixels = np.asarray(picture, dtype=np.int32)
    packed = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    colours, counts = np.unique(packed, return_counts=True)
    seen = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1)
    common = seen[np.argsort(-counts, kind="stable")[: _COUNT - len(_DRAWN)]]
    palette = np.concatenate([_DRAWN, common])
    distances = ((seen[:, None, :] - palette[None, :, :]) ** 2).sum(axis=-1)
    # A table of all colours is quicker than a search for each pixel.
    nearest = np.zeros(1 << 24, dtype=np.uint8)
    nearest[colours] = distances.argmin(axis=1)
    written = Image.fromarray(nearest[packed], mode="P")
    written.putpalette(palette.astype(np.uint8).tobytes())
    return written
