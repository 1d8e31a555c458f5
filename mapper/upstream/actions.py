"""A moderator's clicks: one object each. What goes up is `mapper.upstream.sending`'s."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import TagError
from geo.osm_change import OsmElement
from geo.osm_evidence import NEW_TAGS
from geo.osm_tags import apply_attributes
from geo.position import LonLat
from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict, Stale
from mapper.osm.models import Element
from mapper.sightings.days import today
from mapper.sightings.facts import point_of, position_of
from mapper.sightings.models import Device, Sighting
from mapper.upstream import gate
from mapper.upstream.candidates import Suggestion, nodes_near, pending_for, suggest
from mapper.upstream.composing import as_json, place_in
from mapper.upstream.models import (
    PLACE,
    Action,
    BatchState,
    Proposal,
    ProposalState,
    PushBatch,
    Stop,
    StopKind,
)
from mapper.upstream.querysets import ProposalQuerySet


@transaction.atomic
def approve(
    *,
    device: Device,
    actor: User,
    fields: Collection[str],
    version: int,
    is_mount_gone: bool = False,
    was_on_spot: bool = False,
    near: Collection[int] | None = None,
) -> Proposal:
    """Let one change of one object go up, as this moderator saw it: `version` of the object.

    `fields` are those of the suggestion that are to be sent, "position" among them; 0 is the
    version of an object that is not there yet, and `near` the nodes that were seen beside it (None:
    those that are there). Raises Stale where the object changed meanwhile, or got a neighbour.
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    if pending_for(device.id) is not None:
        raise Conflict(_("A change of this device is on its way already; see to it first."))
    suggestion = suggest(device)
    if suggestion is None:
        raise Conflict(_("There is nothing to send of this device (any more)."))
    _check_version(suggestion.element, version)
    if suggestion.action == Action.CREATE:
        _check_near(suggestion.place, near)
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
def second(*, proposal: Proposal, actor: User, near: Collection[int] | None = None) -> Proposal:
    """Agree with what a newcomer approved, having looked at it: then it goes up.

    `near` is as for `approve`.
    """
    proposal = _locked(proposal)
    if not proposal.waits_for_second:
        raise Conflict(_("This does not wait for a second moderator (any more)."))
    if proposal.approver_id == actor.pk:
        raise Conflict(_("You approved this yourself; somebody else must agree."))
    proposal.seconder = actor
    if proposal.action == Action.CREATE:
        # Whoever agrees saw what stands there by now.
        place = position_of(proposal.place)
        _check_near(place, near)
        proposal.base = {"near": nodes_near(place)}
    proposal.save(update_fields=["seconder", "base"])
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
    is_open = proposal.state == ProposalState.CONFLICT and proposal.can_be_decided
    if not is_open or theirs is None:
        raise Conflict(_("There is no conflict to decide (any more)."))
    if theirs["version"] != version:
        raise Stale(_("The object changed again; look at it once more."), version=theirs["version"])
    kept = {name for name in proposal.changes if name in ours}
    proposal.place = proposal.place if PLACE in ours else None
    if not kept and proposal.place is None and proposal.action != Action.DELETE:
        proposal.state, proposal.base = ProposalState.WITHDRAWN, {}
    else:
        kept.add("last_seen")
        proposal.changes = {n: value for n, value in proposal.changes.items() if n in kept}
        proposal.state = ProposalState.APPROVED
        proposal.base, proposal.approver, proposal.approved_on = theirs, actor, today()
        proposal.is_of_newcomer, proposal.seconder = _is_new(actor), None
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


def let_go_of(*, sighting: Sighting) -> None:
    """Take back what has not gone up of a report that is no evidence any more."""
    _withdraw(_said_of(sighting=sighting))


def forget_report(*, sighting: Sighting) -> None:
    """Take back what has not gone up of a report that its author took back, and forget the rest."""
    _forget(_said_of(sighting=sighting))


