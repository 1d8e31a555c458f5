"""What does our evidence say of an OSM object that its tags do not? Only what is worth an edit.

OSM is not for our noise: what reads the same is no difference, a bearing within half an octant is
the same bearing, a place is moved only where it is further off than anybody's error, and what we do
not know is no tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.direction import Arc
from geo.errors import TagError
from geo.geodesy import distance_m
from geo.matching import looks_alike
from geo.osm_tags import apply_attributes, device_attributes
from geo.position import LonLat

LEAST_MOVE_M = 10.0
# What OSM's tags can say, in the order in which a page shows it.
FIELDS = (
    "kind",
    "camera_type",
    "mount",
    "directions",
    "tilt_down_deg",
    "height_m",
    "surveillance",
    "zone",
    "operator",
    "operator_type",
    "manufacturer",
    "model",
)
# Its last check goes along with a new object, and with no other difference alone.
_WRITTEN = (*FIELDS, "last_seen")
NEW_TAGS: Mapping[str, str] = {"man_made": "surveillance"}
_SAYS_NOTHING: tuple[object, ...] = (None, "", [], (), "unknown")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which our evidence says what OSM does not; `theirs` None is "not said"."""

    field: str
    theirs: object
    ours: object

    @property
    def is_new(self) -> bool:
        """Return whether OSM says nothing of it, so that nothing of anybody's is replaced."""
        return self.theirs is None


def differences(tags: Mapping[str, str], said: Mapping[str, object]) -> list[Difference]:
    """Return where `said` (as `DeviceAttributes.as_dict`) adds to an object's tags or differs.

    What has no tag in OSM (a drone, a capability) is left out, as is what is not known. Never
    raises; tags that are no device differ in nothing.
    """
    attributes = device_attributes(tags)
    if attributes is None:
        return []
    held = attributes.as_dict()
    return [
        Difference(name, held.get(name), said[name])
        for name in FIELDS
        if said.get(name) not in _SAYS_NOTHING
        and not _is_alike(name, held.get(name), said[name])
        and _has_tag(tags, name, said[name])
    ]


def is_move(theirs: LonLat, ours: LonLat, *, accuracy_m: float = 0.0) -> bool:
    """Return whether ours is far enough from theirs to move an object: 10 m, or the accuracy.

    >>> is_move(LonLat(5, 45), LonLat(5, 45.00005)), is_move(LonLat(5, 45), LonLat(5, 45.0002))
    (False, True)
    """
    return distance_m(theirs, ours) >= max(LEAST_MOVE_M, accuracy_m)


def new_object(said: Mapping[str, object]) -> dict[str, str]:
    """Return the tags of a new object for what is said of a device.

    Raises
    ------
    TagError
        When the device is of a kind that OSM has no tag for.
    """
    return apply_attributes(
        NEW_TAGS, {name: said[name] for name in _WRITTEN if said.get(name) not in _SAYS_NOTHING}
    )


def _has_tag(tags: Mapping[str, str], name: str, value: object) -> bool:
    try:
        return apply_attributes(tags, {name: value}) != dict(tags)
    except TagError:
        return False


def _is_alike(name: str, held: object, said: object) -> bool:
    if held is None:
        return False
    if name == "directions":
        return looks_alike(_arcs(held), _arcs(said))
    if isinstance(held, str) and isinstance(said, str):
        return " ".join(held.split()).casefold() == " ".join(said.split()).casefold()
    return held == said


def _arcs(said: object) -> list[Arc]:
    assert isinstance(said, (list, tuple))  # the form of the attribute
    return [arc if isinstance(arc, Arc) else Arc.from_dict(arc) for arc in said]
