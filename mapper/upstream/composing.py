"""What of a proposal is to be sent now? Merged with what is there, at the moment before it goes up.

Nobody's edit is lost: each object is fetched by its id, our fields are written into the tags that
are there now, and where somebody else changed the same field a moderator decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from geo.bbox import BBox
from geo.direction import Arc
from geo.errors import TagError
from geo.geodesy import distance_m
from geo.matching import SAME_RADIUS_M, looks_alike
from geo.osm_change import Action as Verb
from geo.osm_change import OsmElement
from geo.osm_evidence import new_object
from geo.osm_merge import Merge, is_same_place, merge_all, merge_change
from geo.osm_tags import device_attributes
from geo.position import LonLat
from mapper.sightings.facts import position_of
from mapper.upstream.api import OsmEditor
from mapper.upstream.models import Action, Proposal, Trouble

# Nobody needs to decide whose check date is the later one.
_THEIRS_WINS: Mapping[str, Any] = {"last_seen": "theirs"}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of an osmChange, and what is there before it."""

    proposal: Proposal
    verb: Verb
    before: OsmElement | None
    after: OsmElement


@dataclass(frozen=True, slots=True)
class Settled:
    """OSM says it already, so nothing is sent."""

    proposal: Proposal
    there: OsmElement | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A moderator has to look at it again."""

    proposal: Proposal
    trouble: Trouble
    theirs: OsmElement | None = None


Outcome = Item | Settled | Stuck


def compose(proposals: list[Proposal], editor: OsmEditor) -> list[Outcome]:
    """Return what becomes of each proposal, by what OSM holds at this moment.

    Raises the errors of the API.
    """
    keys = [key for proposal in proposals if (key := key_of(proposal)) is not None]
    current = editor.current(keys)
    return [
        _composed(proposal, current, editor, placeholder=-number)
        for number, proposal in enumerate(proposals, start=1)
    ]


def key_of(proposal: Proposal) -> tuple[str, int] | None:
    """Return which object a proposal changes; None for a new one."""
    if proposal.action == Action.CREATE or proposal.element is None:
        return None
    return proposal.element.osm_type, proposal.element.osm_id


def as_json(element: OsmElement | None) -> dict[str, Any] | None:
    """Return what a proposal keeps of an object."""
    if element is None:
        return None
    place = element.position
    return {
        "version": element.version,
        "tags": dict(element.tags),
        "lon": None if place is None else place.lon,
        "lat": None if place is None else place.lat,
        "is_visible": element.is_visible,
    }


def place_in(said: Mapping[str, Any]) -> LonLat | None:
    """Return the place that `as_json` kept."""
    lon, lat = said.get("lon"), said.get("lat")
    return None if lon is None or lat is None else LonLat(lon, lat)


def _composed(
    proposal: Proposal,
    current: Mapping[tuple[str, int], OsmElement],
    editor: OsmEditor,
    *,
    placeholder: int,
) -> Outcome:
    if proposal.action == Action.CREATE:
        return _new(proposal, editor, placeholder)
    key = key_of(proposal)
    there = current.get(key) if key else None
    if proposal.action == Action.REVERT:
        return _taken_back(proposal, there, editor)
    if there is None or not there.is_visible:
        return _of_missing(proposal, there)
    return (
        _deleted(proposal, there) if proposal.action == Action.DELETE else _changed(proposal, there)
    )


def _of_missing(proposal: Proposal, there: OsmElement | None) -> Outcome:
    if there is not None and proposal.action in (Action.DELETE, Action.DISUSE):
        return Settled(proposal, there)
    return Stuck(proposal, Trouble.DELETED, there)


def _deleted(proposal: Proposal, there: OsmElement) -> Outcome:
    if there.version != proposal.base.get("version"):
        return Stuck(proposal, Trouble.EDITED, there)
    return Item(proposal, "delete", there, there)


def _new(proposal: Proposal, editor: OsmEditor, placeholder: int) -> Outcome:
    place = position_of(proposal.place)
    assert place is not None  # approved with one
    try:
        tags = new_object(proposal.changes)
    except TagError:
        return Stuck(proposal, Trouble.NO_DEVICE)
    arcs = [Arc.from_dict(arc) for arc in proposal.changes.get("directions") or []]
    nodes = editor.nodes_in(BBox.around(place, SAME_RADIUS_M))
    known = {*proposal.base.get("near", []), *_made_by_us(nodes)}
    near = _unseen_neighbour(nodes, place, arcs, known)
    if near is not None:
        return Stuck(proposal, Trouble.NEIGHBOUR, near)
    after = OsmElement("node", placeholder, 0, tags, place.rounded())
    return Item(proposal, "create", None, after)


def _made_by_us(nodes: list[OsmElement]) -> set[int]:
    """Return which nodes we made: their devices stood on the page as ours."""
    made = Proposal.objects.filter(
        action=Action.CREATE,
        element__osm_type="node",
        element__osm_id__in=[node.osm_id for node in nodes],
    )
    return set(made.values_list("element__osm_id", flat=True))


def _unseen_neighbour(
    nodes: list[OsmElement], place: LonLat, arcs: list[Arc], known: Collection[int]
) -> OsmElement | None:
    """Return a device that looks the same way from the same spot, and that was not there before.

    What is known was beside the form when the moderator said that ours is another one.
    """
    for node in nodes:
        attributes = device_attributes(node.tags)
        if attributes is None or node.osm_id in known or node.position is None:
            continue
        is_near = distance_m(place, node.position) <= SAME_RADIUS_M
        if is_near and looks_alike(arcs, attributes.directions):
            return node
    return None


def _changed(proposal: Proposal, there: OsmElement) -> Outcome:
    try:
        merge = _merge(proposal, there)
    except TagError:
        return Stuck(proposal, Trouble.NO_DEVICE, there)
    if merge.conflicts:
        return Stuck(proposal, Trouble.FIELDS, there)
    # A check date alone is no reason for an edit.
    if not set(merge.taken) - {"last_seen"}:
        return Settled(proposal, there)
    return Item(proposal, "modify", there, there.with_tags(merge.tags, merge.position))


def _merge(proposal: Proposal, there: OsmElement) -> Merge:
    base, base_place = proposal.base["tags"], place_in(proposal.base)
    if there.position is None or base_place is None:
        return merge_change(base, there.tags, proposal.changes, picks=_THEIRS_WINS)
    return merge_all(
        (base, base_place),
        (there.tags, there.position),
        proposal.changes,
        position_of(proposal.place),
        picks=_THEIRS_WINS,
    )


def _taken_back(proposal: Proposal, there: OsmElement | None, editor: OsmEditor) -> Outcome:
    """Return the inverse of what was sent, of which others' later edits are left alone."""
    sent = proposal.reverts
    assert sent is not None  # made with one
    if there is None:
        return Stuck(proposal, Trouble.DELETED)
    if sent.before is None:
        return _uncreated(proposal, sent, there)
    if sent.action == Action.DELETE:
        return _restored(proposal, sent, there, editor)
    if not there.is_visible or sent.after is None:
        return Stuck(proposal, Trouble.DELETED, there)
    back = _undone(sent.before, sent.after, there)
    return Settled(proposal, there) if back == there else Item(proposal, "modify", there, back)


