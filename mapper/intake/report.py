"""Reads what a walker says, from a form or a phone, into one frozen value; collects every error."""

import datetime
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geo.direction import format_directions, parse_walker_direction
from geo.errors import GeoError
from geo.partial_date import parse_partial_date
from geo.position import LonLat, is_null_island, parse_lat, parse_lon
from mapper.errors import BadInput
from mapper.sightings import vocabulary as words
from mapper.sightings.days import today

# The sentence above the send buttons; a new wording gets a new version.
TERMS = "2026-11"
# Nothing of what we map stood there before; an earlier date is a slip.
EARLIEST_YEAR = 1950
MOST_CHARACTERS = {"operator": 255, "note": 2000, "direction": 64, "terms": 16, "party": 32}

FIELDS = (
    "lat",
    "lon",
    "kind",
    "seen_on",
    "direction",
    "camera_type",
    "mount",
    "operator_type",
    "operator",
    "note",
    "device",
    "presence",
    "seen_how",
    "photo_use",
    "consent_osm",
    "terms",
    "prudent",
    "party",
)
# What the form calls them: a message speaks of a field by its label.
LABELS = {
    "lat": gettext_lazy("Latitude"),
    "lon": gettext_lazy("Longitude"),
    "kind": gettext_lazy("What is it?"),
    "seen_on": gettext_lazy("Day you saw it"),
    "direction": gettext_lazy("Which way does it look?"),
    "camera_type": gettext_lazy("Camera type"),
    "mount": gettext_lazy("Fixed to"),
    "operator_type": gettext_lazy("Who runs it"),
    "operator": gettext_lazy("Name on a sign, if there is one"),
    "note": gettext_lazy("Note for the moderators"),
    "device": gettext_lazy("The known device that it is"),
    "presence": gettext_lazy("Is it there?"),
    "seen_how": gettext_lazy("How you know"),
    "photo_use": gettext_lazy("The photos"),
    "consent_osm": gettext_lazy("May also go to OpenStreetMap"),
    "terms": gettext_lazy("Version of the terms"),
    "prudent": gettext_lazy("Nothing public for 32 days"),
    "party": gettext_lazy("Word of the cartopartie"),
}
_SEEN_HOW = ("on_site", "picture", "document")
_PHOTO_USE = ("public", "moderators")
_YES = frozenset({"1", "on", "true", "yes"})
_NO = frozenset({"", "0", "off", "false", "no"})
_TERMS = re.compile(r"[0-9A-Za-z.-]*")


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What a walker says; empty where nothing was said."""

    position: LonLat | None = None
    kind: str = words.Kind.UNKNOWN
    seen_on: str = ""
    # As `geo.direction.format_directions` writes it.
    direction: str = ""
    camera_type: str = ""
    mount: str = ""
    operator_type: str = ""
    operator: str = ""
    note: str = ""
    device: UUID | None = None
    presence: str = words.Presence.THERE
    seen_how: str = ""
    photo_use: str = "moderators"
    has_osm_consent: bool = False
    terms: str = ""
    # Nothing of it is public for 32 days.
    is_prudent: bool = False
    # The word of a cartopartie's link.
    party: str = ""


class ReportErrors(BadInput):
    """Some fields can't be taken; `fields` says which and why."""

    code = "report-invalid"

    def __init__(self, fields: Mapping[str, str]):
        """Keep the message of each field."""
        super().__init__(" ".join(fields.values()), fields=dict(fields))
        self.fields = dict(fields)


def parse_report(said: Mapping[str, Any]) -> ReportInput:
    """Return the report in a form's or a phone's fields.

    Raises
    ------
    ReportErrors
        With one message for each field that can't be taken.
    """
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, parser in _PARSERS.items():
        try:
            values[name] = parser(name, _text(name, said.get(name)))
        except BadInput as error:
            errors[name] = str(error)
    try:
        values["position"] = _position(_text("lat", said.get("lat")), _text("lon", said.get("lon")))
    except BadInput as error:
        errors["place"] = str(error)
    if errors:
        raise ReportErrors(errors)
    values["has_osm_consent"] = values.pop("consent_osm")
    values["is_prudent"] = values.pop("prudent")
    return ReportInput(**values)


