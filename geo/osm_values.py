"""What does one OSM value state, and how is a value written? The cells of `geo.osm_tags`' table.

A reader returns None for a text that it can't read and never raises; a writer raises TagError for
a value that has no tag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from geo.direction import Arc, format_octants, parse_directions
from geo.errors import DirectionError, PartialDateError, TagError, shown
from geo.osm_aliases import meaning
from geo.partial_date import is_partial_date, truncate_to_month

_VALUE_OF_KIND = {
    "camera": "camera",
    "alpr": "ALPR",
    "acoustic": "gunshot_detector",
    "guard": "guard",
}
_MAX_CHARACTERS = 255

_METRES = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?) ?m?")
_FEET = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?) ?ft")
_FEET_INCHES = re.compile(r"([0-9]{1,4})'(?: ?([0-9]{1,2}(?:\.[0-9]{1,6})?)\")?")
_TILT = re.compile(r"-?([0-9]{1,2}(?:\.[0-9]{1,6})?)")

_METRES_PER_FOOT = 0.3048
_MAX_HEIGHT_M = 1000.0
_MAX_TILT_DEG = 90.0
# A centimetre and a hundredth of a degree: finer than anybody measures.
_DECIMALS = 2


def read_height_m(text: str) -> float | None:
    """Return the height in metres, in (0, 1000], or None for what is no height.

    Metres are OSM's default unit (wiki Map_features/Units): `4`, `4.5`, `4 m`, `12 ft`, `12'`,
    `12'6"`. A decimal comma, a range, a `~` or a zero is not read.

    >>> read_height_m("4.5 m"), read_height_m("10'"), read_height_m("4,5")
    (4.5, 3.05, None)
    """
    stripped = text.strip()
    if match := _METRES.fullmatch(stripped):
        metres = float(match[1])
    elif match := _FEET.fullmatch(stripped):
        metres = float(match[1]) * _METRES_PER_FOOT
    elif match := _FEET_INCHES.fullmatch(stripped):
        metres = (float(match[1]) + float(match[2] or 0) / 12) * _METRES_PER_FOOT
    else:
        return None
    metres = round(metres, _DECIMALS)
    return metres if 0 < metres <= _MAX_HEIGHT_M else None


def read_tilt_deg(text: str) -> float | None:
    """Return the tilt below the horizon in degrees, in [0, 90], or None for what is no tilt.

    `camera:angle` is written with either sign by different apps and always means "down". Values
    over 90 (360 is found) are somebody's field of view and are not read.

    >>> read_tilt_deg("15"), read_tilt_deg("-15"), read_tilt_deg("360")
    (15.0, 15.0, None)
    """
    match = _TILT.fullmatch(text.strip())
    if match is None:
        return None
    degrees = round(float(match[1]), _DECIMALS)
    return degrees if degrees <= _MAX_TILT_DEG else None


def _format_number(value: object, read: Callable[[str], float | None], name: str, rule: str) -> str:
    """Return `value` as a plain decimal with at most two decimals, as `read` will read it.

    Raises
    ------
    TagError
        When `value` is no number, or one that `read` does not take.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TagError(f"{name} {shown(value)} is not a number; give {rule}.")
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    if text.startswith("-") or read(text) is None:
        raise TagError(f"{name} {shown(value)} is out of range; give {rule}.")
    return text


def list_items(text: str) -> list[str]:
    """Return the items of a `;` list without blanks and in one case; empty ones are dropped."""
    return [item.strip().casefold() for item in text.split(";") if item.strip()]


@lru_cache(maxsize=1024)
def names_plate_reader(text: str) -> bool:
    """Return whether a `surveillance:type` names a plate reader, alone or in a list."""
    return any(meaning("surveillance:type", item) == "alpr" for item in list_items(text))


def read_kind(text: str) -> str | None:
    """Return the kind of the first known value of a list, `other` for unknown values only."""
    items = list_items(text)
    known = [kind for item in items if (kind := meaning("surveillance:type", item))]
    if known:
        return known[0]
    return "other" if items else None


def write_kind(value: object) -> str:
    """Return the documented `surveillance:type` of a kind."""
    if value not in _VALUE_OF_KIND:
        raise TagError(
            f"Kind {shown(value)} has no tag in OpenStreetMap; these have: "
            f"{', '.join(_VALUE_OF_KIND)}."
        )
    return _VALUE_OF_KIND[str(value)]


def read_text(text: str) -> str | None:
    """Return the text itself, or None for blanks."""
    return text if text.strip() else None


def write_text(value: object) -> str:
    """Return the text itself."""
    if not isinstance(value, str):
        raise TagError(f"Value {shown(value)} is not a text; tags are texts.")
    return value


def read_directions(text: str) -> tuple[Arc, ...] | None:
    """Return the arcs of a direction text, or None when it is not in the grammar."""
    try:
        return parse_directions(text)
    except DirectionError:
        return None


def write_directions(value: object) -> str:
    """Return the text of a list of arcs, or of their dicts; an octant as letters."""
    if not isinstance(value, (list, tuple)):
        raise TagError(f"Directions {shown(value)} are not a list of arcs.")
    try:
        arcs = [arc if isinstance(arc, Arc) else Arc.from_dict(arc) for arc in value]
    except DirectionError as error:
        raise TagError(str(error)) from None
    return format_octants(arcs)


def read_date(text: str) -> str | None:
    """Return the partial date without blanks around it, or None for another text."""
    return text.strip() if is_partial_date(text.strip()) else None


def write_date(value: object) -> str:
    """Return a partial date cut to the month."""
    try:
        return truncate_to_month(write_text(value))
    except PartialDateError as error:
        raise TagError(str(error)) from None


def write_tilt(value: object) -> str:
    """Return degrees below the horizon as a number in [0, 90]."""
    return _format_number(value, read_tilt_deg, "Tilt", "degrees below the horizon in [0, 90]")


def write_height(value: object) -> str:
    """Return metres as a number without unit in (0, 1000]."""
    return _format_number(value, read_height_m, "Height", "metres in (0, 1000]")


def checked_text(attribute: str, text: str) -> str:
    """Return `text` if a tag can hold it: 1 to 255 characters, no control character."""
    if not text.strip() or len(text) > _MAX_CHARACTERS:
        raise TagError(
            f"{attribute} {shown(text)} has {len(text)} characters; a tag takes 1 to "
            f"{_MAX_CHARACTERS}."
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise TagError(f"{attribute} {shown(text)} has control characters; type it again.")
    return text
