"""Reads what a stranger's picture tells of its walk; runs in the sandbox, with no Django."""

from typing import Any

from geo.errors import ExifError
from geo.exif import read_photo_metadata
from mapper.photos.pixels import PictureRefused, opened


def read(data: bytes) -> dict[str, Any]:
    """Return the metadata, and the size in pixels as the file says it (sandbox task).

    Raises
    ------
    PictureRefused
        With the reason `not_a_picture`, `too_many_pixels` or `broken`; no pixel is decoded.
    """
    picture = opened(data)
    try:
        metadata = read_photo_metadata(data)
    except ExifError:
        raise PictureRefused("broken") from None
    return metadata.as_dict() | {"width_px": picture.width, "height_px": picture.height}
