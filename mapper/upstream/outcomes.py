"""What became of a proposal, written down: planned, sent, settled, stuck, released.

Called inside the sender's transactions. What we wrote to OSM is mirrored at once, so that no older
answer of another server takes it back.
"""

from collections.abc import Mapping

from django.utils import timezone

from geo.osm_change import OsmElement, Uploaded
from mapper.osm.actions import load_objects
from mapper.osm.models import Element
from mapper.osm.objects import OsmObject
from mapper.sightings import actions as device_actions
from mapper.sightings.vocabulary import DeviceState, SightingState
from mapper.upstream.composing import Item, Settled, Stuck, as_json, place_in
from mapper.upstream.models import Action, Proposal, ProposalState, PushBatch, Trouble


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


def settle(settled: Settled) -> None:
    """Close a proposal that OSM says already; it leaves its batch."""
    proposal = settled.proposal
    if settled.there is not None:
        _mirror(settled.there)
    is_undone = proposal.action == Action.REVERT
    _close(proposal, ProposalState.SEEN)
    if is_undone:
        _note_reverted(proposal)


def stick(stuck: Stuck) -> None:
    """Give a proposal back to a moderator, with what is there now."""
    proposal = stuck.proposal
    if stuck.theirs is not None:
        _mirror(stuck.theirs)
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
    batch.proposals.filter(sighting__isnull=True).exclude(action=Action.REVERT).update(
        state=ProposalState.WITHDRAWN, trouble=Trouble.EVIDENCE, batch=None
    )
    batch.proposals.update(batch=None, before=None, after=None)


def arrive(batch: PushBatch, diff: Mapping[tuple[str, int], Uploaded]) -> int:
    """Write down what the upload of a batch made; return how many objects."""
    proposals = batch.proposals.filter(state=ProposalState.APPROVED)
    count = 0
    for proposal in proposals.select_related("device", "element", "reverts").order_by("id"):
        _arrive(proposal, diff)
        count += 1
    return count


def _arrive(proposal: Proposal, diff: Mapping[tuple[str, int], Uploaded]) -> None:
    written = _written(proposal, diff)
    mirrored = _mirror(written, is_ours=True)
    if proposal.element is None and mirrored is not None:
        proposal.element = mirrored
        _put_on_device(mirrored, proposal)
    proposal.after = as_json(written) if written.is_visible else None
    proposal.theirs = None
    proposal.state = ProposalState.SENT
    proposal.save(update_fields=["element", "after", "theirs", "state"])
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


def _mirror(there: OsmElement, *, is_ours: bool = False) -> Element | None:
    """Take an object into our mirror of OSM; an older version changes nothing."""
    found = OsmObject(
        osm_type=there.osm_type,
        osm_id=there.osm_id,
        version=there.version,
        timestamp=timezone.now().replace(microsecond=0) if is_ours else None,
        tags=there.tags,
        position=there.position,
        is_visible=there.is_visible,
    )
    load_objects(objects=[found], is_quiet=True)
    element = Element.objects.filter(osm_type=there.osm_type, osm_id=there.osm_id).first()
    if element is not None and is_ours and not element.is_ours:
        element.is_ours = True
        element.save(update_fields=["is_ours"])
    return element


def _put_on_device(element: Element, proposal: Proposal) -> None:
    """Let OSM's new object speak of the device that it was made for."""
    made, device = element.claim.device, device_actions.survivor_of(proposal.device)
    if made is not None and made.id != device.id and made.state == DeviceState.PRESENT:
        device_actions.merge_devices(survivor=device, other=made, decision=proposal.id)


def _note_reverted(proposal: Proposal) -> None:
    assert proposal.reverts is not None  # made with one
    Proposal.objects.filter(pk=proposal.reverts.pk).update(state=ProposalState.REVERTED)


def _close(proposal: Proposal, state: ProposalState) -> None:
    proposal.state, proposal.batch = state, None
    proposal.save(update_fields=["state", "batch"])
