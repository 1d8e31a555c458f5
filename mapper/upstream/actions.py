"""A moderator's clicks: one object each. What goes up is `mapper.upstream.sending`'s."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from geo.errors import TagError
from geo.osm_tags import apply_attributes, device_attributes
from geo.position import LonLat
from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict, Stale
from mapper.osm.models import Element
from mapper.sightings.days import today
from mapper.sightings.facts import point_of, position_of
from mapper.sightings.models import Device, Sighting
from mapper.upstream import gate
from mapper.upstream.candidates import Suggestion, pending_for, suggest
from mapper.upstream.composing import place_in
from mapper.upstream.models import (
    Action,
    BatchState,
    Proposal,
    ProposalState,
    PushBatch,
    Stop,
    StopKind,
)

PLACE = "position"


@transaction.atomic
def approve(
    *,
    device: Device,
    actor: User,
    fields: Collection[str],
    version: int,
    is_mount_gone: bool = False,
    was_on_spot: bool = False,
) -> Proposal:
    """Let one change of one object go up, as this moderator saw it: `version` of the object.

    `fields` are those of the suggestion that are to be sent, "position" among them; 0 is the
    version of an object that is not there yet. Raises Stale where the object changed meanwhile.
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    if pending_for(device.id) is not None:
        raise Conflict(_("A change of this device is on its way already; see to it first."))
    suggestion = suggest(device)
    if suggestion is None:
        raise Conflict(_("There is nothing to send of this device (any more)."))
    _check_version(suggestion.element, version)
    return _make(suggestion, actor, set(fields), is_mount_gone, was_on_spot)


@transaction.atomic
def withdraw(*, proposal: Proposal) -> Proposal:
    """Take a proposal back that has not gone up."""
    proposal = _locked(proposal)
    is_free = proposal.state == ProposalState.CONFLICT or (
        proposal.state == ProposalState.APPROVED and proposal.batch_id is None
    )
    if not is_free:
        raise Conflict(
            _("This is not waiting any more (%(state)s); take it back with its batch.")
            % {"state": proposal.get_state_display()}
        )
    proposal.state = ProposalState.WITHDRAWN
    proposal.base, proposal.theirs = {}, None
    proposal.save(update_fields=["state", "base", "theirs"])
    return proposal


@transaction.atomic
def settle_conflict(
    *, proposal: Proposal, actor: User, ours: Collection[str], version: int
) -> Proposal:
    """Decide a conflict: the fields of `ours` are sent after all, the others stay theirs.

    What the moderator saw is the new base. Nothing of ours left withdraws the proposal.
    """
    proposal = _locked(proposal)
    theirs = proposal.theirs
    if proposal.state != ProposalState.CONFLICT or theirs is None or proposal.element is None:
        raise Conflict(_("There is no conflict to decide (any more)."))
    if theirs["version"] != version:
        raise Stale(_("The object changed again; look at it once more."), version=theirs["version"])
    if not theirs["is_visible"] or device_attributes(theirs["tags"]) is None:
        raise Conflict(_("The object is not there any more: withdraw this, or add it anew."))
    proposal.changes = {name: value for name, value in proposal.changes.items() if name in ours}
    proposal.place = proposal.place if PLACE in ours else None
    if not proposal.changes and proposal.place is None and proposal.action != Action.DELETE:
        proposal.state, proposal.base = ProposalState.WITHDRAWN, {}
    else:
        proposal.state = ProposalState.APPROVED
        proposal.base, proposal.approver, proposal.approved_on = theirs, actor, today()
    proposal.theirs, proposal.trouble = None, ""
    proposal.save()
    return proposal


@transaction.atomic
def take_back_batch(*, batch: PushBatch, actor: User) -> list[Proposal]:
    """Approve the inverse of all that a changeset did; others' later edits are left alone."""
    batch = PushBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.SENT:
        raise Conflict(_("This batch is not in OpenStreetMap; there is nothing to take back."))
    done = batch.proposals.filter(state__in=[ProposalState.SENT, ProposalState.SEEN])
    made = []
    for proposal in done.exclude(reverted_by__state__in=["approved", "sent", "seen"]):
        with transaction.atomic():
            made.append(_inverse(proposal, actor))
    if not made:
        raise Conflict(_("All of this batch is taken back already, or about to be."))
    return made


