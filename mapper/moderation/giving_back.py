"""A moderator's clicks on what is given back to OSM: each by name, each in the log."""

from collections.abc import Collection

from django.db import transaction

from mapper.accounts.models import User
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.recording import record, require_moderator
from mapper.moderation.undoing import undo
from mapper.sightings.models import Device
from mapper.upstream import actions, gate
from mapper.upstream.accounts import require_account, require_sends_for
from mapper.upstream.models import Proposal, ProposalState, PushBatch, Stop


@transaction.atomic
def give_back(
    *,
    device: Device,
    actor: User,
    fields: Collection[str],
    version: int,
    is_mount_gone: bool = False,
    was_on_spot: bool = False,
    near: Collection[int] | None = None,
) -> Decision:
    """Approve one change of one object; it goes up with the next run."""
    require_moderator(actor)
    _require_sending(actor)
    proposal = actions.approve(
        device=device,
        actor=actor,
        fields=fields,
        version=version,
        is_mount_gone=is_mount_gone,
        was_on_spot=was_on_spot,
        near=near,
    )
    return record(
        actor=actor,
        act=Act.GIVE_BACK,
        target_kind=Target.PROPOSAL,
        target=proposal.id,
        device=device.id,
    )


@transaction.atomic
def second(*, proposal: Proposal, actor: User, near: Collection[int] | None = None) -> Decision:
    """Agree with what a moderator approved who is new here."""
    require_moderator(actor)
    gate.refuse_unless_set()
    require_sends_for(proposal.approver)
    actions.second(proposal=proposal, actor=actor, near=near)
    return record(
        actor=actor,
        act=Act.SECOND,
        target_kind=Target.PROPOSAL,
        target=proposal.id,
        device=proposal.device_id,
    )


@transaction.atomic
def settle_conflict(
    *, proposal: Proposal, actor: User, ours: Collection[str], version: int
) -> Decision:
    """Say field by field whose it is, where somebody else changed the object too."""
    require_moderator(actor)
    settled = actions.settle_conflict(proposal=proposal, actor=actor, ours=ours, version=version)
    if settled.state == ProposalState.APPROVED:
        _require_sending(actor)
    return record(
        actor=actor,
        act=Act.SETTLE_CONFLICT,
        target_kind=Target.PROPOSAL,
        target=proposal.id,
        device=proposal.device_id,
    )


@transaction.atomic
def withdraw(*, proposal: Proposal, actor: User) -> Decision:
    """Take a proposal back that has not gone up: by undoing its click, or as one of its own.

    What is to be taken back of a changeset has no click of its own.
    """
    require_moderator(actor)
    click = Decision.objects.filter(
        act=Act.GIVE_BACK, target=proposal.id, undone_by__isnull=True
    ).first()
    if click is not None:
        return undo(decision=click, actor=actor)
    actions.withdraw(proposal=proposal)
    return record(
        actor=actor,
        act=Act.LEAVE_SENT,
        target_kind=Target.PROPOSAL,
        target=proposal.id,
        device=proposal.device_id,
    )


@transaction.atomic
def take_back_batch(*, batch: PushBatch, actor: User) -> Decision:
    """Approve the inverse of a changeset."""
    require_moderator(actor)
    _require_sending(actor)
    actions.take_back_batch(batch=batch, actor=actor)
    return record(
        actor=actor, act=Act.TAKE_BACK_BATCH, target_kind=Target.CHANGESET, target=batch.id
    )


@transaction.atomic
def stop_sending(*, actor: User) -> Decision:
    """Throw the switch: nothing goes up before somebody marks the stop as answered."""
    require_moderator(actor)
    stop = actions.stop_all()
    return record(actor=actor, act=Act.STOP_SENDING, target_kind=Target.STOP, target=stop.id)


@transaction.atomic
def answer_stop(*, stop: Stop, actor: User) -> Decision:
    """Mark as answered what somebody wrote to us, or turn the switch back."""
    require_moderator(actor)
    gate.answer(stop=stop, actor=actor)
    return record(actor=actor, act=Act.ANSWER_STOP, target_kind=Target.STOP, target=stop.id)


def _require_sending(actor: User) -> None:
    """Refuse what nothing would ever send: without the settings, or an account for this actor."""
    gate.refuse_unless_set()
    require_account(actor)
