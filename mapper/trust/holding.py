"""Prudent reports: nothing of them is public for 32 days, accepted or not.

Operators may keep footage for a month. What dates the wait is one day, kept while it lasts.
"""

import datetime
import secrets
from uuid import UUID

from django.db import transaction

from mapper.photos.actions import hide_photos_of
from mapper.sightings.actions import attach_claim, survivor_of
from mapper.sightings.days import today
from mapper.sightings.models import Claim, Device, Sighting
from mapper.sightings.unchecked import empty
from mapper.sightings.vocabulary import DeviceState
from mapper.trust.models import Hold, Passage

DAYS = 32


def day_of(sighting: Sighting) -> datetime.date:
    """Return the first day on which a prudent report may appear."""
    came_on = sighting.arrived_at.date() if sighting.arrived_at else today()
    return came_on + datetime.timedelta(days=DAYS)


def held_until(sighting: Sighting) -> datetime.date | None:
    """Return the day before which an undecided report must not appear; None where it may."""
    passage = Passage.objects.filter(sighting=sighting).first()
    until = passage.held_until if passage is not None else None
    return until if until is not None and until > today() else None


def hold(
    *,
    sighting: Sighting,
    device: Device | None,
    decision: UUID,
    until: datetime.date,
) -> None:
    """Let an acceptance take effect on a later day: its claim is on no device before."""
    Hold.objects.create(sighting=sighting, device=device, decision=decision, until=until)


def is_held(sighting: Sighting) -> bool:
    """Return whether a report was accepted and waits for its day."""
    return Hold.objects.filter(sighting=sighting).exists()


@transaction.atomic
def drop(*, sighting: Sighting) -> datetime.date | None:
    """Forget an acceptance that waits for its day; return the day, None where nothing waited."""
    held = Hold.objects.select_for_update().filter(sighting=sighting).first()
    if held is None:
        return None
    if sighting.claim is not None:
        empty(sighting.claim)
    held.delete()
    return held.until


def release_due() -> int:
    """Let acceptances whose day has come take effect; return how many."""
    due = list(Hold.objects.filter(until__lte=today()).values_list("pk", flat=True))
    secrets.SystemRandom().shuffle(due)
    return sum(_release(key) for key in due)


@transaction.atomic
def _release(key: UUID) -> bool:
    """Put the claim of one report on its device."""
    sighting = Sighting.objects.select_for_update(of=("self",)).filter(id=key).first()
    held = Hold.objects.select_related("device").filter(sighting=sighting).first()
    claim = sighting.claim if sighting is not None else None
    if held is None or claim is None:
        return False
    device = attach_claim(claim=claim, device=_target(held, claim), decision=held.decision)
    if device.is_private_home:
        hide_photos_of(device=device)
    # Its day less 32 would be that of the walk.
    Device.objects.filter(id=device.id, updated_on=today()).update(
        updated_on=today().replace(day=1)
    )
    held.delete()
    return True


def _target(held: Hold, claim: Claim) -> Device | None:
    """Return the device that the moderator chose, where it still is one."""
    device = survivor_of(held.device) if held.device is not None else None
    if device is not None and device.state == DeviceState.ERASED and claim.location is not None:
        return None
    return device
