"""What a photo carried and its copy does not, in words; names only, never values."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

# One name for what tells a walker the same; "maker_note" holds numbers of the camera.
_CAMERA = _("the make or number of the camera")
_WRITTEN = _("a name or a comment")
_OTHER = _("other data beside the picture")
# Every code of `geo.exif.REMOVABLE`; a test holds both equal.
REMOVED_NAMES = {
    "position": _("the position"),
    "direction": _("the direction of the lens"),
    "capture_time": _("the time it was taken"),
    "make": _CAMERA,
    "model": _CAMERA,
    "lens": _CAMERA,
    "serial_number": _CAMERA,
    "owner_name": _WRITTEN,
    "software": _OTHER,
    "comment": _WRITTEN,
    "thumbnail": _("a small preview"),
    "xmp": _OTHER,
    "iptc": _OTHER,
    "maker_note": _CAMERA,
    "icc_profile": _OTHER,
    "app_data": _OTHER,
    "trailer": _OTHER,
}


def in_words(codes: Iterable[str]) -> list[str]:
    """Return the names of codes, each once, in the order of the table."""
    found = set(codes)
    return list(dict.fromkeys(str(name) for code, name in REMOVED_NAMES.items() if code in found))
