"""Writes of claims and devices: attach, detach, merge, un-merge, undo, project.

Callers open no transaction of their own around one call; each is whole or not at all. A device's
row is locked before its claims move, in the order of ids, so that two moderators can't deadlock.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from geo.position import LonLat
from mapper import sql
from mapper.accounts.limits import require_cities
from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict
from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.facts import facts_of, point_of
from mapper.sightings.models import Attachment, Claim, Device, DeviceCapability, Event
from mapper.sightings.projection import (
    NUMBER_ATTRIBUTES,
    TEXT_ATTRIBUTES,
    Projection,
    project,
    rests_on_unchecked,
)
from mapper.sightings.vocabulary import DeviceState, Kind

# What an erased device no longer says.
FORGOTTEN: dict[str, object] = {
    **dict.fromkeys([*TEXT_ATTRIBUTES, "position_source", "first_seen", "last_seen"], ""),
    **dict.fromkeys(NUMBER_ATTRIBUTES),
    "kind": Kind.UNKNOWN,
    "directions": [],
    "sources": [],
}


@transaction.atomic
def attach_claim(*, claim: Claim, device: Device | None, decision: UUID | None) -> Device:
    """Put a claim on a device, or on a new one of its own; return the device as projected.

    A merged device passes the claim on to the one that it leads to; an erased one takes none.
    """
    device = _new_device(claim) if device is None else survivor_of(device)
    left = claim.device
    lock_devices([device.id, *([left.id] if left else [])])
    device.refresh_from_db()
    if device.state in (DeviceState.MERGED, DeviceState.ERASED):
        raise Conflict(
            _("The device %(id)s is no longer there (%(state)s); reload the page and choose again.")
            % {"id": device.id, "state": device.get_state_display()}
        )
    append_attachment(claim=claim, device=device, decision=decision)
    if left is not None and left.id != device.id:
        left.refresh_from_db()
        project_device(device=left)
    return project_device(device=device)


@transaction.atomic
def detach_claim(*, claim: Claim, decision: UUID | None) -> Device | None:
    """Take a claim off its device (closing it); return the device that it left."""
    device = claim.device
    if device is None:
        return None
    lock_devices([device.id])
    device.refresh_from_db()
    append_attachment(claim=claim, device=None, decision=decision)
    return project_device(device=device)


@transaction.atomic
def merge_devices(*, survivor: Device, other: Device, decision: UUID) -> Device:
    """Move all claims of `other` to `survivor`; the old id leads to the survivor from now on.

    What was merged into the other keeps leading to the other, so that un-merging finds it there.
    """
    if survivor.id == other.id:
        raise Conflict(_("A device can't be merged with itself; choose another one."))
    lock_devices([survivor.id, other.id])
    for device in (survivor, other):
        device.refresh_from_db()
        if device.state != DeviceState.PRESENT:
            raise Conflict(
                _("The device %(id)s is no longer there (%(state)s); reload the page.")
                % {"id": device.id, "state": device.get_state_display()}
            )
    for claim in other.claims.order_by("id"):
        append_attachment(claim=claim, device=survivor, decision=decision)
    leave_device(device=other, state=DeviceState.MERGED, merged_into=survivor)
    return project_device(device=survivor)


def survivor_of(device: Device) -> Device:
    """Return the device that a merged one leads to, through any number of merges."""
    while device.merged_into is not None:
        device = device.merged_into
    return device


@transaction.atomic
def undo_attachments(
    *, undone: UUID, decision: UUID, taken_back: Mapping[UUID, UUID] | None = None
) -> list[Device]:
    """Put every claim that a decision moved back where it was before; return what changed.

    A claim that a later decision moved on stays where it is, unless that one was taken back:
    `taken_back` says which earlier undoing took back which decision. Un-merging is this: the old
    device gets its claims, and with them its address, back.
    """
    moved = Claim.objects.filter(attachments__decision=undone).distinct().order_by("id")
    back: list[tuple[Claim, Device | None]] = []
    for claim in moved:
        moves = _moves_in_force(claim, taken_back or {})
        if moves and moves[-1].decision == undone:
            back.append((claim, _back_to(moves)))
    touched = {d.id: d for claim, device in back for d in (device, claim.device) if d is not None}
    if any(device.state == DeviceState.ERASED for device in touched.values()):
        raise Conflict(_("The device was erased since then; that can't be undone."))
    lock_devices(touched)
    for claim, device in back:
        append_attachment(claim=claim, device=device, decision=decision)
    return [project_device(device=Device.objects.get(id=key)) for key in sorted(touched)]


@transaction.atomic
def erase_device(*, device: Device, decision: UUID) -> Device:
    """Close all claims of a device and forget what they said; its address answers 410 for good.

    Only OSM's own words stay, in our mirror of OSM. Evidence is otherwise never overwritten: this
    is the one exception, since a right to erasure that keeps a copy is none (GDPR, article 17).
    """
    lock_devices([device.id])
    device.refresh_from_db()
    if device.state not in (DeviceState.PRESENT, DeviceState.WITHDRAWN):
        raise Conflict(
            _("The device %(id)s is no longer there (%(state)s); reload the page.")
            % {"id": device.id, "state": device.get_state_display()}
        )
    said_here = Claim.objects.filter(attachments__device=device).exclude(source="osm")
    for claim in device.claims.order_by("id"):
        append_attachment(claim=claim, device=None, decision=decision)
    leave_device(device=device, state=DeviceState.ERASED)
    Claim.objects.filter(id__in=said_here.values("id"), device__isnull=True).update(
        location=None, position_source="", accuracy_m=None, attributes={}, label_photo=None
    )
    Device.objects.filter(id=device.id).update(**FORGOTTEN)
    device.refresh_from_db()
    return device


@transaction.atomic
def save_event(*, event: Event, editor: User | None = None) -> Event:
    """Save an event that staff wrote, with the city it lies in and the day of the change."""
    before = Event.objects.select_related("city").filter(id=event.id).first()
    point = event.location
    if point is None and event.area is not None:
        point = event.area.point_on_surface
    event.city = None if point is None else City.objects.covering(LonLat(point.x, point.y))
    require_cities(editor=editor, cities=[row.city for row in (before, event) if row])
    event.updated_on = today()
    event.save()
    return event


def project_device(*, device: Device) -> Device:
    """Write what the claims of a device make of it; without claims that place it, it is gone."""
    if device.state == DeviceState.ERASED:
        return device
    claims = device.claims.all()
    made = project(facts_of(claims))
    if made is None or made.position is None:
        if device.state == DeviceState.PRESENT:
            leave_device(device=device, state=DeviceState.WITHDRAWN)
        return device
    write_projection(device=device, made=made)
    device.city = City.objects.covering(made.position)
    device.save()
    DeviceCapability.objects.filter(device=device).delete()
    DeviceCapability.objects.bulk_create(
        DeviceCapability(device=device, name=name, claim_id=claim)
        for name, claim in made.capabilities.items()
    )
    return device


def write_projection(*, device: Device, made: Projection) -> None:
    """Set a device's fields to its projection; the caller saves and places it."""
    device.state = DeviceState.PRESENT
    device.merged_into = None
    device.location = point_of(made.position)
    device.position_source = made.position_source
    device.kind = made.kind
    device.status = made.status
    device.verification = made.verification
    device.verified_by_id = made.verified_by
    device.sources = list(made.sources)
    device.first_seen = made.first_seen
    device.last_seen = made.last_seen
    device.is_private_home = made.is_private_home
    device.directions = [dict(arc) for arc in made.directions]
    device.provenance = dict(made.provenance)
    for name, text in made.texts.items():
        setattr(device, name, text)
    for name, number in made.numbers.items():
        setattr(device, name, number)
    device.updated_on = day_of_change(made.verification, made.sources)
    device.version += 1