def _restored(proposal: Proposal, sent: Proposal, there: OsmElement, editor: OsmEditor) -> Outcome:
    """Return the object as it was before we deleted it, as OSM itself remembers it."""
    if there.is_visible:
        return Settled(proposal, there)
    version = int((sent.before or {}).get("version", 0))
    was = editor.version(there.osm_type, there.osm_id, version)
    if was is None:
        return Stuck(proposal, Trouble.DELETED, there)
    return Item(proposal, "modify", there, there.with_tags(was.tags, was.position))


def _uncreated(proposal: Proposal, sent: Proposal, there: OsmElement) -> Outcome:
    if not there.is_visible:
        return Settled(proposal, there)
    if sent.after is None or there.version != sent.after["version"]:
        return Stuck(proposal, Trouble.EDITED, there)
    return Item(proposal, "delete", there, there)


def _undone(before: Mapping[str, Any], after: Mapping[str, Any], there: OsmElement) -> OsmElement:
    """Return the object with our tags, and our place, taken back where they still stand."""
    tags = dict(there.tags)
    old, new = before["tags"], after["tags"]
    for key in {*old, *new}:
        if old.get(key) == new.get(key) or there.tags.get(key) != new.get(key):
            continue
        tags.pop(key, None)
        if key in old:
            tags[key] = old[key]
    place, was, became = there.position, place_in(before), place_in(after)
    if place and was and became and is_same_place(place, became):
        place = was
    return there.with_tags(tags, place)
