"""What OSM says of surveillance on things that are no devices: layers to read, never counted.

`type=enforcement` relations name what a speed camera watches (wiki Relation:enforcement);
`surveillance=*` stands on car parks that are watched (wiki Key:surveillance).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from geo.osm_tags import is_device

FLAG_KINDS = ("enforcement", "car_park")
# What a reader of large files filters by. An enforcement relation has its kind under a key of its
# own; filtered by `type`, every multipolygon would pass.
FLAG_KEYS = ("enforcement", "surveillance", "surveillance:ALPR", "surveillance:type")
_WATCHED = FLAG_KEYS[1:]
# Nothing else is kept: neither names nor operators are needed to show a flag.
_KEPT = {
    "enforcement": ("enforcement", "maxspeed"),
    "car_park": (*_WATCHED, "surveillance:zone", "parking"),
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A kind of FLAG_KINDS, and the tags that say more of it."""

    kind: str
    tags: Mapping[str, str]


def flag_of(osm_type: str, tags: Mapping[str, str]) -> Flag | None:
    """Return what an object of OSM flags, or None; what is a device is no flag. Never raises."""
    if osm_type == "relation" and tags.get("type") == "enforcement":
        kind = "enforcement"
    elif "parking" in _values(tags, "amenity") and _is_watched(tags):
        kind = "car_park"
    else:
        return None
    if is_device(tags):
        return None
    return Flag(kind, {key: tags[key] for key in _KEPT[kind] if key in tags})


def _is_watched(tags: Mapping[str, str]) -> bool:
    """Return whether any of the keys says more than no."""
    return any(_values(tags, key) - {"no", "none", ""} for key in _WATCHED)


def _values(tags: Mapping[str, str], key: str) -> set[str]:
    return {value.strip() for value in tags.get(key, "").split(";")}
