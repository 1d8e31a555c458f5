"""What can be wrong with a geographic value: one family, so that a door catches `GeoError` once.

Each message states the value, the rule it breaks and the remedy, and can be shown to the person
who sent the value. It never holds more of the value than `shown` lets through.
"""

from __future__ import annotations

import reprlib

_SHOWN_CHARACTERS = 60


class GeoError(ValueError):
    """A value that is not what the map can hold."""


class PositionError(GeoError):
    """A longitude or latitude that is not a place on earth."""


class BBoxError(GeoError):
    """Four numbers that do not bound a part of the earth."""


class GeodesyError(GeoError):
    """A distance, bearing or grid that is not defined."""


class DirectionError(GeoError):
    """A direction text outside the grammar of `camera:direction`."""


class PartialDateError(GeoError):
    """A text that is neither a year, a month nor a day."""


class TagError(GeoError):
    """A change that OpenStreetMap's tags cannot say."""


class OsmChangeError(GeoError):
    """An object, osmChange or diffResult that OSM's API does not send or take."""


class CoverageError(GeoError):
    """A view that cannot be drawn."""


class TileError(GeoError):
    """A tile address outside the pyramid."""


class SheetError(GeoError):
    """A quarter that makes no paper sheets, or a code of none."""


class GridError(GeoError):
    """A reference that no sheet's grid has."""


class OpenPhotoError(GeoError):
    """A text that names no picture of an open photo service."""


class GeoJSONError(GeoError):
    """A geometry that RFC 7946 or the map does not allow."""


class ExifError(GeoError):
    """A picture whose metadata cannot be read."""


def shown(value: object) -> str:
    r"""Return `value` quoted and cut for a message: printable, one line, at most 60 characters.

    >>> shown("a\nb")
    "'a\\nb'"
    """
    if isinstance(value, str):
        is_long = len(value) > _SHOWN_CHARACTERS
        return repr(value[: _SHOWN_CHARACTERS - 1] + "…" if is_long else value)
    try:
        # reprlib and not repr: a nest of a million lists is shown as cheaply as a number.
        return reprlib.repr(value)[:_SHOWN_CHARACTERS]
    except ValueError:
        return "a number of thousands of digits"  # Python refuses to write it out
