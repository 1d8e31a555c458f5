"""Writes of the way onto the map: a report enters it, changes on it, leaves it; batches appear."""

import datetime
import math
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from geo.matching import is_same_device
from geo.position import LonLat
from mapper.sightings.days import today
from mapper.sightings.facts import position_of
from mapper.sightings.models import Claim, Device, Sighting
from mapper.sightings.unchecked import (
    say_anew,
    settle,
    show_reports,
    unchecked_claim_of,
)
from mapper.sightings.vocabulary import Source
from mapper.trust import holding
from mapper.trust.batching import Together, Waiting, compose, department_of
from mapper.trust.models import Batch, Obstacle, Party, Passage
from mapper.trust.screening import arcs_of, same_device, screen

LONG_WAIT = datetime.timedelta(hours=48)
# What changing a report does not remove.
_LASTING = (
    Obstacle.SLOW,
    Obstacle.PAPER,
    Obstacle.UNPROVEN,
    Obstacle.IMPORTED,
    Obstacle.FLOOD,
    Obstacle.TAKEN_OFF,
)
# 22 m: what is less than 15 m away lies in the same row or one beside it.
_ROW_DEG = 0.0002
_random = secrets.SystemRandom()


@transaction.atomic
def enter(
    *,
    sighting: Sighting,
    photo_positions: Sequence[LonLat] = (),
    obstacle: str = "",
    is_prudent: bool = False,
    party: Party | None = None,
) -> Passage:
    """Note when a new report may appear by itself, or why it does not; `obstacle` is the door's.

    A prudent one may on its day, which takes the place of the random wait.
    """
    screened = screen(sighting=sighting, photo_positions=photo_positions)
    obstacle = obstacle or screened.obstacle
    if not settings.PUBLISH_UNVERIFIED:
        obstacle = obstacle or Obstacle.SWITCHED_OFF
    passage, _is_new = Passage.objects.update_or_create(
        sighting=sighting,
        defaults={
            "city": screened.city,
            "due_at": None if obstacle else due_at(sighting, is_prudent=is_prudent),
            "held_until": holding.day_of(sighting) if is_prudent else None,
            "obstacle": obstacle,
            "near_device": screened.near_device,
            "batch": None,
            **({"party": party} if party is not None else {}),
        },
    )
    return passage


def due_at(sighting: Sighting, *, is_prudent: bool = False) -> datetime.datetime:
    """Return the random moment from which on a report may appear, or the first one of its day."""
    if is_prudent:
        midnight = datetime.time(tzinfo=datetime.UTC)
        return datetime.datetime.combine(holding.day_of(sighting), midnight)
    arrived_at = sighting.arrived_at or timezone.now()
    return arrived_at + datetime.timedelta(seconds=_random.uniform(0, settings.PUBLISH_DELAY_MAX_S))


@transaction.atomic
def follow_change(*, sighting: Sighting, is_prudent: bool = False) -> None:
    """Let the map follow what an author changed in an undecided report.

    A report that is not on the map yet is looked at anew; one that must not be there any more is
    taken off and waits for a moderator.
    """
    passage = Passage.objects.filter(sighting=sighting).first()
    if passage is None:
        return
    claim = unchecked_claim_of(sighting)
    if claim is None:
        lasting = passage.obstacle if passage.obstacle in _LASTING else ""
        enter(sighting=sighting, obstacle=lasting, is_prudent=is_prudent)
        return
    if is_prudent and holding.day_of(sighting) > today():
        take_off(sighting=sighting, obstacle="")
        enter(sighting=sighting, is_prudent=True)
        return
    screened = screen(sighting=sighting, own_device=claim.device_id)
    if screened.obstacle:
        take_off(sighting=sighting, obstacle=screened.obstacle, near_device=screened.near_device)
    else:
        say_anew(sighting=sighting)


@transaction.atomic
def take_off(*, sighting: Sighting, obstacle: str, near_device: Device | None = None) -> None:
    """Take an undecided report off the map; it waits for a moderator and says why."""
    claim = unchecked_claim_of(sighting)
    if claim is not None:
        sighting.claim = None
        sighting.save(update_fields=["claim"])
        settle(claim=claim, into=None, decision=None)
    Passage.objects.filter(sighting=sighting).update(
        due_at=None, obstacle=obstacle, near_device=near_device, batch=None
    )


@transaction.atomic
def leave(*, sighting: Sighting, into: Device | None, decision: UUID | None) -> None:
    """End the way of a report that is decided or taken back.

    Its claim of an unchecked report is closed; the device that it made leads to `into`, or is gone.
    """
    claim = unchecked_claim_of(sighting)
    if claim is not None:
        settle(claim=claim, into=into, decision=decision)
    Passage.objects.filter(sighting=sighting).delete()
    Batch.objects.left().delete()


