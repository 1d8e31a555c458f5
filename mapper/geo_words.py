"""What geo refuses, in the language of the page: geo itself is pure and says it in English."""

import re

from django.utils.translation import gettext, gettext_noop

from geo.errors import GeoError

# What a person can type wrong. What only programs can is left as geo says it.
_PATTERNS = (
    gettext_noop("Latitude %(value)s is outside [-90, 90]; are longitude and latitude swapped?"),
    gettext_noop("Latitude %(value)s is outside [-90, 90]; give degrees north of the equator."),
    gettext_noop("Longitude %(value)s is outside [-180, 180]; give degrees east of Greenwich."),
    gettext_noop(
        "%(name)s %(value)s is not a decimal number of degrees; write it like 48.8566, with a "
        "point."
    ),
    gettext_noop(
        "Bounding box: %(reason)s (write bbox=west,south,east,north in degrees, like "
        "2.2,48.8,2.4,48.9)"
    ),
    gettext_noop(
        "Bounding box: south %(south)s is not below north %(north)s; write "
        "bbox=west,south,east,north in degrees, like 2.2,48.8,2.4,48.9."
    ),
    gettext_noop(
        "Bounding box: west %(west)s and east %(east)s are one meridian; write "
        "bbox=west,south,east,north in degrees, like 2.2,48.8,2.4,48.9."
    ),
    gettext_noop(
        "Bounding box %(value)s has not four numbers; write bbox=west,south,east,north in "
        "degrees, like 2.2,48.8,2.4,48.9."
    ),
    gettext_noop(
        "Bounding box: %(value)s is not a decimal number; write bbox=west,south,east,north in "
        "degrees, like 2.2,48.8,2.4,48.9."
    ),
    gettext_noop("%(date)s is not in the calendar; check the date."),
    gettext_noop("Date %(value)s is not understood; write 2024, 2024-05 or 2024-05-12."),
    gettext_noop("Bearing %(value)s is outside [0, 360]; give degrees clockwise from north."),
    gettext_noop(
        "Direction %(value)s has %(length)s characters; OpenStreetMap takes at most %(most)s: "
        "shorten the list."
    ),
    gettext_noop(
        "Direction %(value)s has %(end)s, which is outside [0, 360]; write degrees like 90, a "
        "wind like NNE, a clockwise range like 90-270, or a list a;b."
    ),
    gettext_noop(
        "Direction %(value)s is not understood; write degrees like 90, a wind like NNE, a "
        "clockwise range like 90-270, or a list a;b."
    ),
    gettext_noop(
        "%(value)s is no address of a picture of Panoramax, Mapillary or Wikimedia Commons; open "
        "the picture there and copy the address of its page."
    ),
    gettext_noop("Quarter: it crosses the antimeridian; choose one on one side of it."),
    gettext_noop("Quarter: latitudes beyond %(most)s have no map; choose another."),
    gettext_noop(
        "Quarter: it makes %(count)s sheets, at most %(most)s are printed; choose a smaller one."
    ),
    gettext_noop(
        "Sheet code %(value)s is not one of ours; copy the eight letters and digits at the top of "
        "the sheet."
    ),
    gettext_noop(
        "Grid reference %(value)s is not on the sheet; write a column and a row like C4, or with "
        "the ninth of the cell like C4.7."
    ),
)
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _as_regex(pattern: str) -> re.Pattern[str]:
    """Return what finds the values in a sentence that a pattern made."""
    # Every second part is a name.
    parts = _PLACEHOLDER.split(pattern)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)),
        re.DOTALL,
    )


_KNOWN = tuple((pattern, _as_regex(pattern)) for pattern in _PATTERNS)


def in_words(error: GeoError) -> str:
    """Return what is wrong, as the page's readers say it."""
    return _translated(str(error))


def _translated(said: str) -> str:
    for pattern, regex in _KNOWN:
        if match := regex.fullmatch(said):
            values = match.groupdict()
            if "reason" in values:
                values["reason"] = _translated(values["reason"])
            if "name" in values:
                values["name"] = gettext(values["name"])
            return gettext(pattern) % values
    return said
