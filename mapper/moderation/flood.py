"""What a moderator does about many reports at once: the brake, a batch, a flood, a cartopartie."""

import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict
from mapper.moderation import second_thoughts
from mapper.moderation.models import Act, Decision, Reason, Target
from mapper.moderation.recording import PENDING, record, require_moderator
from mapper.photos import actions as photo_actions
from mapper.photos.models import PhotoState
from mapper.places.models import City
from mapper.sightings.models import Receipt, Sighting
from mapper.sightings.vocabulary import SightingState
from mapper.trust import brake as brakes
from mapper.trust import parties
from mapper.trust.models import Batch, Brake, Party, Passage


@transaction.atomic
def release_brake(*, brake: Brake, actor: User, with_reports: bool) -> Decision:
    """Let reports appear by themselves again; `with_reports` those too that the brake held."""
    require_moderator(actor)
    brake = _locked(brake)
    if brake.released_at is not None:
        raise Conflict(_("Somebody released this brake already; reload the page."))
    let_go = brakes.release(brake=brake, with_reports=with_reports)
    decision = record(actor=actor, act=Act.RELEASE_BRAKE, target_kind=Target.BRAKE, target=brake.id)
    _keep(decision, let_go)
    return decision


@transaction.atomic
def undo_flood(*, brake: Brake, actor: User) -> Decision:
    """Take all that appeared of a flood off the map; its reports go back to the queue, marked."""
    require_moderator(actor)
    taken = brakes.undo_flood(brake=_locked(brake))
    decision = record(actor=actor, act=Act.TAKE_OFF, target_kind=Target.BRAKE, target=brake.id)
    _keep(decision, taken)
    return decision


@transaction.atomic
def undo_batch(*, batch: Batch, actor: User) -> Decision:
    """Take the points of a batch off the map; its reports go back to the queue, marked."""
    require_moderator(actor)
    taken = brakes.undo_batch(batch_id=batch.id)
    if not taken:
        raise Conflict(_("Nothing of this batch is on the map any more; reload the page."))
    decision = record(actor=actor, act=Act.TAKE_OFF, target_kind=Target.BATCH, target=batch.id)
    _keep(decision, taken)
    return decision


@transaction.atomic
def refuse_flood(*, brake: Brake, actor: User) -> Decision:
    """Refuse what a flood left in the queue, in a few statements however much it is.

    Points of it are taken off first. Its authors read a reason that asks them to send again.
    """
    require_moderator(actor)
    brakes.undo_flood(brake=_locked(brake))
    waiting = Sighting.objects.filter(state__in=PENDING, passage__flood=brake)
    keys = list(waiting.select_for_update(of=("self",)).values_list("id", flat=True))
    with_photos = Sighting.objects.filter(id__in=keys, photos__isnull=False).distinct()
    for sighting in with_photos.order_by("id"):
        decided = (PhotoState.DELETED, PhotoState.FAILED)
        for photo in sighting.photos.exclude(state__in=decided).order_by("id"):
            photo_actions.keep_photo_back(photo=photo)
        photo_actions.settle_photos(sighting=sighting)
    Receipt.objects.filter(sighting__in=keys).update(question="", answer="")
    Passage.objects.filter(sighting__in=keys).delete()
    # What `recording.settle` does to one.
    Sighting.objects.filter(id__in=keys).update(
        state=SightingState.REFUSED,
        refusal_reason=Reason.FLOOD,
        location=None,
        position_source="",
        arrived_at=None,
        phone_key=None,
        body_key="",
        note="",
        operator="",
        seen_on=Left("seen_on", 7),
        is_slow=False,
    )
    return record(
        actor=actor,
        act=Act.REFUSE_FLOOD,
        target_kind=Target.BRAKE,
        target=brake.id,
        reason=Reason.FLOOD,
    )


@transaction.atomic
def open_party(
    *, city: City, actor: User, opens_at: datetime.datetime, hours: int, most: int
) -> tuple[Party, Decision]:
    """Say that a city will be mapped in these hours, by at most so many reports."""
    require_moderator(actor)
    if not 1 <= hours <= parties.MOST_HOURS or not 1 <= most <= parties.MOST_REPORTS:
        raise BadInput(
            _("A cartopartie lasts 1 to %(hours)d hours and takes 1 to %(most)d reports.")
            % {"hours": parties.MOST_HOURS, "most": parties.MOST_REPORTS}
        )
    if opens_at + datetime.timedelta(hours=hours) <= timezone.now():
        raise BadInput(_("These hours are over; give the hour at which it begins."))
    party = parties.open_party(city=city, opens_at=opens_at, hours=hours, most=most)
    decision = record(actor=actor, act=Act.OPEN_PARTY, target_kind=Target.PARTY, target=party.id)
    return party, decision


@transaction.atomic
def close_party(*, party: Party, actor: User) -> Decision:
    """Close a cartopartie's window before its time."""
    require_moderator(actor)
    closes_at = party.closes_at.isoformat()
    parties.close_party(party=party)
    decision = record(actor=actor, act=Act.CLOSE_PARTY, target_kind=Target.PARTY, target=party.id)
    second_thoughts.keep(decision=decision.id, facts={"closes_at": closes_at})
    return decision


def _keep(decision: Decision, reports: list[UUID]) -> None:
    """Remember for ten minutes which reports a decision moved."""
    second_thoughts.keep(decision=decision.id, facts={"reports": [str(id_) for id_ in reports]})


def _locked(brake: Brake) -> Brake:
    return Brake.objects.select_for_update().get(id=brake.id)
