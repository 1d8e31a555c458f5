"""Takes a decision back by a new one; what was decided stays in the log.

Within ten minutes a report comes back whole. Later it comes back with what is left: its facts
without the walker's place and words; an accepted one with the place that was published.
"""

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict
from mapper.moderation import second_thoughts
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.recording import new_decision, record, require_moderator
from mapper.moderation.reopening import answer_again, reopen
from mapper.osm.matching import forget_distinct
from mapper.photos import actions as photo_actions
from mapper.photos.covering import Covered
from mapper.photos.models import Photo, PhotoState
from mapper.sightings import actions as device_actions
from mapper.sightings.models import Attachment, Receipt, Sighting
from mapper.sightings.unchecked import show_again
from mapper.sightings.vocabulary import SightingState
from mapper.trust import brake as brakes
from mapper.trust import holding, parties
from mapper.trust.actions import enter_again
from mapper.trust.holding import drop as drop_hold
from mapper.trust.models import Brake, Party
from mapper.upstream import actions as upstream
from mapper.upstream.models import Proposal


@transaction.atomic
def unmerge(*, decision: Decision, actor: User) -> Decision:
    """Take a merge apart: the old device gets its claims, and its address, back."""
    require_moderator(actor)
    _check_act(decision, Act.MERGE)
    undoing = new_decision()
    _put_claims_back(decision, undoing)
    return record(
        id=undoing,
        actor=actor,
        act=Act.UNMERGE,
        target_kind=Target.DEVICE,
        target=decision.target,
        device=decision.device,
        undoes=decision,
    )


@transaction.atomic
def undo(*, decision: Decision, actor: User) -> Decision:
    """Take a decision back; a merge is un-merged, an erasure stands."""
    require_moderator(actor)
    if decision.act == Act.MERGE:
        return unmerge(decision=decision, actor=actor)
    undone = _undo_one(decision, actor)
    for other in Decision.objects.agreeing_with(decision) if decision.act == Act.CONFIRM else ():
        # What happened to one of the others since stands in the way of that one alone.
        with suppress(Conflict), transaction.atomic():
            _undo_one(other, actor)
    return undone


def _undo_one(decision: Decision, actor: User) -> Decision:
    take_back = {
        Act.ACCEPT: _undo_acceptance,
        Act.CONFIRM: _undo_acceptance,
        Act.REFUSE: _undo_refusal,
        Act.ASK: _undo_question,
        Act.CORRECT: _put_claims_back,
        Act.LINK_PICTURE: _put_claims_back,
        Act.GIVE_BACK: _undo_giving_back,
        Act.PUBLISH_PHOTO: _undo_publication,
        Act.PASS_PHOTO: _undo_passing,
        Act.HIDE_PHOTO: _undo_hiding,
        Act.KEEP: _undo_answer,
        Act.SETTLE: _undo_answer,
        Act.TAKE_OFF: _undo_taking_off,
        Act.RELEASE_BRAKE: _undo_release,
        Act.OPEN_PARTY: _undo_opening,
        Act.CLOSE_PARTY: _undo_closing,
        Act.TELL_APART: _undo_telling_apart,
    }.get(Act(decision.act))
    if take_back is None:
        raise BadInput(_("What was %(act)s can't be undone.") % {"act": decision.get_act_display()})
    undoing = new_decision()
    take_back(decision, undoing)
    return record(
        id=undoing,
        actor=actor,
        act=Act.UNDO,
        target_kind=Target.DECISION,
        target=decision.id,
        device=decision.device,
        undoes=decision,
    )


def _undo_acceptance(decision: Decision, undoing: UUID) -> None:
    """Take the claim off its device; the report waits again, its photos are hidden."""
    sighting = _decided(decision, SightingState.ACCEPTED)
    claim = sighting.claim
    place, placed_by = (claim.location, claim.position_source) if claim else (None, "")
    day = drop_hold(sighting=sighting)
    if claim is None or (claim.device is None and day is None):
        raise Conflict(_("A later decision closed this evidence; there is nothing to take back."))
    for photo in Photo.objects.filter(state=PhotoState.PUBLISHED, sighting=sighting).order_by("id"):
        photo_actions.hide_photo(photo=photo)
    device_actions.detach_claim(claim=claim, decision=undoing)
    upstream.let_go_of(sighting=sighting)
    sighting.claim = None
    if not second_thoughts.give_back(decision=decision.id, sighting=sighting):
        sighting.location, sighting.position_source = place, placed_by
        if day is not None:
            enter_again(sighting=sighting, said={"held_until": day.isoformat(), "batch": ""})
    _show_again(sighting, decision, undoing)
    _wait_again(sighting)


def _undo_giving_back(decision: Decision, undoing: UUID) -> None:
    """Take a proposal back that has not gone up; what has is taken back by its changeset."""
    proposal = Proposal.objects.filter(id=decision.target).first()
    if proposal is None:
        raise Conflict(_("There is no such proposal (any more)."))
    upstream.withdraw(proposal=proposal)


def _undo_refusal(decision: Decision, undoing: UUID) -> None:
    sighting = _decided(decision, SightingState.REFUSED)
    sighting.refusal_reason = ""
    sighting.claim = None
    if not second_thoughts.give_back(decision=decision.id, sighting=sighting):
        _wait_in_doubt(sighting)
    _show_again(sighting, decision, undoing)
    _wait_again(sighting)


