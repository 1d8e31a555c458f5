"""Sends what was approved: a changeset for each commune, whole or not at all, and nothing twice.

The order is the promise. What goes up is written down and committed before it goes; an answer that
is lost is looked up before anything else is sent: the changeset is closed first, so that nothing
of it can still arrive, then read. If it holds something it holds all of ours, for an upload is
atomic and a changeset takes one; if it is empty nothing was done, and the proposals wait again.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from geo.errors import OsmChangeError
from geo.osm_change import Uploaded, read_change, write_change
from mapper.errors import Conflict, Unavailable
from mapper.sightings.days import today
from mapper.upstream import gate, outcomes
from mapper.upstream.api import EditRefused, OsmEditor, OutcomeUnknown, Why
from mapper.upstream.changesets import changeset_tags
from mapper.upstream.composing import Item, Settled, Stuck, compose
from mapper.upstream.looking_up import NoMatch, match
from mapper.upstream.models import (
    Account,
    BatchState,
    Proposal,
    ProposalState,
    PushBatch,
    StopKind,
    Trouble,
)
from mapper.upstream.querysets import ProposalQuerySet

# Others edit the same objects at the same moment: after so many tries the batch waits.
_ROUNDS = 4
# Without a commune, what lies in one square of this many degrees goes together.
_CELL_DEG = 0.1


@dataclass
class SendReport:
    """What a run did."""

    sent: int = 0
    seen: int = 0
    settled: int = 0
    stuck: int = 0
    batches: list[PushBatch] = field(default_factory=list)
    left: int = 0


def send(*, editor: OsmEditor, account: Account, is_quiet: bool = True) -> SendReport:
    """Send what waits for an account, after everything of before is known and nothing stops it.

    Raises Stopped where something stands in the way, Unavailable where OSM does not answer or asks
    for a pause; what was sent before stays sent, and is in the tables.
    """
    report = SendReport()
    with _alone(account):
        try:
            finish(editor=editor, account=account, report=report)
            gate.refuse_unless_set()
            gate.listen(editor=editor, account=account)
            gate.refuse_while_stopped(account)
            most = editor.most_changes()
            if not most:
                raise Unavailable(_("OpenStreetMap takes no edits at the moment; try later."))
            groups = _groups(account, most)
            hide = True if is_quiet else None
            for proposals in tqdm(groups, desc="OpenStreetMap", unit=" changesets", disable=hide):
                _send_group(proposals, editor, account, report)
                # The switch works between two changesets as well.
                if gate.is_stopped(account):
                    break
            _read_back(editor, report)
        except EditRefused as refused:
            gate.note_refusal(refused, account)
            raise
        finally:
            report.left = waiting_of(account).count()
    return report


def look_up(*, editor: OsmEditor, account: Account) -> SendReport:
    """Find out what became of the batches of an account that sends no more."""
    report = SendReport()
    with _alone(account):
        try:
            finish(editor=editor, account=account, report=report)
        except EditRefused as refused:
            gate.note_refusal(refused, account)
            raise
    return report


def finish(*, editor: OsmEditor, account: Account, report: SendReport) -> None:
    """Find out what became of batches without an answer, and read back what was sent.

    This goes on while sending is stopped: it changes nothing in OSM but closes changesets.
    """
    for batch in PushBatch.objects.unfinished().filter(account=account).order_by("made_on", "id"):
        _look_up(batch, editor, report)
    _read_back(editor, report)


def waiting_of(account: Account) -> ProposalQuerySet:
    """Return what waits to be sent in an account's name."""
    waiting = Proposal.objects.waiting()
    return waiting if account.user_id is None else waiting.filter(approver=account.user_id)


