"""The claims of reports that nobody has decided on, while they are on the map.

Such a claim says kind, camera type, mount, direction, place and month, and a database constraint
refuses more. It stands only until its report is decided, taken back or changed: then it is closed
and emptied, because what is refused or withdrawn keeps no place, and what is accepted says the
same by a claim of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from geo.direction import parse_directions
from geo.geodesy import snap_to_grid
from geo.position import LonLat
from mapper.sightings.actions import (
    FORGOTTEN,
    append_attachment,
    day_of_change,
    leave_device,
    lock_devices,
    project_device,
    survivor_of,
)
from mapper.sightings.bulk import project_devices
from mapper.sightings.facts import point_of, position_of
from mapper.sightings.models import Attachment, Claim, Device, Sighting
from mapper.sightings.vocabulary import DeviceState, PositionSource, Source

PHOTO_CELL_M = 10.0
_SAYS_NOTHING = ("", "unknown")
_EMPTY: Mapping[str, Any] = {
    "location": None,
    "position_source": "",
    "attributes": {},
    "seen_from": "",
    "seen_to": "",
}


@transaction.atomic
def show_reports(*, sightings: Sequence[Sighting]) -> None:
    """Put reports on the map, each as a device of its own that nobody has verified.

    Rows are written in the order given: whoever wants no order shuffles. The caller holds the
    reports' locks.
    """
    claims = [_claim_of(sighting) for sighting in sightings]
    for claim in claims:
        # The device comes below, in one statement for all; foreign keys are checked at the end.
        claim.device_id = uuid4()
    Claim.objects.bulk_create(claims)
    Attachment.objects.bulk_create(
        Attachment(claim=claim, device_id=claim.device_id) for claim in claims
    )
    project_devices(ids=[claim.device_id for claim in claims if claim.device_id], is_quiet=True)
    for sighting, claim in zip(sightings, claims, strict=True):
        sighting.claim = claim
    Sighting.objects.bulk_update(sightings, ["claim"])


@transaction.atomic
def say_anew(*, sighting: Sighting) -> Device | None:
    """Let the device of a report that its author changed follow it, under its old id."""
    claim = unchecked_claim_of(sighting)
    device = claim.device if claim is not None else None
    if claim is None or device is None:
        return None
    lock_devices([device.id])
    append_attachment(claim=claim, device=None, decision=None)
    empty(claim)
    new = _claim_of(sighting)
    new.save()
    append_attachment(claim=new, device=device, decision=None)
    sighting.claim = new
    sighting.save(update_fields=["claim"])
    return project_device(device=device)


@transaction.atomic
def settle(*, claim: Claim, into: Device | None, decision: UUID | None) -> None:
    """Close an unchecked claim and forget what it said; its device leads to `into`, or is gone.

    A device that other evidence supports stays.
    """
    device = claim.device
    if device is None:
        empty(claim)
        return
    lock_devices([device.id, *([into.id] if into else [])])
    device.refresh_from_db()
    append_attachment(claim=claim, device=None, decision=decision)
    empty(claim)
    is_alone = device.state == DeviceState.PRESENT and not device.claims.exists()
    if into is not None and into.id != device.id and is_alone:
        leave_device(device=device, state=DeviceState.MERGED, merged_into=into)
    else:
        project_device(device=device)
    if device.state in (DeviceState.MERGED, DeviceState.WITHDRAWN):
        Device.objects.filter(id=device.id).update(
            **FORGOTTEN, updated_on=day_of_change("unverified")
        )


@transaction.atomic
def show_again(*, said: Mapping[str, Any], accepted_on: UUID | None, decision: UUID) -> Claim:
    """Give an unchecked claim back what `facts_of` kept, and its place on the device it made.

    `accepted_on` is the device that the decision which closed it went to.
    """
    claim = Claim.objects.get(id=said["id"])
    for name in ("position_source", "attributes", "seen_from", "seen_to"):
        setattr(claim, name, said[name])
    claim.location = point_of(LonLat(*said["position"]) if said["position"] else None)
    claim.save()
    device = Device.objects.get(id=said["device"])
    if device.merged_into_id is not None and device.merged_into_id != accepted_on:
        device = survivor_of(device)
    lock_devices([device.id])
    device.refresh_from_db()
    if device.state != DeviceState.ERASED:
        append_attachment(claim=claim, device=device, decision=decision)
        project_device(device=device)
    return claim


def unchecked_claim_of(sighting: Sighting) -> Claim | None:
    """Return the claim that shows a report on the map though nobody has decided on it."""
    claim = sighting.claim
    is_shown = claim is not None and not claim.is_verified and claim.device_id is not None
    return claim if is_shown else None


def device_of_unchecked(sighting: Sighting) -> Device | None:
    """Return the device that an undecided report made on the map."""
    claim = unchecked_claim_of(sighting)
    return claim.device if claim is not None else None


def facts_of(claim: Claim) -> dict[str, Any]:
    """Return what `settle` is about to forget, JSON-ready."""
    position = position_of(claim.location)
    return {
        "id": str(claim.id),
        "device": str(claim.device_id),
        "position": None if position is None else [position.lon, position.lat],
        "position_source": claim.position_source,
        "attributes": claim.attributes,
        "seen_from": claim.seen_from,
        "seen_to": claim.seen_to,
    }


def public_position(sighting: Sighting) -> LonLat | None:
    """Return where a report would be shown: where its photo was taken only to within 10 m."""
    position = position_of(sighting.location)
    if position is not None and sighting.position_source == PositionSource.PHOTO:
        return snap_to_grid(position, PHOTO_CELL_M)
    return position.rounded() if position is not None else None


def month_of(sighting: Sighting) -> str:
    """Return the month (or year) in which it was seen; where nobody said, the month it came in."""
    if sighting.seen_on:
        return sighting.seen_on[:7]
    return sighting.arrived_at.strftime("%Y-%m") if sighting.arrived_at else ""


def _claim_of(sighting: Sighting) -> Claim:
    """Return the claim of an undecided report, unsaved: what a stranger may see and no more."""
    said: dict[str, Any] = {
        name: getattr(sighting, name)
        for name in ("kind", "camera_type", "mount")
        if getattr(sighting, name) not in _SAYS_NOTHING
    }
    if sighting.direction:
        said["directions"] = [arc.as_dict() for arc in parse_directions(sighting.direction)]
    month = month_of(sighting)
    return Claim(
        source=Source.WALKER,
        is_verified=False,
        location=point_of(public_position(sighting)),
        position_source=sighting.position_source,
        attributes=said,
        seen_from=month,
        seen_to=month,
    )


def empty(claim: Claim) -> None:
    """Forget what a claim said that stands on no device."""
    for name, nothing in _EMPTY.items():
        setattr(claim, name, nothing)
    claim.save(update_fields=list(_EMPTY))
