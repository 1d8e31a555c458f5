"""A moderator's acts: each is whole or not at all, and writes one decision of the append-only log.

A report's row, or a device's, is locked before anything is read that the decision rests on.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from geo.geodesy import snap_to_grid
from geo.position import LonLat
from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict
from mapper.moderation import evidence, second_thoughts
from mapper.moderation.models import Act, Decision, ErasureReason, Question, Reason, Target
from mapper.moderation.photo_decisions import (
    cover_photo,
    hide_photo,
    pass_photo,
    publish_photo,
    redact_photo,
)
from mapper.moderation.pictures import link_picture
from mapper.moderation.recording import (
    check_version,
    locked_report,
    new_decision,
    record,
    require_moderator,
    settle,
)
from mapper.moderation.undoing import undo, unmerge
from mapper.photos import actions as photo_actions
from mapper.photos.boxes import Redaction
from mapper.photos.models import GATE, Photo, PhotoState
from mapper.sightings import actions as device_actions
from mapper.sightings.facts import facts_of, point_of, position_of
from mapper.sightings.models import Claim, Device, Receipt, Sighting
from mapper.sightings.projection import PRIVATE_HOME_CELL_M, project
from mapper.sightings.unchecked import device_of_unchecked, month_of
from mapper.sightings.vocabulary import PositionSource, SightingState, Source
from mapper.trust.actions import leave
from mapper.trust.holding import held_until, hold
from mapper.upstream import actions as upstream

__all__ = [
    "accept_report",
    "ask_question",
    "correct_device",
    "cover_photo",
    "erase_device",
    "hide_photo",
    "link_picture",
    "merge",
    "pass_photo",
    "publish_photo",
    "redact_photo",
    "refuse_report",
    "undo",
    "unmerge",
]


@transaction.atomic
def accept_report(
    *,
    sighting: Sighting,
    actor: User,
    position: LonLat | None,
    device: Device | None,
    corrections: Mapping[str, Any],
    gates: Mapping[UUID, Collection[str]],
    redactions: Mapping[UUID, Redaction] | None = None,
    is_private_home: bool = False,
    label_photo: UUID | None = None,
    version: int | None = None,
) -> Decision:
    """Make a report evidence: one claim, on a known device or a new one; erase what is private.

    `position` is where the device stands; None, or the report's own point, means that nobody
    moved it. `gates` says of each photo what the moderator looked for, `redactions` what was seen
    covered of it; a photo becomes public with all of the gate and the walker's leave, never at a
    private home. Of a prudent report nothing is
    public before its day: its claim is on no device until then.
    """
    require_moderator(actor)
    sighting = locked_report(sighting, version)
    decision = new_decision()
    device = take_as_evidence(
        sighting=sighting,
        decision=decision,
        position=position,
        device=device,
        corrections=corrections,
        gates=gates,
        redactions=redactions,
        is_private_home=is_private_home,
        label_photo=label_photo,
    )
    return record(
        id=decision,
        actor=actor,
        act=Act.ACCEPT,
        target_kind=Target.SIGHTING,
        target=sighting.id,
        device=device.id if device is not None else None,
    )


def take_as_evidence(
    *,
    sighting: Sighting,
    decision: UUID,
    position: LonLat | None = None,
    device: Device | None,
    corrections: Mapping[str, Any],
    gates: Mapping[UUID, Collection[str]],
    redactions: Mapping[UUID, Redaction] | None = None,
    is_private_home: bool = False,
    label_photo: UUID | None = None,
) -> Device | None:
    """Do what an acceptance does to a locked report; return its device, None before its day."""
    second_thoughts.remember(decision=decision, sighting=sighting)
    if device is None:
        device = device_of_unchecked(sighting)
    claim = evidence.make_claim(
        sighting=sighting,
        position=position,
        corrections=corrections,
        is_private_home=is_private_home,
        label_photo=label_photo,
    )
    until = held_until(sighting)
    if until is None:
        device = device_actions.attach_claim(claim=claim, device=device, decision=decision)
    leave(sighting=sighting, into=device, decision=decision)
    if device is not None:
        device.refresh_from_db()
    sighting.claim = claim
    settle(sighting=sighting, state=SightingState.ACCEPTED, month=month_of(sighting))
    if until is not None:
        hold(sighting=sighting, device=device, decision=decision, until=until)
    is_at_home = claim.is_private_home or (device is not None and device.is_private_home)
    _settle_photos(sighting, {} if is_at_home else gates, redactions or {})
    if until is None and device is not None and is_at_home:
        photo_actions.hide_photos_of(device=device)
    return device


@transaction.atomic
def refuse_report(
    *, sighting: Sighting, actor: User, reason: str, version: int | None = None
) -> Decision:
    """Refuse a report with a reason that its author sees; erase what is private."""
    require_moderator(actor)
    _check_choice(_("reason"), reason, Reason.values)
    sighting = locked_report(sighting, version)
    decision = new_decision()
    second_thoughts.remember(decision=decision, sighting=sighting)
    leave(sighting=sighting, into=None, decision=decision)
    sighting.refusal_reason = reason
    settle(sighting=sighting, state=SightingState.REFUSED, month=month_of(sighting))
    for photo in sighting.photos.exclude(state__in=[PhotoState.DELETED, PhotoState.FAILED]):
        photo_actions.keep_photo_back(photo=photo)
    photo_actions.settle_photos(sighting=sighting)
    return record(
        id=decision,
        actor=actor,
        act=Act.REFUSE,
        target_kind=Target.SIGHTING,
        target=sighting.id,
        reason=reason,
    )


@transaction.atomic
def ask_question(
    *, sighting: Sighting, actor: User, question: str, version: int | None = None
) -> Decision:
    """Ask the author one of the listed questions; the answer comes by the receipt."""
    require_moderator(actor)
    _check_choice(_("question"), question, Question.values)
    sighting = locked_report(sighting, version)
    asked = Receipt.objects.filter(sighting=sighting).update(question=question, answer="")
    if not asked:
        raise Conflict(_("Nobody holds a receipt of this report, so nobody could answer."))
    sighting.state = SightingState.QUESTION_ASKED
    sighting.version += 1
    sighting.save(update_fields=["state", "version"])
    return record(
        actor=actor,
        act=Act.ASK,
        target_kind=Target.SIGHTING,
        target=sighting.id,
        reason=question,
    )


@transaction.atomic
def merge(*, survivor: Device, other: Device, actor: User) -> Decision:
    """Say that two devices are one; the other's address leads to the survivor from now on."""
    require_moderator(actor)
    decision = new_decision()
    survivor = device_actions.merge_devices(survivor=survivor, other=other, decision=decision)
    if survivor.is_private_home:
        photo_actions.hide_photos_of(device=survivor)
    return record(
        id=decision,
        actor=actor,
        act=Act.MERGE,
        target_kind=Target.DEVICE,
        target=other.id,
        device=survivor.id,
    )


