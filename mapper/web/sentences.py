"""A device in a sentence: what, on what, which way it looks, who runs it, last seen when."""

from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from geo.direction import Arc, octant_of
from mapper.dossiers.sentences import date_in_words
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import CameraType, Kind

# Each with what joins it to "looks": in French "looks north" is "regarde vers le nord".
_OCTANTS = {
    "N": lambda: pgettext("looks", "north"),
    "NE": lambda: pgettext("looks", "north-east"),
    "E": lambda: pgettext("looks", "east"),
    "SE": lambda: pgettext("looks", "south-east"),
    "S": lambda: pgettext("looks", "south"),
    "SW": lambda: pgettext("looks", "south-west"),
    "W": lambda: pgettext("looks", "west"),
    "NW": lambda: pgettext("looks", "north-west"),
}
_MOUNTS = {
    "pole": lambda: _("on a pole"),
    "wall": lambda: _("on a wall"),
    "ceiling": lambda: _("under a ceiling"),
    "street_lamp": lambda: _("on a street lamp"),
    "traffic_signals": lambda: _("on traffic signals"),
    "building": lambda: _("on a building"),
}
_CAMERAS: dict[str, Callable[[], str]] = {
    CameraType.FIXED: lambda: _("fixed camera"),
    CameraType.DOME: lambda: _("dome camera"),
    CameraType.PANNING: lambda: _("pan-tilt camera"),
}
# What agrees with the kind: in French a camera and a base are feminine, other devices masculine.
_FEMININE = (Kind.CAMERA, Kind.DRONE)
_OPERATORS = {
    "public": lambda: pgettext("masculine", "run by a public body"),
    "government": lambda: pgettext("masculine", "run by a public body"),
    "private": lambda: pgettext("masculine", "run privately"),
}
_OPERATORS_FEMININE = {
    "public": lambda: pgettext("feminine", "run by a public body"),
    "government": lambda: pgettext("feminine", "run by a public body"),
    "private": lambda: pgettext("feminine", "run privately"),
}
_STATUSES = {
    "planned": lambda: _("planned"),
    "disused": lambda: _("no longer in use"),
    "removed": lambda: pgettext("masculine", "removed"),
}
_STATUSES_FEMININE = _STATUSES | {"removed": lambda: pgettext("feminine", "removed")}


def octant_words(bearing_deg: float) -> str:
    """Return the octant of a bearing in words, "north-east"."""
    return _OCTANTS[octant_of(bearing_deg)]()


def direction_words(arcs: Iterable[Mapping[str, float]]) -> str:
    """Return where a device looks in words, "north and east"; empty when nobody knows."""
    words: list[str] = []
    for value in arcs:
        arc = Arc.from_dict(dict(value))
        if arc.center_deg is None:
            return pgettext("looks", "all round")
        words.append(octant_words(arc.center_deg))
    return _listed(list(dict.fromkeys(words)))


def device_sentence(device: Device) -> str:
    """Return what a device is in one sentence, "Dome camera, on a wall, looks north-east."."""
    is_feminine = device.kind in _FEMININE
    parts = [
        *_visible(device),
        _word(_OPERATORS_FEMININE if is_feminine else _OPERATORS, device.operator_type),
        _word(_STATUSES_FEMININE if is_feminine else _STATUSES, device.status),
        _("last seen %(date)s") % {"date": date_in_words(device.last_seen)}
        if device.last_seen
        else "",
    ]
    return _sentence(parts)


def look_words(device: Device) -> str:
    """Return what to look for in the street, "Dome camera, on a wall, looks north-east."."""
    return _sentence(_visible(device))


def _visible(device: Device) -> list[str]:
    """Return what the eye can check: what it is, on what, which way it looks."""
    looks = direction_words(device.directions)
    return [
        _what(device),
        _word(_MOUNTS, device.mount),
        _("looks %(direction)s") % {"direction": looks} if looks else "",
    ]


def _sentence(parts: Iterable[str]) -> str:
    sentence = ", ".join(part for part in parts if part)
    return sentence[:1].upper() + sentence[1:] + "."


def _what(device: Device) -> str:
    """Return the kind, with the camera's type where it is one of the known ones."""
    known = _word(_CAMERAS, device.camera_type) if device.kind == "camera" else ""
    return known or str(device.get_kind_display())


def _word(words: Mapping[str, Callable[[], str]], value: str) -> str:
    """Return the words for a value; none where it is not among them."""
    return words[value]() if value in words else ""


def _listed(words: list[str]) -> str:
    """Return "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