@contextmanager
def _alone(account: Account) -> Iterator[None]:
    """Refuse a second run for the same account."""
    with connection.cursor() as cursor:
        name = f"mapper.upstream.{account.pk}"
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        (is_ours,) = cursor.fetchone()
        if not is_ours:
            raise Conflict(_("Another run sends for this account at the moment; let it."))
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def _groups(account: Account, most: int) -> list[list[Proposal]]:
    """Return what waits, by commune, within the day's cap; what was let go of is closed here."""
    groups: dict[object, list[Proposal]] = defaultdict(list)
    waiting = (
        waiting_of(account)
        .ready()
        .select_related("device", "sighting__claim", "element", "reverts")
    )
    for proposal in waiting.order_by("approved_on", "id"):
        if outcomes.is_evidence(proposal):
            groups[_group_of(proposal)].append(proposal)
        else:
            outcomes.stick(Stuck(proposal, Trouble.EVIDENCE))
    left, found = gate.left_today(), []
    for proposals in groups.values():
        taken = proposals[: min(left, most)]
        left -= len(taken)
        if taken:
            found.append(taken)
    return found


def _group_of(proposal: Proposal) -> object:
    if proposal.device.city_id is not None:
        return proposal.device.city_id
    place = proposal.place or proposal.device.location
    return (place.x // _CELL_DEG, place.y // _CELL_DEG) if place else proposal.id


def _send_group(
    proposals: list[Proposal], editor: OsmEditor, account: Account, report: SendReport
) -> None:
    with transaction.atomic():
        batch = PushBatch.objects.create(
            account=account,
            city=proposals[0].device.city,
            has_agreed_terms=True,  # `gate.listen` has just read it, or raised a stop.
            made_on=today(),
        )
        ids = [proposal.id for proposal in proposals]
        taken = Proposal.objects.waiting().ready().filter(id__in=ids).update(batch=batch)
    if taken:
        try:
            _send_batch(batch, editor, report)
        except (EditRefused, OutcomeUnknown):
            batch.refresh_from_db()
            if batch.state == BatchState.UPLOADING:
                raise
            # Nothing of it went up: what waits is free again at once.
            _void(batch, editor)
            raise


def _send_batch(batch: PushBatch, editor: OsmEditor, report: SendReport) -> None:
    for _round in range(_ROUNDS):
        items = _compose(batch, editor, report)
        if not items:
            break
        if batch.changeset is None:
            batch.changeset = editor.create_changeset(changeset_tags(batch, items))
            batch.save(update_fields=["changeset"])
        change = _write_down(batch, items)
        if change is not None and _is_over(batch, items, change, editor, report):
            return
    _void(batch, editor)


def _is_over(
    batch: PushBatch, items: list[Item], change: bytes, editor: OsmEditor, report: SendReport
) -> bool:
    """Send a change; return whether the batch has its end, or is to be composed anew."""
    assert batch.changeset is not None  # written down with one
    try:
        diff = editor.upload(batch.changeset, change)
    except EditRefused as refused:
        _nothing_went_up(batch)
        if refused.why == Why.CLOSED:
            _void(batch, editor)
            return True
        if not _is_settled_by_another_round(refused, items, report):
            raise
        return False
    except OutcomeUnknown:
        _look_up(batch, editor, report)
        return True
    _record(batch, diff, editor, report)
    return True


def _compose(batch: PushBatch, editor: OsmEditor, report: SendReport) -> list[Item]:
    """Return what is to go up now; what needs nothing, or a moderator, leaves the batch."""
    proposals = batch.proposals.filter(state=ProposalState.APPROVED).select_related(
        "device", "sighting__claim", "element", "reverts"
    )
    items, standing = [], []
    for proposal in proposals.order_by("id"):
        if outcomes.is_evidence(proposal):
            standing.append(proposal)
        else:
            outcomes.stick(Stuck(proposal, Trouble.EVIDENCE))
            report.stuck += 1
    for outcome in compose(standing, editor):
        if isinstance(outcome, Item):
            items.append(outcome)
        elif isinstance(outcome, Settled):
            outcomes.settle(outcome)
            report.settled += 1
        else:
            outcomes.stick(outcome)
            report.stuck += 1
    return items


def _write_down(batch: PushBatch, items: list[Item]) -> bytes | None:
    """Write what goes up before it goes; None where something can't be written, and left."""
    assert batch.changeset is not None
    try:
        change = write_change(batch.changeset, [(item.verb, item.after) for item in items])
    except OsmChangeError:
        for item in items:
            try:
                write_change(batch.changeset, [(item.verb, item.after)])
            except OsmChangeError:
                outcomes.stick(Stuck(item.proposal, Trouble.NO_DEVICE, item.before))
        return None
    with transaction.atomic():
        for item in items:
            outcomes.plan(item)
        batch.payload = change.decode()
        batch.state = BatchState.UPLOADING
        batch.save(update_fields=["payload", "state"])
    return change


def _nothing_went_up(batch: PushBatch) -> None:
    """Note a refusal: an upload is atomic, so nothing of it is there."""
    batch.state = BatchState.PREPARED
    batch.save(update_fields=["state"])


def _is_settled_by_another_round(
    refused: EditRefused, items: list[Item], report: SendReport
) -> bool:
    """Return whether composing anew, by what is there now, answers a refusal."""
    if refused.why in (Why.VERSION, Why.GONE):
        return True
    if refused.why != Why.STILL_USED:
        return False
    deletions = [item for item in items if item.verb == "delete"]
    named = [i for i in deletions if f" {i.after.osm_id} " in f" {refused.text} "]
    for item in named or deletions:
        outcomes.stick(Stuck(item.proposal, Trouble.STILL_USED, item.before))
        report.stuck += 1
    return bool(deletions)


def _look_up(batch: PushBatch, editor: OsmEditor, report: SendReport) -> None:
    """Find out what became of a batch whose end is not known."""
    if batch.state == BatchState.PREPARED:
        # It did not get as far as an upload; at worst an empty changeset stays behind.
        _void(batch, editor)
        return
    assert batch.changeset is not None  # a database constraint
    _close(batch.changeset, editor)
    there = editor.download(batch.changeset)
    if not there:
        _void(batch, editor)
        return
    sent = read_change(batch.payload.encode())
    try:
        diff = match(sent, there)
    except NoMatch as fault:
        gate.note(StopKind.FAULT, mark=str(batch.changeset), changeset=batch.changeset, again=True)
        raise Unavailable(
            _("Changeset %(n)d holds what was not sent: %(fault)s Look at it in OpenStreetMap.")
            % {"n": batch.changeset, "fault": fault}
        ) from None
    _record(batch, diff, editor, report)


def _record(
    batch: PushBatch, diff: dict[tuple[str, int], Uploaded], editor: OsmEditor, report: SendReport
) -> None:
    """Write down that a batch is in OSM, with the ids and versions that it got."""
    with transaction.atomic():
        # It holds all tags of each object, and is needed no more.
        batch.state, batch.payload = BatchState.SENT, ""
        batch.save(update_fields=["state", "payload"])
        report.sent += outcomes.arrive(batch, diff)
    report.batches.append(batch)
    assert batch.changeset is not None
    # It closes by itself within the hour.
    with suppress(EditRefused, OutcomeUnknown):
        _close(batch.changeset, editor)


def _void(batch: PushBatch, editor: OsmEditor) -> None:
    """Note that nothing of a batch went up; its proposals wait again."""
    with transaction.atomic():
        batch.state, batch.payload = BatchState.VOID, ""
        batch.save(update_fields=["state", "payload"])
        outcomes.release(batch)
    if batch.changeset is not None:
        with suppress(EditRefused, OutcomeUnknown):
            _close(batch.changeset, editor)


def _close(changeset: int, editor: OsmEditor) -> None:
    try:
        editor.close(changeset)
    except EditRefused as refused:
        if refused.why != Why.CLOSED:
            raise


def _read_back(editor: OsmEditor, report: SendReport) -> None:
    """Note of what was sent that OSM shows it, in our version or a later one."""
    # Whoever sent it: an account may be given back, or out of use, before its words are read.
    sent = Proposal.objects.filter(state=ProposalState.SENT)
    proposals = list(sent.select_related("element").order_by("id"))
    keys = [(p.element.osm_type, p.element.osm_id) for p in proposals if p.element]
    there = editor.current(keys) if keys else {}
    for proposal in proposals:
        element = proposal.element
        found = there.get((element.osm_type, element.osm_id)) if element else None
        if found is not None and element is not None and found.version >= element.version:
            Proposal.objects.filter(pk=proposal.pk).update(state=ProposalState.SEEN)
            report.seen += 1
