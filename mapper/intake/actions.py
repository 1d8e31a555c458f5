"""Takes a report in, and lets its author follow, amend, answer and withdraw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper.errors import BadInput, Conflict
from mapper.intake import receipts
from mapper.intake.flood import watch
from mapper.intake.incoming import IncomingPhoto
from mapper.intake.placing import Placed, place_report, seen_on
from mapper.intake.proof_of_work import spend
from mapper.intake.report import ReportInput, parse_report
from mapper.photos.actions import delete_photos_of, receive_photo
from mapper.photos.models import Photo, PhotoState
from mapper.sightings.actions import detach_claim
from mapper.sightings.facts import point_of, position_of
from mapper.sightings.models import Device, Receipt, Sighting
from mapper.sightings.vocabulary import SightingState
from mapper.trust.actions import enter, follow_change, leave
from mapper.trust.holding import drop as drop_hold
from mapper.trust.holding import held_until, is_held
from mapper.trust.models import Obstacle
from mapper.trust.parties import join
from mapper.upstream.actions import forget_report

NEIGHBOUR_RADIUS_M = 30.0
NEIGHBOURS = 3
MOST_ANSWER_CHARACTERS = 2000
OPEN_STATES = (SightingState.RECEIVED, SightingState.QUESTION_ASKED)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A report that was taken: its code, shown this once, and what was found in its photos."""

    sighting: Sighting
    code: tuple[str, ...]
    removed: tuple[str, ...]
    neighbours: tuple[Device, ...]


@transaction.atomic
def submit_report(
    *,
    report: ReportInput,
    photos: Sequence[IncomingPhoto] = (),
    language: str = "fr",
    slow_reason: str = "",
    proof: str | None = None,
) -> Submitted:
    """Take a report with its photos; nothing is written where anything of it can't be taken."""
    sighting, placed = take_report(
        report=report, photos=photos, language=language, slow_reason=slow_reason, proof=proof
    )
    code = receipts.new_code()
    receipts.open_receipt(sighting=sighting, code_hash=receipts.hash_of(code))
    removed = {name: None for photo in photos for name in photo.facts.removable}
    return Submitted(sighting, code, tuple(removed), neighbours_of(placed))


@transaction.atomic
def take_report(
    *,
    report: ReportInput,
    photos: Sequence[IncomingPhoto] = (),
    language: str = "fr",
    slow_reason: str = "",
    proof: str | None = None,
    obstacle: str = "",
) -> tuple[Sighting, Placed]:
    """Take a report that nobody will follow, such as one of a folder of photos."""
    placed = place_report(report=report, photos=photos)
    sighting = create_sighting(
        report=report,
        placed=placed,
        photos=photos,
        language=language,
        slow_reason=slow_reason,
        proof=proof,
        obstacle=obstacle,
    )
    for photo in photos:
        receive_photo(
            sighting=sighting,
            upload_name=photo.upload_name,
            facts=photo.facts,
            may_be_public=report.photo_use == "public",
        )
    return sighting, placed


def create_sighting(
    *,
    report: ReportInput,
    placed: Placed,
    photos: Sequence[IncomingPhoto] = (),
    language: str,
    slow_reason: str,
    proof: str | None = None,
    phone_key: str | None = None,
    body_key: str = "",
    obstacle: str = "",
) -> Sighting:
    """Write the row of a report that was placed; part of the caller's transaction.

    `slow_reason` is why the door sends it to the slow queue, such as a limit. `proof` is the proof
    of work that came with it, empty for none; None where nobody is asked for one. `obstacle` is why
    it must not go on the map by itself, where the door knows a reason.
    """
    party = join(word=report.party, position=placed.position)
    reason = "" if party is not None else slow_reason or _unproven(proof)
    sighting = Sighting(
        arrived_at=timezone.now(),
        language=language,
        is_slow=bool(reason),
        phone_key=phone_key,
        body_key=body_key,
    )
    _write(sighting, report, placed, seen_on(report=report, photos=photos))
    taken = [photo.facts.position for photo in photos]
    passage = enter(
        sighting=sighting,
        photo_positions=[position for position in taken if position is not None],
        obstacle=obstacle or reason,
        is_prudent=report.is_prudent,
        party=party,
    )
    watch(passage)
    sighting.refresh_from_db(fields=["is_slow"])
    return sighting


def _unproven(proof: str | None) -> str:
    """Return the obstacle of a report whose proof of work is wrong; a right one is spent."""
    if settings.REQUIRE_PROOF and proof is not None and not spend(proof):
        return Obstacle.UNPROVEN
    return ""


def neighbours_of(placed: Placed) -> tuple[Device, ...]:
    """Return the devices near a report, nearest first; none if it says which one it is."""
    if placed.device is not None:
        return ()
    return tuple(Device.objects.shown().near(placed.position, NEIGHBOUR_RADIUS_M)[:NEIGHBOURS])


