"""What a photo carried and its copy does not, in words; names only, never values."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

# Every code of `geo.exif.REMOVABLE`; a test holds both equal.
REMOVED_NAMES = {
    "position": _("the position"),
    "direction": _("the direction of the lens"),
    "capture_time": _("the time it was taken"),
    "make": _("the maker of the device"),
    "model": _("the model of the device"),
    "lens": _("the lens"),
    "serial_number": _("a serial number"),
    "owner_name": _("the owner's name"),
    "software": _("the software"),
    "comment": _("a comment"),
    "thumbnail": _("a small preview"),
    "xmp": _("XMP data"),
    "iptc": _("IPTC data"),
    "maker_note": _("the maker's own notes"),
    "icc_profile": _("the colour profile"),
    "app_data": _("data of an app"),
    "trailer": _("data after the end of the picture"),
}


def in_words(codes: Iterable[str]) -> list[str]:
    """Return the names of codes, each once, in the order of the table."""
    found = set(codes)
    return [str(name) for code, name in REMOVED_NAMES.items() if code in found]
