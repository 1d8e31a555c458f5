"""Which way does it look? The texts of OSM's `camera:direction` and `direction`, strictly read.

Grammar (wiki Key:camera:direction): degrees clockwise from true north, 16 winds, clockwise ranges
`a-b`, and lists `a;b` for several heads on one pole. `fixtures/cases/directions.json` holds the
golden cases; `frontend/src/geo/direction.ts` is this module's twin and reads the same file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geo.errors import DirectionError, shown

# fmt: off
WINDS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
         "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
# fmt: on
OCTANTS = WINDS[::2]

# 1e-6 degree is a tenth of a millimetre at 1 km, and has a plain decimal form.
_DECIMALS = 6
# OSM holds at most 255 characters in a value.
_MAX_CHARACTERS = 255

# The wiki documents both for a dome.
_ALL_ROUND_ENDS = ((0.0, 360.0), (0.0, 359.0))

_DEGREES = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")
_WIND_DEG = {wind: index * 22.5 for index, wind in enumerate(WINDS)}
_FRENCH_WIND_DEG = {wind.replace("W", "O"): degrees for wind, degrees in _WIND_DEG.items()}

_REMEDY = "write degrees like 90, a wind like NNE, a clockwise range like 90-270, or a list a;b."
_UNKNOWN_WORDS = frozenset({"", "unknown", "inconnu", "inconnue"})
_ALL_ROUND_WORDS = frozenset({"360", "360°", "all round"})


def _checked_deg(degrees: float) -> float:
    is_number = isinstance(degrees, (int, float)) and not isinstance(degrees, bool)
    if not is_number or not 0 <= degrees <= 360:  # NaN compares false, so it is refused here too
        raise DirectionError(
            f"Bearing {shown(degrees)} is outside [0, 360]; give degrees clockwise from north."
        )
    return round(float(degrees), _DECIMALS) + 0.0


@dataclass(frozen=True, slots=True)
class Arc:
    """What one head sees: clockwise from `from_deg` to `to_deg`, degrees from true north.

    `from_deg` and `to_deg` lie in [0, 360) and are kept to 1e-6 degree. Equal ends are one bearing
    whose width nobody stated (0). The one arc that goes all round is `Arc(0, 360)`, also written
    `Arc(0, 359)`. An end of 360 is north and becomes 0 in every other arc.

    Raises
    ------
    DirectionError
        When an end is not finite or lies outside [0, 360].

    Examples
    --------
    >>> Arc(350, 10).width_deg, Arc(350, 10).center_deg
    (20.0, 0.0)
    >>> Arc(90, 90).width_deg
    0.0
    """

    from_deg: float
    to_deg: float

    def __post_init__(self) -> None:
        from_deg, to_deg = _checked_deg(self.from_deg), _checked_deg(self.to_deg)
        if (from_deg, to_deg) in _ALL_ROUND_ENDS:
            to_deg = 360.0
        else:
            from_deg, to_deg = from_deg % 360, to_deg % 360
        object.__setattr__(self, "from_deg", from_deg)
        object.__setattr__(self, "to_deg", to_deg)

    @property
    def is_all_round(self) -> bool:
        """Whether the arc is the whole turn."""
        return self.to_deg == 360

    @property
    def width_deg(self) -> float:
        """The opening in degrees, in [0, 360]; 0 where only a bearing is known."""
        if self.is_all_round:
            return 360.0
        return round((self.to_deg - self.from_deg) % 360, _DECIMALS)

    @property
    def center_deg(self) -> float | None:
        """The bearing of the middle, in [0, 360); None when it looks all round."""
        if self.is_all_round:
            return None
        return round(self.from_deg + self.width_deg / 2, _DECIMALS) % 360

    def as_dict(self) -> dict[str, float]:
        """Return `{"from": …, "to": …}`, JSON-ready; whole degrees are integers."""
        return {"from": _plain(self.from_deg), "to": _plain(self.to_deg)}

    @classmethod
    def from_dict(cls, value: object) -> Arc:
        """Return the arc that `as_dict` wrote.

        Raises
        ------
        DirectionError
            When `value` has not exactly the numbers `from` and `to`.
        """
        if not isinstance(value, Mapping) or set(value) != {"from", "to"}:
            raise DirectionError(
                f'Arc {shown(value)} is not an object with "from" and "to"; give both in degrees.'
            )
        return cls(value["from"], value["to"])


ALL_ROUND = Arc(0, 360)


def parse_directions(text: str) -> tuple[Arc, ...]:
    """Return the arcs that an OSM direction text states, in their order; never a guess.

    A bearing is 1 to 3 digits with up to 6 decimals in [0, 360] (360 is north, 0), or one of the
    16 winds in any case. A range `a-b` runs clockwise and may have winds as ends; `0-360`, `0-359`
    and equal ends (`180-180`) are all round. Spaces are tolerated around the `;` of a list only.
    Negatives, `15°`, `180, 270`, `south`, `forward`, an empty text or item and all else is refused.

    Raises
    ------
    DirectionError
        When any item of the text is outside this grammar.

    Examples
    --------
    >>> parse_directions("270-90; NNE")
    (Arc(from_deg=270.0, to_deg=90.0), Arc(from_deg=22.5, to_deg=22.5))
    >>> parse_directions("360"), parse_directions("0-360")
    ((Arc(from_deg=0.0, to_deg=0.0),), (Arc(from_deg=0.0, to_deg=360.0),))
    """
    return _parsed(text, _WIND_DEG, said=text)


def format_directions(arcs: Iterable[Arc]) -> str:
    """Return the OSM text of `arcs`: bearings and ranges in degrees, joined by `;`.

    Parsing the result gives the same arcs. No arcs give an empty text, which is not a tag value:
    without a direction there is no tag.

    >>> format_directions([Arc(270, 90), Arc(22.5, 22.5), ALL_ROUND])
    '270-90;22.5;0-360'
    """
    return ";".join(_format_arc(arc) for arc in arcs)


def parse_walker_direction(text: str) -> tuple[Arc, ...] | None:
    """Return the arcs that a walker typed into the report form, or None for "I don't know".

    Takes what `parse_directions` takes, and besides: French winds, where west is `O` (`NO`, `SO`,
    `ONO`); a degree sign (`45°`); `360`, `360°` and `all round` for a camera that looks all round
    (a person who means north writes 0 or N); `unknown` or nothing for None. `O` is always *ouest*:
    in no language of the site does it mean east, as it does in German. Case and blanks around the
    text do not matter.

    Raises
    ------
    DirectionError
        When the text is none of these.

    Examples
    --------
    >>> parse_walker_direction("so")
    (Arc(from_deg=225.0, to_deg=225.0),)
    >>> parse_walker_direction(" ") is None
    True
    """
    word = text.strip().lower()
    if word in _UNKNOWN_WORDS:
        return None
    if word in _ALL_ROUND_WORDS:
        return (ALL_ROUND,)
    return _parsed(word.removesuffix("°"), _WIND_DEG | _FRENCH_WIND_DEG, said=text)


def wind_of(bearing_deg: float) -> str:
    """Return the nearest of the 16 winds; on the edge between two, the clockwise one.

    >>> wind_of(359.0), wind_of(11.25)
    ('N', 'NNE')
    """
    return WINDS[math.floor(_checked_deg(bearing_deg) / 22.5 + 0.5) % 16]


def octant_of(bearing_deg: float) -> str:
    """Return the nearest of the 8 winds N, NE, … NW; on the edge between two, the clockwise one.

    Raises
    ------
    DirectionError
        When the bearing is not finite or lies outside [0, 360].
    """
    return OCTANTS[math.floor(_checked_deg(bearing_deg) / 45 + 0.5) % 8]


def format_octants(arcs: Iterable[Arc]) -> str:
    """Return arcs as an OSM text in which a bearing on one of the 8 winds is that wind's letters.

    Who says north-east does not say 45.0 degrees: letters claim no more than was seen. Other
    bearings, and ranges, are as `format_directions` writes them; both read back as the same arcs.

    >>> format_octants([Arc(45, 45), Arc(50, 50), Arc(0, 90)])
    'NE;50;0-90'
    """
    return ";".join(
        OCTANTS[int(arc.from_deg) // 45]
        if arc.from_deg == arc.to_deg and arc.from_deg % 45 == 0
        else _format_arc(arc)
        for arc in arcs
    )


def _parsed(text: str, winds: dict[str, float], *, said: str) -> tuple[Arc, ...]:
    if len(text) > _MAX_CHARACTERS:
        raise DirectionError(
            f"Direction {shown(said)} has {len(text)} characters; OpenStreetMap takes at most "
            f"{_MAX_CHARACTERS}: shorten the list."
        )
    return tuple(_parse_item(item.strip(" "), said, winds) for item in text.split(";"))


def _parse_item(item: str, said: str, winds: dict[str, float]) -> Arc:
    ends = [_parse_bearing(end, said, winds) for end in item.split("-", 1)]
    if len(ends) == 1:
        return Arc(ends[0], ends[0])
    from_deg, to_deg = ends
    # 180-180 is how apps write a full turn.
    return ALL_ROUND if from_deg % 360 == to_deg % 360 else Arc(from_deg, to_deg)


def _parse_bearing(end: str, said: str, winds: dict[str, float]) -> float:
    if _DEGREES.fullmatch(end):
        degrees = float(end)
        if degrees <= 360:
            return degrees
        raise DirectionError(
            f"Direction {shown(said)} has {end}, which is outside [0, 360]; {_REMEDY}"
        )
    # str.upper() makes "ß" two letters and the like; none of that is a wind.
    wind = winds.get(end.upper()) if end.isascii() else None
    if wind is None:
        raise DirectionError(f"Direction {shown(said)} is not understood; {_REMEDY}")
    return wind


def _format_arc(arc: Arc) -> str:
    if arc.from_deg == arc.to_deg:
        return _format_deg(arc.from_deg)
    return f"{_format_deg(arc.from_deg)}-{_format_deg(arc.to_deg)}"


def _format_deg(degrees: float) -> str:
    text = f"{degrees:.{_DECIMALS}f}"
    return text.rstrip("0").rstrip(".")


def _plain(degrees: float) -> float:
    return int(degrees) if degrees.is_integer() else degrees