@transaction.atomic
def amend(
    *, receipt: Receipt, said: Mapping[str, Any], language: str = "fr", slow_reason: str = ""
) -> Submitted | None:
    """Change what a report says: the report itself while it is open, else by a new claim.

    `said` holds the changed fields only. What was decided is never overwritten: the change of an
    accepted report becomes a report of its own, on the same device, with a code of its own, which
    is returned.
    """
    sighting = _locked(receipt)
    if sighting.state in OPEN_STATES:
        report = parse_report(fields_of(sighting) | dict(said))
        placed = _placed_again(sighting, report)
        _write(sighting, report, placed, report.seen_on or sighting.seen_on)
        _allow_photos(sighting)
        follow_change(sighting=sighting, is_prudent=report.is_prudent)
        return None
    device = sighting.claim.device if sighting.claim else None
    if sighting.state != SightingState.ACCEPTED or device is None:
        raise Conflict(_("This report was closed; make a new one instead."))
    # The day of the first walk is not that of the change.
    fields = fields_of(sighting) | {"seen_on": "", "device": str(device.id)} | dict(said)
    return submit_report(report=parse_report(fields), language=language, slow_reason=slow_reason)


@transaction.atomic
def answer_question(*, receipt: Receipt, answer: str) -> Sighting:
    """Give the moderator the author's answer; the report waits for its decision again."""
    sighting = _locked(receipt)
    if sighting.state != SightingState.QUESTION_ASKED:
        raise Conflict(_("No question is waiting for an answer."))
    text = answer.strip().replace("\0", "")
    if not text:
        raise BadInput(_("The answer is empty; write a few words."))
    if len(text) > MOST_ANSWER_CHARACTERS:
        raise BadInput(
            _("The answer has %(count)s characters; at most %(most)s are kept: shorten it.")
            % {"count": len(text), "most": MOST_ANSWER_CHARACTERS}
        )
    receipt.answer = text
    receipt.save(update_fields=["answer"])
    sighting.state = SightingState.RECEIVED
    sighting.version += 1
    sighting.save(update_fields=["state", "version"])
    return sighting


@transaction.atomic
def withdraw(*, receipt: Receipt) -> None:
    """Take a report back: all of it before the decision, after it what was not given away.

    Afterwards the claim is closed, and the device's address answers 410 if nothing else supports
    it; photos and receipt go. What left under ODbL can't be recalled, which the form says.
    """
    sighting = _locked(receipt)
    if sighting.state == SightingState.ACCEPTED:
        receipt.delete()
    take_back(sighting=sighting)


@transaction.atomic
def take_back(*, sighting: Sighting) -> None:
    """Do what a withdrawal does to a report; a restore does it again (`operations.erasures`)."""
    delete_photos_of(sighting=sighting)
    leave(sighting=sighting, into=None, decision=None)
    if sighting.state != SightingState.ACCEPTED or sighting.claim is None:
        forget_report(sighting=sighting)
        sighting.delete()
        return
    drop_hold(sighting=sighting)
    forget_report(sighting=sighting)
    detach_claim(claim=sighting.claim, decision=None)
    sighting.state = SightingState.WITHDRAWN
    sighting.direction = sighting.camera_type = sighting.mount = sighting.operator_type = ""
    sighting.version += 1
    sighting.save()


def fields_of(sighting: Sighting) -> dict[str, str]:
    """Return what a report says as the fields of the form."""
    position = position_of(sighting.location)
    is_walkers = sighting.position_source == "walker"
    return {
        "lat": f"{position.lat:.7f}" if position and is_walkers else "",
        "lon": f"{position.lon:.7f}" if position and is_walkers else "",
        "kind": sighting.kind,
        "seen_on": sighting.seen_on,
        "direction": sighting.direction,
        "camera_type": sighting.camera_type,
        "mount": sighting.mount,
        "operator_type": sighting.operator_type,
        "operator": sighting.operator,
        "note": sighting.note,
        "device": str(sighting.confirms_device_id or ""),
        "presence": sighting.presence,
        "seen_how": sighting.seen_how,
        "photo_use": sighting.photo_use,
        "consent_osm": "1" if sighting.has_osm_consent else "0",
        "terms": sighting.terms,
        "party": "",
        "prudent": "1" if held_until(sighting) or is_held(sighting) else "0",
    }


def _locked(receipt: Receipt) -> Sighting:
    """Return the report of a receipt as it is now, locked."""
    sighting = Sighting.objects.select_for_update(of=("self",)).filter(receipt=receipt).first()
    if sighting is None:
        # Withdrawn in another window since the receipt was read.
        raise Conflict(_("There is no such report; its author may have withdrawn it."))
    return sighting


def _placed_again(sighting: Sighting, report: ReportInput) -> Placed:
    """Return where an amended report is: a place that nobody changed stays what it was."""
    position = position_of(sighting.location)
    if report.position is None and position is not None and report.device is None:
        return Placed(position, sighting.position_source, None)
    return place_report(report=report)


def _write(sighting: Sighting, report: ReportInput, placed: Placed, day: str) -> None:
    """Set a report's columns to what was said, and save it."""
    sighting.location = point_of(placed.position)
    sighting.position_source = placed.source
    sighting.confirms_device = placed.device
    sighting.seen_on = day
    for name in (
        "kind",
        "direction",
        "camera_type",
        "mount",
        "operator_type",
        "operator",
        "note",
        "presence",
        "seen_how",
        "photo_use",
        "has_osm_consent",
        "terms",
    ):
        setattr(sighting, name, getattr(report, name))
    if sighting.pk and not sighting._state.adding:
        sighting.version += 1
    sighting.save()


def _allow_photos(sighting: Sighting) -> None:
    """Let the photos of an open report follow what its author now allows."""
    Photo.objects.filter(sighting=sighting).exclude(state=PhotoState.PUBLISHED).update(
        may_be_public=sighting.photo_use == "public"
    )
