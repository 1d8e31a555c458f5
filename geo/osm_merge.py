"""Whose is it, when we and somebody else changed the same OSM object? A merge, field by field.

Three are merged: `base` is the version that the moderator saw, `theirs` the one that is there now,
and ours is a change of some attributes. Field by field, and written into theirs: no key that we do
not change is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geo.errors import TagError
from geo.geodesy import distance_m
from geo.osm_tags import apply_attributes, device_attributes
from geo.position import LonLat

Pick = Literal["ours", "theirs"]
# OSM keeps seven decimals: what differs by less is the same place.
_SAME_PLACE_M = 0.02


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that both changed, and not to the same; values as in `DeviceAttributes.as_dict`.

    None is "not said". `position` is a field too, as LonLat.
    """

    field: str
    base: object
    ours: object
    theirs: object


@dataclass(frozen=True, slots=True)
class Merge:
    """The tags and place to send, if no conflict is left; and what happened to each field of ours.

    `taken` are the fields in which the result says what we say and theirs did not.
    """

    tags: dict[str, str]
    position: LonLat | None
    taken: tuple[str, ...]
    conflicts: tuple[FieldConflict, ...]

    @property
    def is_settled(self) -> bool:
        """Return whether nothing is left for a moderator to decide."""
        return not self.conflicts

    @property
    def is_empty(self) -> bool:
        """Return whether theirs says all of it already, so that there is nothing to send."""
        return not self.taken and not self.conflicts


def merge_change(
    base: Mapping[str, str],
    theirs: Mapping[str, str],
    changes: Mapping[str, object],
    *,
    picks: Mapping[str, Pick] | None = None,
) -> Merge:
    """Return what our `changes` of `base` make of `theirs`.

    A field that only we changed is taken; one that they changed to what we say is settled; one
    that they changed to something else is a conflict, until `picks` says whose it is. `changes`
    are as `geo.osm_tags.apply_attributes` takes them. Equal is what means the same, however it is
    written: a conflict is one of meaning.

    Raises
    ------
    TagError
        When `base` or `theirs` is no device, or a change has no tag in OSM.
    """
    before, now = _said(base), _said(theirs)
    ours = _said(apply_attributes(base, changes))
    taken: dict[str, object] = {}
    conflicts = []
    for field in changes:
        said = ours.get(field)
        if said == before.get(field) or said == now.get(field):
            continue
        is_theirs_new = now.get(field) != before.get(field)
        if is_theirs_new and field not in (picks or {}):
            conflicts.append(FieldConflict(field, before.get(field), said, now.get(field)))
        elif not is_theirs_new or (picks or {})[field] == "ours":
            taken[field] = changes[field]
    return Merge(apply_attributes(theirs, taken), None, tuple(taken), tuple(conflicts))


def merge_position(
    base: LonLat, theirs: LonLat, ours: LonLat, *, pick: Pick | None = None
) -> tuple[LonLat, FieldConflict | None]:
    """Return where the object is to be, and the conflict where both moved it.

    Places less than 2 cm apart are one. While there is a conflict the place is theirs.
    """
    if is_same_place(ours, base) or is_same_place(ours, theirs):
        return theirs, None
    if is_same_place(theirs, base) or pick == "ours":
        return ours, None
    if pick == "theirs":
        return theirs, None
    return theirs, FieldConflict("position", base, ours, theirs)


def merge_all(
    base: tuple[Mapping[str, str], LonLat],
    theirs: tuple[Mapping[str, str], LonLat],
    changes: Mapping[str, object],
    position: LonLat | None = None,
    *,
    picks: Mapping[str, Pick] | None = None,
) -> Merge:
    """Return the merge of tags and place; `position` None leaves the place alone.

    Raises TagError like `merge_change`.
    """
    merged = merge_change(base[0], theirs[0], changes, picks=picks)
    place, conflict = theirs[1], None
    if position is not None:
        place, conflict = merge_position(
            base[1], theirs[1], position, pick=(picks or {}).get("position")
        )
    taken = merged.taken if is_same_place(place, theirs[1]) else (*merged.taken, "position")
    conflicts = merged.conflicts if conflict is None else (*merged.conflicts, conflict)
    return Merge(merged.tags, place, taken, conflicts)


def _said(tags: Mapping[str, str]) -> dict[str, object]:
    attributes = device_attributes(tags)
    if attributes is None:
        raise TagError("The object is no device (any more); look at it in OpenStreetMap.")
    return attributes.as_dict()


def is_same_place(a: LonLat, b: LonLat) -> bool:
    """Return whether two places are one for OSM: less than 2 cm apart."""
    return distance_m(a, b) < _SAME_PLACE_M
