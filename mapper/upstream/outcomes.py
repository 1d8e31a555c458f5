"""What became of a proposal, written down: planned, sent, settled, stuck, released.

`plan`, `release` and `arrive` are parts of the sender's transactions. What we wrote to OSM is
mirrored at once, so that no older answer of another server takes it back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from geo.osm_change import OsmElement, Uploaded
from mapper.osm.actions import load_objects
from mapper.osm.models import Element
from mapper.osm.objects import OsmObject
from mapper.sightings import actions as device_actions
from mapper.sightings.vocabulary import DeviceState, SightingState
from mapper.upstream.composing import Item, Settled, Stuck, as_json, place_in
from mapper.upstream.models import Action, Proposal, ProposalState, PushBatch, Trouble

# What others wrote in OSM is not kept longer than it is needed.
_FORGOTTEN: dict[str, Any] = {"base": {}, "theirs": None, "before": None, "after": None}
# Nor what a report said that is let go of.
_UNSAID: dict[str, Any] = {"changes": {}, "place": None}


def is_evidence(proposal: Proposal) -> bool:
    """Return whether a proposal's report still stands for it; taking back needs none."""
    if proposal.action == Action.REVERT:
        return True
    report, device = proposal.sighting, proposal.device
    if report is None or report.state != SightingState.ACCEPTED or report.claim is None:
        return False
    is_here = device.state == DeviceState.PRESENT and not device.is_private_home
    return is_here and report.claim.device_id == device.id


def plan(item: Item) -> None:
    """Keep what an upload finds, and what it is to write."""
    item.proposal.before = as_json(item.before)
    item.proposal.after = None if item.verb == "delete" else as_json(item.after)
    if item.verb == "create":
        # The id that the change file gives it, until OSM gives it one.
        item.proposal.after = {**(item.proposal.after or {}), "placeholder": item.after.osm_id}
    item.proposal.save(update_fields=["before", "after"])


@transaction.atomic
def settle(settled: Settled) -> None:
    """Close a proposal that OSM says already; it leaves its batch."""
    proposal = settled.proposal
    if settled.there is not None:
        _mirror([settled.there])
    is_undone = proposal.action == Action.REVERT
    _close(proposal, ProposalState.SEEN)
    if is_undone:
        _note_reverted(proposal)


@transaction.atomic
def stick(stuck: Stuck) -> None:
    """Give a proposal back to a moderator, with what is there now."""
    proposal = stuck.proposal
    if stuck.theirs is not None:
        _mirror([stuck.theirs])
    proposal.trouble = stuck.trouble
    proposal.theirs = as_json(stuck.theirs)
    proposal.save(update_fields=["trouble", "theirs"])
    by_itself = {
        Trouble.EVIDENCE: ProposalState.WITHDRAWN,
        Trouble.STILL_USED: ProposalState.REFUSED,
    }
    _close(proposal, by_itself.get(stuck.trouble, ProposalState.CONFLICT))


def release(batch: PushBatch) -> None:
    """Let the proposals of a batch wait again; those whose author took the report back end."""
    batch.proposals.let_go().update(
        state=ProposalState.WITHDRAWN, trouble=Trouble.EVIDENCE, batch=None, **_FORGOTTEN, **_UNSAID
    )
    batch.proposals.update(batch=None, before=None, after=None)


def arrive(batch: PushBatch, diff: Mapping[tuple[str, int], Uploaded]) -> int:
    """Write down what the upload of a batch made; return how many objects."""
    proposals = list(
        batch.proposals.filter(state=ProposalState.APPROVED)
        .select_for_update(of=("self",))
        .select_related("device", "element", "reverts")
        .order_by("id")
    )
    written = [_written(proposal, diff) for proposal in proposals]
    elements = _mirror(written, is_ours=True)
    for proposal, there in zip(proposals, written, strict=True):
        _arrive(proposal, there, elements.get(there.key))
    return len(proposals)


def _arrive(proposal: Proposal, written: OsmElement, mirrored: Element | None) -> None:
    if proposal.element is None and mirrored is not None:
        proposal.element = mirrored
        _put_on_device(mirrored, proposal)
    after = as_json(written) if written.is_visible else None
    proposal.before, proposal.after = _only_ours(proposal.before, after)
    proposal.base, proposal.theirs = {}, None
    proposal.state = ProposalState.SENT
    if _is_let_go(proposal):
        _set(proposal, _UNSAID)
    proposal.save(update_fields=["element", "base", "before", "after", "theirs", "state", *_UNSAID])
    if proposal.action == Action.REVERT:
        _note_reverted(proposal)