def day_of_change(verification: str, sources: Iterable[str] = ()) -> datetime.date:
    """Return the day on which a device changes; of what nobody has checked only its month.

    It came in within hours: the day of its appearing would be that of the walk.
    """
    is_unchecked = rests_on_unchecked(verification, sources)
    return today().replace(day=1) if is_unchecked else today()


def place_devices(*, city_ids: Sequence[int] | None = None) -> int:
    """Give devices and events the city they lie in, in one statement each; return how many moved.

    With `city_ids` only devices inside, or so far in, these cities are looked at.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        parameters = {"cities": None if city_ids is None else list(city_ids)}
        cursor.execute(sql.load("sightings", "place_devices"), parameters)
        moved = cursor.rowcount
        cursor.execute(sql.load("sightings", "place_events"), parameters)
        return int(moved + cursor.rowcount)


def _moves_in_force(claim: Claim, taken_back: Mapping[UUID, UUID]) -> list[Attachment]:
    """Return a claim's moves in order, without those that were taken back."""
    rows = {row.follows_id: row for row in claim.attachments.select_related("device")}
    in_force: list[Attachment] = []
    row = rows.get(None)
    while row is not None:
        undone = taken_back.get(row.decision) if row.decision else None
        if undone is not None and in_force and in_force[-1].decision == undone:
            in_force.pop()
        else:
            in_force.append(row)
        row = rows.get(row.id)
    return in_force


def _back_to(moves: Sequence[Attachment]) -> Device | None:
    """Return where a claim stood before its last move; where a merge took that, its survivor."""
    device = moves[-2].device if len(moves) > 1 else None
    if device is None or device.merged_into_id == moves[-1].device_id:
        return device
    return survivor_of(device)


def _new_device(claim: Claim) -> Device:
    """Make the device of a claim that is on none."""
    if claim.location is None:
        raise BadInput(_("Nothing says where the device stands; give its position."))
    return Device.objects.create(location=claim.location, updated_on=today())


def lock_devices(ids: Iterable[UUID]) -> None:
    """Lock devices in the order of their ids."""
    list(Device.objects.select_for_update().filter(id__in=list(ids)).order_by("id").values("id"))


def append_attachment(*, claim: Claim, device: Device | None, decision: UUID | None) -> None:
    """Add one row to a claim's chain and let the claim point where it stands."""
    last = Attachment.objects.filter(claim=claim, followed_by__isnull=True).first()
    Attachment.objects.create(claim=claim, device=device, follows=last, decision=decision)
    claim.device = device
    claim.save(update_fields=["device"])


def leave_device(*, device: Device, state: DeviceState, merged_into: Device | None = None) -> None:
    """Take a device off the map; its id is never used again."""
    DeviceCapability.objects.filter(device=device).delete()
    Device.objects.filter(id=device.id).update(
        state=state,
        merged_into=merged_into,
        verification="unverified",
        verified_by=None,
        location=None,
        city=None,
        provenance={},
        updated_on=today(),
        version=F("version") + 1,
    )
    device.refresh_from_db()
