"""Lets reports that agree verify a device, where the instance switched that on.

What agrees is weighed by `mapper.trust.confirmations`. Each report that is heard is accepted by a
decision that is nobody's; taking one back takes back all that verified the device with it.
"""

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from geo.geodesy import distance_m
from mapper.errors import Refusal
from mapper.moderation.actions import take_as_evidence
from mapper.moderation.models import Act, Decision, Notice, Target
from mapper.moderation.order import NEIGHBOURHOOD_M
from mapper.moderation.recording import PENDING, new_decision, record
from mapper.osm.models import Element
from mapper.photos.models import GATE, Photo, PhotoState
from mapper.photos.querysets import PhotoQuerySet
from mapper.sightings.days import today
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Sighting
from mapper.sightings.vocabulary import DeviceState, Kind, Presence, SightingState, Verification
from mapper.trust.brake import brake_on
from mapper.trust.confirmations import Verdict, Voice, weigh
from mapper.trust.models import Obstacle, Passage

# A confirmation never appears by itself; of what else stands in the way nothing is heard.
_HEARD_DESPITE = ("", Obstacle.KNOWN_DEVICE)


def verify_confirmed() -> int:
    """Verify the devices that enough reports agree on; return how many were."""
    if not settings.CONFIRMATIONS_VERIFY:
        return 0
    passed = _accepted_photos().filter(sighting__state=SightingState.RECEIVED)
    pairs = passed.values_list("sighting__claim__device", "sighting__confirms_device")
    devices = sorted({id_ for pair in pairs for id_ in pair if id_ is not None})
    secrets.SystemRandom().shuffle(devices)
    return sum(_verify(id_) for id_ in devices)


def _verify(device_id: UUID) -> bool:
    try:
        with transaction.atomic():
            return _verify_if_agreed(device_id)
    except Refusal:
        # Such as a place that was excluded since: a moderator reads why.
        return False


def _verify_if_agreed(device_id: UUID) -> bool:
    reports = {report.id: report for report in _reports_of(device_id)}
    device = Device.objects.select_related("city").filter(id=device_id).first()
    if device is None or not _may_be_verified(device):
        return False
    verdict = _weigh(device, reports.values())
    if not verdict.verifies:
        return False
    heard = list(verdict.heard)
    secrets.SystemRandom().shuffle(heard)
    for id_ in heard:
        _accept(reports[id_], device)
    return True


def _may_be_verified(device: Device) -> bool:
    is_open = device.verification != Verification.VERIFIED and not device.is_private_home
    return device.state == DeviceState.PRESENT and is_open


def _reports_of(device_id: UUID) -> Iterable[Sighting]:
    """Return the undecided reports of a device, locked: the one that made it, and others."""
    here = Q(claim__device=device_id) | Q(confirms_device=device_id)
    pending = Sighting.objects.filter(here, state__in=PENDING).order_by("id")
    return pending.select_for_update(of=("self",))


def _weigh(device: Device, reports: Iterable[Sighting]) -> Verdict:
    elements = Element.objects.of_others().there().filter(claim__device=device, is_visible=True)
    first = elements.filter(timestamp__isnull=False).order_by("timestamp").first()
    return weigh(
        _voices(device, list(reports)),
        today=today(),
        osm_since=first.timestamp.date() if first and first.timestamp else None,
        is_braked=any(brake_on(device.city, is_proven=proven) for proven in (True, False)),
        is_contested=Notice.objects.about(device.id).exists(),
    )


def _voices(device: Device, reports: list[Sighting]) -> list[Voice]:
    """Return what the rule needs to know of reports; three queries, however many there are."""
    ids = [report.id for report in reports]
    passages = Passage.objects.in_bulk(ids)
    with_photo = set(_accepted_photos().filter(sighting__in=ids).values_list("sighting", flat=True))
    decided = Decision.objects.filter(target_kind=Target.SIGHTING, target__in=ids)
    in_hand = set(decided.values_list("target", flat=True))
    return [
        Voice(
            id=report.id,
            came_on=report.arrived_at.date() if report.arrived_at else None,
            seen_on=report.seen_on,
            says_there=report.presence == Presence.THERE,
            is_on_site=report.seen_how in ("", "on_site"),
            agrees=_agrees(report, device),
            is_held_back=_is_held_back(report, passages.get(report.id)),
            is_in_hand=report.state != SightingState.RECEIVED or report.id in in_hand,
            has_accepted_photo=report.id in with_photo,
            came_with=_company(passages.get(report.id)),
        )
        for report in reports
    ]


def _agrees(report: Sighting, device: Device) -> bool:
    """Return whether a report speaks of the same place and the same kind."""
    here, there = position_of(report.location), position_of(device.location)
    if here is None or there is None or distance_m(here, there) > NEIGHBOURHOOD_M:
        return False
    return Kind.UNKNOWN in (report.kind, device.kind) or report.kind == device.kind


def _is_held_back(report: Sighting, passage: Passage | None) -> bool:
    if report.is_slow or passage is None or passage.flood_id is not None:
        return True
    return passage.held_until is not None or passage.obstacle not in _HEARD_DESPITE


def _company(passage: Passage | None) -> frozenset[UUID]:
    keys = (passage.batch_id, passage.party_id) if passage else ()
    return frozenset(key for key in keys if key is not None)


def _accepted_photos() -> PhotoQuerySet:
    """Return the photos that a moderator has looked through."""
    gone = (PhotoState.DELETED, PhotoState.FAILED)
    looked_through: PhotoQuerySet = Photo.objects.filter(gate__contains=list(GATE))
    return looked_through.exclude(state__in=gone)


def _accept(report: Sighting, device: Device) -> None:
    decision = new_decision()
    accepted = _accepted_photos().filter(sighting=report)
    take_as_evidence(
        sighting=report,
        decision=decision,
        device=device,
        corrections={},
        gates=dict.fromkeys(accepted.values_list("id", flat=True), GATE),
    )
    record(
        id=decision,
        actor=None,
        act=Act.CONFIRM,
        target_kind=Target.SIGHTING,
        target=report.id,
        device=device.id,
    )