def _written(proposal: Proposal, diff: Mapping[tuple[str, int], Uploaded]) -> OsmElement:
    """Return the object as OSM holds it after the upload."""
    if proposal.after is None:
        # It was planned.
        assert proposal.element is not None
        assert proposal.before is not None
        return OsmElement(
            proposal.element.osm_type,
            proposal.element.osm_id,
            proposal.before["version"] + 1,
            is_visible=False,
        )
    if proposal.element is None:
        osm_type, osm_id = "node", int(proposal.after["placeholder"])
    else:
        osm_type, osm_id = proposal.element.osm_type, proposal.element.osm_id
    made = diff[osm_type, osm_id]
    # It is not deleted.
    assert made.osm_id is not None
    assert made.version is not None
    return OsmElement(
        osm_type, made.osm_id, made.version, proposal.after["tags"], place_in(proposal.after)
    )


def _mirror(
    there: Sequence[OsmElement], *, is_ours: bool = False
) -> dict[tuple[str, int], Element]:
    """Take objects into our mirror of OSM, in one load; an older version changes nothing."""
    now = timezone.now().replace(microsecond=0) if is_ours else None
    found = [
        OsmObject(
            osm_type=one.osm_type,
            osm_id=one.osm_id,
            version=one.version,
            timestamp=now,
            tags=one.tags,
            position=one.position,
            is_visible=one.is_visible,
        )
        for one in there
    ]
    # What we sent ourselves is no vandalism: the guard is off.
    load_objects(objects=found, is_quiet=True)
    rows = Element.objects.filter(osm_id__in=[one.osm_id for one in there])
    keys = {one.key for one in there}
    elements = {
        (row.osm_type, row.osm_id): row
        for row in rows.select_related("claim__device")
        if (row.osm_type, row.osm_id) in keys
    }
    if is_ours:
        ids = [row.pk for row in elements.values()]
        Element.objects.filter(pk__in=ids, is_ours=False).update(is_ours=True)
    return elements


def _put_on_device(element: Element, proposal: Proposal) -> None:
    """Let OSM's new object speak of the device that it was made for."""
    made, device = element.claim.device, device_actions.survivor_of(proposal.device)
    if made is None or made.id == device.id:
        return
    # One that was let go of meanwhile takes nothing in: OSM's object keeps a device of its own.
    if made.state == device.state == DeviceState.PRESENT:
        device_actions.merge_devices(survivor=device, other=made, decision=proposal.id)


def _note_reverted(proposal: Proposal) -> None:
    assert proposal.reverts is not None  # made with one
    Proposal.objects.filter(pk=proposal.reverts.pk).update(state=ProposalState.REVERTED)


def _only_ours(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return both with the tags alone that we changed: others' words are OSM's to keep, or purge.

    Of what we deleted no tag is kept; whoever takes that back asks OSM for the version.
    """
    old, new = (before or {}).get("tags", {}), (after or {}).get("tags", {})
    ours = {key for key in {*old, *new} if old.get(key) != new.get(key)} if before and after else ()
    return (
        None if before is None else before | {"tags": {k: old[k] for k in ours if k in old}},
        None if after is None else after | {"tags": {k: new[k] for k in ours if k in new}},
    )


def _close(proposal: Proposal, state: ProposalState) -> None:
    is_let_go = _is_let_go(proposal)
    if is_let_go and state == ProposalState.CONFLICT:
        state = ProposalState.WITHDRAWN
    proposal.state, proposal.batch = state, None
    if state != ProposalState.CONFLICT:
        _set(proposal, _FORGOTTEN)
    if is_let_go or state == ProposalState.WITHDRAWN:
        _set(proposal, _UNSAID)
    proposal.save(update_fields=["state", "batch", *_FORGOTTEN, *_UNSAID])


def _is_let_go(proposal: Proposal) -> bool:
    """Return whether its author took the report back meanwhile, or its device was erased."""
    return Proposal.objects.let_go().filter(pk=proposal.pk).exists()


def _set(proposal: Proposal, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(proposal, name, value)