@transaction.atomic
def correct_device(
    *,
    device: Device,
    actor: User,
    position: LonLat | None = None,
    attributes: Mapping[str, Any] | None = None,
    is_private_home: bool = False,
    version: int | None = None,
) -> Decision:
    """Correct a device by a claim of the desk, which takes the earlier correction's place.

    The desk is no named source: manufacturer, model and capabilities need a label, a document or
    an OSM tag.
    """
    require_moderator(actor)
    device = _locked_device(device)
    check_version(device.version, version)
    said = evidence.checked_attributes(attributes or {})
    if {"manufacturer", "model", "capabilities"} & set(said):
        raise BadInput(
            _("Manufacturer, model and capabilities need a photo of the label or a document.")
        )
    if position is None and not said and not is_private_home:
        raise BadInput(_("Nothing is corrected: give a position or an attribute."))
    decision = new_decision()
    claim = _desk_claim(device, position, said, is_private_home, decision)
    device = device_actions.attach_claim(claim=claim, device=device, decision=decision)
    if device.is_private_home:
        photo_actions.hide_photos_of(device=device)
    return record(
        id=decision,
        actor=actor,
        act=Act.CORRECT,
        target_kind=Target.DEVICE,
        target=device.id,
        device=device.id,
    )


@transaction.atomic
def erase_device(*, device: Device, actor: User, reason: str) -> Decision:
    """Erase a device for good, with its photos and what was said of it; it answers 410."""
    require_moderator(actor)
    _check_choice(_("reason"), reason, ErasureReason.values)
    decision = new_decision()
    here = Q(device=device) | Q(device__isnull=True, attachments__device=device)
    claims = Claim.objects.filter(here)
    for photo in Photo.objects.filter(sighting__claim__in=claims.values("id")).order_by("id"):
        photo_actions.delete_photo(photo=photo)
    photo_actions.unlink_pictures(claims=claims)
    upstream.forget_device(device=device)
    device_actions.erase_device(device=device, decision=decision)
    return record(
        id=decision,
        actor=actor,
        act=Act.ERASE,
        target_kind=Target.DEVICE,
        target=device.id,
        device=device.id,
        reason=reason,
    )


def _settle_photos(
    sighting: Sighting,
    gates: Mapping[UUID, Collection[str]],
    redactions: Mapping[UUID, Redaction],
) -> None:
    """Publish the photos that passed the gate and may be public; keep the rest back.

    A photo that is still being cleaned can't have been looked at: it waits on the device's page.
    """
    for photo in sighting.photos.order_by("id"):
        has_passed = set(GATE) <= set(gates.get(photo.id, ()))
        if photo.may_be_public and has_passed and photo.covered_name:
            photo_actions.publish_photo(
                photo=photo, gate=gates[photo.id], redaction=redactions.get(photo.id)
            )
        elif photo.state == PhotoState.AWAITING_REVIEW:
            photo_actions.keep_photo_back(photo=photo)
    photo_actions.settle_photos(sighting=sighting)


def _locked_device(device: Device) -> Device:
    return Device.objects.select_for_update(of=("self",)).get(id=device.id)


def _desk_claim(
    device: Device,
    position: LonLat | None,
    said: Mapping[str, Any],
    is_private_home: bool,
    decision: UUID,
) -> Claim:
    """Return a claim of the desk that says what the earlier ones said, and what is new."""
    earlier = list(device.claims.filter(source=Source.DESK, linked_picture__isnull=True))
    made = project(facts_of(device.claims.all()))
    attributes: dict[str, Any] = {}
    for claim in sorted(earlier, key=lambda claim: claim.id, reverse=True):
        attributes |= claim.attributes
    kept = next((claim.location for claim in earlier if claim.location is not None), None)
    is_private_home = is_private_home or any(claim.is_private_home for claim in earlier)
    for claim in earlier:
        device_actions.detach_claim(claim=claim, decision=decision)
    if position is None:
        position = position_of(kept) or (made.position if made and is_private_home else None)
    if position is not None and is_private_home:
        position = snap_to_grid(position, PRIVATE_HOME_CELL_M)
    return Claim.objects.create(
        source=Source.DESK,
        location=point_of(position),
        position_source=PositionSource.MODERATOR if position else "",
        attributes=attributes | {name: value for name, value in said.items() if value},
        is_private_home=is_private_home,
    )


def _check_choice(name: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        raise BadInput(
            _("%(name)s=%(value)s is not known. Choose among: %(allowed)s.")
            % {"name": name, "value": repr(value[:40]), "allowed": " ".join(sorted(allowed))}
        )