def forget_device(*, device: Device) -> None:
    """Take back what has not gone up of an erased device, and what was to be said of it."""
    _forget(_said_of(device=device))


def _said_of(**of_what: Sighting | Device) -> ProposalQuerySet:
    """Return what says something; what takes a changeset back goes on, whoever let go of what."""
    return Proposal.objects.filter(**of_what).exclude(action=Action.REVERT)


def _withdraw(proposals: ProposalQuerySet) -> None:
    proposals.open().filter(batch__isnull=True).update(
        state=ProposalState.WITHDRAWN, base={}, theirs=None
    )


@transaction.atomic
def _forget(proposals: ProposalQuerySet) -> None:
    """Withdraw what waits; of all but what is just going up, forget what it was to say.

    What is in OSM is OSM's; which keys a changeset wrote stays, so that it can be taken back.
    """
    # What is just arriving is written first, then forgotten here.
    list(proposals.select_for_update().order_by("id").values("id"))
    _withdraw(proposals)
    proposals.exclude(state=ProposalState.APPROVED).update(changes={}, place=None)


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
    _check_fields(suggestion, fields)
    action, place = suggestion.action, None
    is_sure = suggestion.is_gone_for_sure or was_on_spot
    if action == Action.DISUSE and is_mount_gone and is_sure and suggestion.may_delete:
        action = Action.DELETE
    elif action == Action.CREATE or PLACE in fields:
        place = suggestion.place
    if action == Action.MODIFY and not fields:
        raise BadInput(_("Choose at least one thing to send."))
    changes = {} if action == Action.DELETE else suggestion.changes(fields)
    element = suggestion.element
    _check_tags(element, changes)
    try:
        with transaction.atomic():
            return Proposal.objects.create(
                action=action,
                device=suggestion.device,
                sighting=suggestion.report,
                element=element,
                base={"near": nodes_near(place)} if element is None else _seen(element),
                changes=changes,
                place=point_of(place),
                was_on_spot=was_on_spot,
                approver=actor,
                approved_on=today(),
                is_of_newcomer=_is_new(actor),
            )
    except IntegrityError:
        raise Conflict(_("A change of this device is on its way already.")) from None


def _is_new(actor: User) -> bool:
    days = settings.OSM_TWO_PEOPLE_DAYS
    return bool(days) and (timezone.now() - actor.date_joined).days < days


def _check_fields(suggestion: Suggestion, fields: set[str]) -> None:
    known = {difference.field for difference in suggestion.fields}
    if suggestion.place is not None:
        known.add(PLACE)
    unknown = sorted(fields - known)
    if unknown:
        raise BadInput(
            _("%(names)s: nothing of it differs from OpenStreetMap (any more). Reload the page.")
            % {"names": ", ".join(unknown)[:100]}
        )


def _check_tags(element: Element | None, changes: Mapping[str, Any]) -> None:
    tags = NEW_TAGS if element is None else element.tags
    try:
        apply_attributes(tags, changes)
    except TagError as error:
        raise BadInput(str(error)) from None


def _check_near(place: LonLat | None, seen: Collection[int] | None) -> None:
    if seen is not None and set(nodes_near(place)) - set(seen):
        raise Stale(_("OpenStreetMap got a device there while you looked. Look at it again."))


def _check_version(element: Element | None, version: int) -> None:
    now = 0 if element is None else element.version
    if now != version:
        raise Stale(
            _("OpenStreetMap's object changed while you looked at it. Look at it again."),
            version=now,
        )


def _seen(element: Element) -> dict[str, Any]:
    """Return what a moderator sees of an object now; of a way or relation it has no place."""
    place = position_of(element.location) if element.osm_type == "node" else None
    shown = OsmElement(
        element.osm_type, element.osm_id, element.version, element.tags, place,
        is_visible=element.is_visible,
    )  # fmt: skip
    return as_json(shown) or {}


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
    found = Proposal.objects.select_for_update(of=("self",)).select_related("element", "approver")
    return found.get(pk=proposal.pk)