@transaction.atomic
def take_off_orphans() -> int:
    """Take points off whose report is not here, such as after a restore; return how many."""
    orphans = Claim.objects.in_force().filter(
        source=Source.WALKER, is_verified=False, sighting__isnull=True
    )
    claims = list(orphans.select_related("device").order_by("id"))
    for claim in claims:
        settle(claim=claim, into=None, decision=None)
    return len(claims)


@transaction.atomic
def enter_again(*, sighting: Sighting, said: Mapping[str, Any]) -> None:
    """Give a report whose decision was undone what `facts_of_passage` kept.

    What a moderator has had in hand goes on the map by no other hand any more.
    """
    batch = Batch.objects.filter(id=said["batch"]).first() if said["batch"] else None
    Passage.objects.update_or_create(
        sighting=sighting,
        defaults={
            "held_until": parse_date(said["held_until"]) if said["held_until"] else None,
            "batch": batch,
        },
    )


def facts_of_passage(sighting: Sighting) -> dict[str, str]:
    """Return what `leave` is about to forget and an undoing needs, JSON-ready."""
    passage = Passage.objects.filter(sighting=sighting).first()
    until = passage.held_until if passage is not None else None
    batch = passage.batch_id if passage is not None else None
    return {
        "held_until": until.isoformat() if until else "",
        "batch": str(batch) if batch else "",
    }


def publish_due(*, now: datetime.datetime | None = None) -> int:
    """Put the batches that may appear on the map; return how many reports appeared."""
    if not settings.PUBLISH_UNVERIFIED:
        return 0
    now = now or timezone.now()
    batches = compose(
        Waiting(
            id=passage.sighting_id,
            place=(passage.city_id, passage.party_id),
            department=(
                department_of(passage.city.country, passage.city.code) if passage.city else ""
            ),
            has_waited_long=_has_waited_long(passage, now),
        )
        for passage in Passage.objects.due(now).select_related("sighting", "city")
    )
    return sum(_publish(together, now) for together in batches)


@transaction.atomic
def _publish(together: Together, now: datetime.datetime) -> int:
    """Publish one batch in an order that says nothing of when its reports came."""
    shuffled = list(together.ids)
    _random.shuffle(shuffled)
    # What a moderator decides on, or its author takes back, at this moment is passed over.
    free = Sighting.objects.select_for_update(of=("self",), skip_locked=True)
    by_id = {sighting.id: sighting for sighting in free.filter(id__in=shuffled)}
    due = set(Passage.objects.due(now).filter(sighting__in=by_id).values_list("pk", flat=True))
    waiting = [by_id[key] for key in shuffled if key in due]
    sightings, repeats = _without_repeats(waiting)
    if len(sightings) >= together.least:
        show_reports(sightings=sightings)
        batch = Batch.objects.create(published_at=timezone.now())
        Passage.objects.filter(sighting__in=sightings).update(
            due_at=None, held_until=None, batch=batch
        )
    for sighting in repeats:
        _hold_repeat(sighting)
    return len(sightings) if len(sightings) >= together.least else 0


def _without_repeats(
    sightings: Sequence[Sighting],
) -> tuple[list[Sighting], list[Sighting]]:
    """Part reports from those that repeat a device on the map or another one of them."""
    kept: list[Sighting] = []
    repeats: list[Sighting] = []
    by_row: dict[int, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        position = position_of(sighting.location)
        assert position is not None  # what has none is never due
        row = math.floor(position.lat / _ROW_DEG)
        around = [near for step in (-1, 0, 1) for near in by_row[row + step]]
        is_repeat = any(_is_same(sighting, near) for near in around)
        if is_repeat or same_device(position, arcs_of(sighting)) is not None:
            repeats.append(sighting)
        else:
            kept.append(sighting)
            by_row[row].append(sighting)
    return kept, repeats


def _hold_repeat(sighting: Sighting) -> None:
    """Let a report wait for a moderator where a device that it repeats is on the map by now."""
    position = position_of(sighting.location)
    near = None if position is None else same_device(position, arcs_of(sighting))
    if near is not None:
        Passage.objects.filter(sighting=sighting).update(
            due_at=None, obstacle=Obstacle.DUPLICATE, near_device=near
        )


def _is_same(sighting: Sighting, other: Sighting) -> bool:
    here, there = position_of(sighting.location), position_of(other.location)
    assert here is not None  # as above
    assert there is not None
    return is_same_device(here, arcs_of(sighting), there, arcs_of(other))


def _has_waited_long(passage: Passage, now: datetime.datetime) -> bool:
    arrived_at = passage.sighting.arrived_at
    return arrived_at is None or now - arrived_at >= LONG_WAIT