@transaction.atomic
def let_go_of(*, sighting: Sighting) -> None:
    """Take back what has not gone up of a report that is no evidence any more."""
    waiting = Proposal.objects.filter(sighting=sighting, batch__isnull=True)
    waiting.filter(state__in=[ProposalState.APPROVED, ProposalState.CONFLICT]).update(
        state=ProposalState.WITHDRAWN, base={}, theirs=None
    )


def stop_all() -> Stop:
    """Throw the switch: nothing goes up before somebody turns it back."""
    return gate.note(StopKind.SWITCH, again=True)


def _make(
    suggestion: Suggestion,
    actor: User,
    fields: set[str],
    is_mount_gone: bool,
    was_on_spot: bool,
) -> Proposal:
    action, changes, place = suggestion.action, _chosen(suggestion, fields), None
    if action == Action.DISUSE:
        is_sure = suggestion.is_gone_for_sure or was_on_spot
        if is_mount_gone and is_sure and suggestion.may_delete:
            action = Action.DELETE
        else:
            changes = {"status": "disused"}
    elif action == Action.CREATE or PLACE in fields:
        place = suggestion.place
    if action == Action.MODIFY and not changes and place is None:
        raise BadInput(_("Choose at least one thing to send."))
    if action != Action.DELETE and suggestion.month:
        # Month precision; alone it would be no reason for an edit (`composing`).
        changes["last_seen"] = suggestion.month
    element = suggestion.element
    _check_tags(element, changes)
    try:
        with transaction.atomic():
            return Proposal.objects.create(
                action=action,
                device=suggestion.device,
                sighting=suggestion.report,
                element=element,
                base={} if element is None else _seen(element),
                changes=changes,
                place=point_of(place),
                was_on_spot=was_on_spot,
                approver=actor,
                approved_on=today(),
            )
    except IntegrityError:
        raise Conflict(_("A change of this device is on its way already.")) from None


def _chosen(suggestion: Suggestion, fields: set[str]) -> dict[str, Any]:
    known = {difference.field for difference in suggestion.fields} | {PLACE}
    unknown = sorted(fields - known)
    if unknown:
        raise BadInput(
            _("%(names)s: nothing of it differs from OpenStreetMap (any more). Reload the page.")
            % {"names": ", ".join(unknown)[:100]}
        )
    return {d.field: d.ours for d in suggestion.fields if d.field in fields}


def _check_tags(element: Element | None, changes: Mapping[str, Any]) -> None:
    tags = {"man_made": "surveillance"} if element is None else element.tags
    try:
        apply_attributes(tags, changes)
    except TagError as error:
        raise BadInput(str(error)) from None


def _check_version(element: Element | None, version: int) -> None:
    now = 0 if element is None else element.version
    if now != version:
        raise Stale(
            _("OpenStreetMap's object changed while you looked at it. Look at it again."),
            version=now,
        )


def _seen(element: Element) -> dict[str, Any]:
    place: LonLat | None = position_of(element.location) if element.osm_type == "node" else None
    return {
        "version": element.version,
        "tags": element.tags,
        "lon": None if place is None else place.lon,
        "lat": None if place is None else place.lat,
        "is_visible": element.is_visible,
    }


def _inverse(proposal: Proposal, actor: User) -> Proposal:
    if proposal.element is None:
        raise Conflict(_("An object of this batch has no number yet; try in a minute."))
    if pending_for(proposal.device_id) is not None:
        raise Conflict(_("Another change of one of these devices is on its way; see to it first."))
    back = place_in(proposal.before) if proposal.before else None
    return Proposal.objects.create(
        action=Action.REVERT,
        device=proposal.device,
        sighting=proposal.sighting,
        element=proposal.element,
        base=proposal.after or {},
        place=point_of(back),
        approver=actor,
        approved_on=today(),
        reverts=proposal,
    )


def _locked(proposal: Proposal) -> Proposal:
    found = Proposal.objects.select_for_update(of=("self",)).select_related("element")
    return found.get(pk=proposal.pk)