def _position(lat: str, lon: str) -> LonLat | None:
    if not lat and not lon:
        return None
    if not lat or not lon:
        raise BadInput(_("A place needs both a latitude and a longitude; one of them is missing."))
    try:
        position = LonLat(parse_lon(lon), parse_lat(lat))
    except GeoError:
        raise BadInput(
            _(
                "Latitude “%(lat)s” and longitude “%(lon)s” are no place: write degrees with a "
                "point, the latitude from -90 to 90, the longitude from -180 to 180. Are they "
                "swapped?"
            )
            % {"lat": lat[:20], "lon": lon[:20]}
        ) from None
    if is_null_island(position):
        raise BadInput(_("The position 0, 0 is no place; show on the map where it stands."))
    return position


def _text(name: str, value: Any) -> str:
    """Return a value as text: a form knows nothing else, a phone may send numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and math.isfinite(value):
        # Never 1e-05, which no reader of positions takes.
        return f"{value:.9f}".rstrip("0").rstrip(".")
    if isinstance(value, float | int):
        return str(value)
    if not isinstance(value, str) or "\0" in value or not _is_whole(value):
        raise BadInput(
            _("The field “%(name)s” is not a text or a number; write one.") % {"name": LABELS[name]}
        )
    return value.strip()


def _is_whole(text: str) -> bool:
    """Return whether a text can be written as UTF-8: JSON may smuggle in half a character."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _choice(allowed: tuple[str, ...], absent: str) -> Callable[[str, str], str]:
    def parse(name: str, text: str) -> str:
        if not text:
            return absent
        if text not in allowed:
            raise BadInput(
                _("“%(value)s” is no answer to “%(name)s”; the known ones are %(known)s.")
                % {"value": text[:40], "name": LABELS[name], "known": ", ".join(allowed)}
            )
        return text

    return parse


def _free(name: str, text: str) -> str:
    most = MOST_CHARACTERS[name]
    if len(text) > most:
        raise BadInput(
            _("“%(name)s” has %(count)s characters; at most %(most)s are kept: shorten it.")
            % {"name": LABELS[name], "count": len(text), "most": most}
        )
    return text


def _terms(name: str, text: str) -> str:
    if not _TERMS.fullmatch(text):
        raise BadInput(_("The version of the terms is damaged; open the form anew."))
    return _free(name, text)


def _direction(name: str, text: str) -> str:
    try:
        arcs = parse_walker_direction(text)
    except GeoError:
        raise BadInput(
            _(
                "The direction “%(value)s” is not understood; write degrees like 90, or a wind "
                "like NE."
            )
            % {"value": text[:40]}
        ) from None
    return "" if arcs is None else _free(name, format_directions(arcs))


def _seen_on(name: str, text: str) -> str:
    if not text:
        return ""
    try:
        date = parse_partial_date(text)
    except GeoError:
        raise BadInput(
            _("The date “%(value)s” is not understood; write it like 2026-05-12, or 2026-05.")
            % {"value": text[:40]}
        ) from None
    # The day may have begun earlier where the walker is.
    if date.first_day > today() + datetime.timedelta(days=1):
        raise BadInput(
            _("The date %(date)s is in the future; give the day of the walk.") % {"date": date}
        )
    if date.year < EARLIEST_YEAR:
        raise BadInput(
            _("The date %(date)s is before %(year)s; give the day of the walk.")
            % {"date": date, "year": EARLIEST_YEAR}
        )
    return str(date)


def _device(name: str, text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(
            _("“%(value)s” is not the id of a device; copy it from the device's page.")
            % {"value": text[:40]}
        ) from None


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise BadInput(
        _("“%(value)s” is neither yes nor no to “%(name)s”.")
        % {"value": text[:40], "name": LABELS[name]}
    )


def _prudent(name: str, text: str) -> bool:
    """Return whether to wait; where nobody said, as the instance does."""
    return _yes_or_no(name, text) if text else settings.PRUDENT_BY_DEFAULT


_PARSERS: dict[str, Callable[[str, str], Any]] = {
    "kind": _choice(tuple(words.Kind.values), words.Kind.UNKNOWN),
    "seen_on": _seen_on,
    "direction": _direction,
    "camera_type": _choice(tuple(words.CameraType.values), ""),
    "mount": _choice(tuple(words.Mount.values), ""),
    "operator_type": _choice(tuple(words.OperatorType.values), ""),
    "operator": _free,
    "note": _free,
    "device": _device,
    "presence": _choice(tuple(words.Presence.values), words.Presence.THERE),
    "seen_how": _choice(_SEEN_HOW, ""),
    "photo_use": _choice(_PHOTO_USE, "moderators"),
    "consent_osm": _yes_or_no,
    "terms": _terms,
    "prudent": _prudent,
    "party": _free,
}