def _undo_question(decision: Decision, undoing: UUID) -> None:
    sighting = _decided(decision, SightingState.QUESTION_ASKED)
    Receipt.objects.filter(sighting=sighting).update(question="")
    _wait_again(sighting)


def _undo_publication(decision: Decision, undoing: UUID) -> None:
    photo = Photo.objects.filter(id=decision.target).first()
    if photo is None:
        raise Conflict(_("This photo is gone already."))
    photo_actions.hide_photo(photo=photo)


def _undo_passing(decision: Decision, undoing: UUID) -> None:
    photo = Photo.objects.filter(id=decision.target).first()
    if photo is None:
        raise Conflict(_("This photo is gone already."))
    photo_actions.forget_gate(photo=photo)


def _undo_hiding(decision: Decision, undoing: UUID) -> None:
    photo = Photo.objects.select_related("sighting__claim__device").filter(id=decision.target)
    found = photo.first()
    claim = found.sighting.claim if found is not None else None
    device = claim.device if claim is not None else None
    if found is None or found.state != PhotoState.KEPT_BACK or device is None:
        raise Conflict(_("This photo is gone already."))
    if found.sighting.state != SightingState.ACCEPTED or device.is_private_home:
        raise Conflict(_("Only photos of accepted reports are published, and of no private home."))
    facts = second_thoughts.kept(decision=decision.id)
    copies = Covered.from_dict(facts) if facts else None
    photo_actions.show_photo_again(photo=found, copies=copies)
    answer_again(photo=found.id)


def _undo_answer(decision: Decision, undoing: UUID) -> None:
    reopen(decision=decision)


def _undo_taking_off(decision: Decision, undoing: UUID) -> None:
    brakes.let_appear_again(keys=_reports_kept(decision))


def _undo_release(decision: Decision, undoing: UUID) -> None:
    brake = Brake.objects.select_for_update().filter(id=decision.target).first()
    if brake is None or not brakes.put_on_again(brake=brake, keys=_reports_kept(decision)):
        raise Conflict(_("This brake is over, or another one is on since; reload the page."))


def _undo_opening(decision: Decision, undoing: UUID) -> None:
    parties.close_party(party=_party(decision))


def _undo_closing(decision: Decision, undoing: UUID) -> None:
    facts = second_thoughts.kept(decision=decision.id)
    closes_at = parse_datetime(facts["closes_at"]) if facts else None
    if closes_at is None or closes_at <= timezone.now():
        raise Conflict(_("Its hours are over, or nobody knows them any more; open a new one."))
    parties.let_go_on(party=_party(decision), closes_at=closes_at)


def _undo_telling_apart(decision: Decision, undoing: UUID) -> None:
    if not forget_distinct(pair=decision.target):
        raise Conflict(_("These two may be matched again already."))


def _party(decision: Decision) -> Party:
    found = Party.objects.filter(id=decision.target).first()
    if found is None:
        raise Conflict(_("Its hours are over, or nobody knows them any more; open a new one."))
    return found


def _reports_kept(decision: Decision) -> list[UUID]:
    """Return the reports that a decision on many moved; they are known for ten minutes."""
    facts = second_thoughts.kept(decision=decision.id)
    if facts is None:
        raise Conflict(
            _("Only for ten minutes is it known which reports these were; decide on each of them.")
        )
    return [UUID(id_) for id_ in facts["reports"]]


def _put_claims_back(decision: Decision, undoing: UUID) -> None:
    chains = Attachment.objects.filter(claim__attachments__decision=decision.id)
    undoings = Decision.objects.filter(id__in=chains.values("decision"), undoes__isnull=False)
    changed = device_actions.undo_attachments(
        undone=decision.id,
        decision=undoing,
        taken_back=dict(undoings.values_list("id", "undoes_id")),
    )
    if not changed:
        raise Conflict(_("A later decision moved this evidence on; undo the later one first."))


def _wait_in_doubt(sighting: Sighting) -> None:
    """Wait again where nobody knows any more whether the author asked for it, as most do."""
    if settings.PRUDENT_BY_DEFAULT:
        until = holding.day_of(sighting).isoformat()
        enter_again(sighting=sighting, said={"held_until": until, "batch": ""})


def _show_again(sighting: Sighting, decision: Decision, undoing: UUID) -> None:
    """Put an unchecked report back on the map where its decision took it off."""
    said = second_thoughts.unchecked_kept(decision=decision.id)
    if said is not None:
        sighting.claim = show_again(said=said, accepted_on=decision.device, decision=undoing)


def _decided(decision: Decision, state: SightingState) -> Sighting:
    """Return the report of a decision, locked, if nothing happened to it since."""
    sighting = Sighting.objects.select_for_update(of=("self",)).filter(id=decision.target).first()
    latest = Decision.objects.filter(target=decision.target, undone_by__isnull=True)
    if sighting is None or sighting.state != state or decision not in latest:
        raise Conflict(_("Something happened to this report since then; reload the page."))
    return sighting


def _wait_again(sighting: Sighting) -> None:
    sighting.state = SightingState.RECEIVED
    sighting.version += 1
    sighting.save()


def _check_act(decision: Decision, act: Act) -> None:
    if decision.act != act:
        raise BadInput(_("This decision is not one that %(act)s.") % {"act": str(act.label)})
