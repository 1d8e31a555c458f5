"""Where faces are in our copy of a stranger's picture; runs in the sandbox, with no Django.

A task of its own: where it breaks or takes too long, a photo loses its automatic boxes only.
"""

from typing import Any

from mapper.photos.detector import load
from mapper.photos.pixels import opened, upright_srgb


def find(data: bytes, *, threads: int) -> dict[str, Any]:
    """Return left, top, right, bottom of each face as shares of the upright picture (a task).

    Raises
    ------
    PictureRefused
        With the reason `not_a_picture`, `too_many_pixels`, `broken`.
    """
    picture = upright_srgb(opened(data))
    width, height = picture.size
    found = load(threads).faces(picture)
    return {
        "faces": [
            [round(float(side), 5) for side in (x / width, y / height, right / width, end / height)]
            for x, y, right, end, _score in found
        ]
    }
