"""Takes reports and photos that a phone sends by itself, under ids that it made and may repeat.

The phone's ids stay private: only keyed hashes of them and of the bodies are kept, and only until
the decision. The same body again changes nothing; another one is a conflict.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from mapper.errors import BadInput, Conflict, NotFound
from mapper.intake import receipts
from mapper.intake.actions import OPEN_STATES, create_sighting
from mapper.intake.incoming import forget, read_incoming
from mapper.intake.placing import place_report
from mapper.intake.report import parse_report
from mapper.photos.actions import receive_photo
from mapper.photos.models import Photo
from mapper.photos.reading import PhotoRefusedError
from mapper.photos.refusals import reason_in_words
from mapper.sightings.models import Sighting


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a phone's report; the code is empty where the phone made its own."""

    sighting: Sighting
    is_new: bool
    code: tuple[str, ...]
    code_hash: str


def put_report(
    *,
    phone_id: UUID,
    said: Mapping[str, Any],
    language: str = "fr",
    slow_reason: str = "",
    proof: str | None = None,
) -> Taken:
    """Take a report under the phone's id; the same one again changes nothing.

    Nor is a proof of work asked for again: the first try spent it, though its answer was lost.
    """
    key = key_of_phone_id(phone_id, "sighting")
    code, code_hash = _code(key, said.get("receipt_hash"))
    # First what may refuse a field: what is left can be written as UTF-8.
    report = parse_report(said)
    body_key = key_of_body(json.dumps(said, sort_keys=True, ensure_ascii=False).encode())
    try:
        with transaction.atomic():
            known = Sighting.objects.filter(phone_key=key).first()
            if known is None:
                sighting = create_sighting(
                    report=report,
                    placed=place_report(report=report),
                    language=language,
                    slow_reason=slow_reason,
                    proof=proof,
                    phone_key=key,
                    body_key=body_key,
                )
                receipts.open_receipt(sighting=sighting, code_hash=code_hash)
                return Taken(sighting, True, code, code_hash)
    except IntegrityError:
        # The same phone sent it twice at once, or the hash of another report's code.
        known = Sighting.objects.filter(phone_key=key).first()
        if known is None:
            return _sent_before(code_hash)
    _refuse_other_body(known.body_key, body_key)
    return Taken(known, False, code, code_hash)


def put_photo(
    *, phone_id: UUID, sighting_id: UUID, code_hash: str, data: bytes
) -> tuple[Photo, bool]:
    """Take a photo for an open report of the same phone; return it and whether it is new."""
    sighting = _open_report(sighting_id, code_hash)
    key = key_of_phone_id(phone_id, "photo")
    body_key = key_of_body(data)
    known = Photo.objects.filter(phone_key=key).first()
    if known is not None:
        return _same_photo(known, sighting, body_key), False
    try:
        incoming = read_incoming(data)
    except PhotoRefusedError as refused:
        raise BadInput(
            _("The photo was not taken: %(reason)s.") % {"reason": reason_in_words(refused.reason)},
            code="photo-refused",
            reason=refused.reason,
        ) from None
    try:
        with transaction.atomic():
            # Locked: no decision falls, and no seventh photo comes, meanwhile.
            sighting = Sighting.objects.select_for_update(of=("self",)).get(id=sighting.id)
            _refuse_decided(sighting)
            _refuse_full(sighting)
            photo = receive_photo(
                sighting=sighting,
                upload_name=incoming.upload_name,
                facts=incoming.facts,
                may_be_public=sighting.photo_use == "public",
                phone_key=key,
                body_key=body_key,
            )
    except Conflict:
        forget([incoming])
        raise
    except Sighting.DoesNotExist:
        # Withdrawn while the photo was read.
        forget([incoming])
        raise NotFound(_("There is no such report; its author may have withdrawn it.")) from None
    except IntegrityError:
        forget([incoming])
        known = Photo.objects.get(phone_key=key)
        return _same_photo(known, sighting, body_key), False
    return photo, True


def key_of_phone_id(phone_id: UUID, kind: str) -> str:
    """Return what is kept of a phone's own id; the id can't be had from it."""
    return salted_hmac(f"contrechamp.phone.{kind}", phone_id.hex, algorithm="sha256").hexdigest()


def key_of_body(body: bytes) -> str:
    """Return what is kept of a body, to know it again."""
    return salted_hmac("contrechamp.body", body, algorithm="sha256").hexdigest()


def _code(phone_key: str, said: Any) -> tuple[tuple[str, ...], str]:
    """Return the code, if we make it, and its hash."""
    if said is None:
        code = receipts.code_of_phone(phone_key)
        return code, receipts.hash_of(code)
    if not isinstance(said, str) or not receipts.is_hash(said):
        raise BadInput(
            _(
                "receipt_hash is not a SHA-256 in 64 small hexadecimal digits; leave it out and we "
                "make the code."
            )
        )
    return (), said


def _sent_before(code_hash: str) -> Taken:
    """Return a decided report that its phone sends again because our answer never came.

    Its id and its body were forgotten at the decision; that its author knows the code is enough.
    """
    receipt = receipts.find_by_hash(code_hash)
    sighting = receipt.sighting if receipt is not None else None
    if sighting is None or sighting.state in OPEN_STATES:
        raise Conflict(_("This receipt belongs to another report; make a new one."))
    return Taken(sighting, False, (), code_hash)


def _open_report(phone_id: UUID, code_hash: str) -> Sighting:
    """Return the open report that a phone's id and its receipt name."""
    receipt = receipts.find_by_hash(code_hash) if receipts.is_hash(code_hash) else None
    sighting = receipt.sighting if receipt is not None else None
    if sighting is None:
        raise NotFound(
            _("There is no report with this receipt; send the report first."), code="no-report"
        )
    _refuse_decided(sighting)
    if sighting.phone_key != key_of_phone_id(phone_id, "sighting"):
        raise NotFound(_("This receipt is not that of this report."), code="no-report")
    return sighting


def _refuse_decided(sighting: Sighting) -> None:
    if sighting.state not in OPEN_STATES:
        raise Conflict(_("This report was decided; it takes no more photos."), code="decided")


def _refuse_full(sighting: Sighting) -> None:
    most = settings.MAX_PHOTOS_PER_REPORT
    if Photo.objects.filter(sighting=sighting).count() >= most:
        raise Conflict(
            _("This report has its %(most)s photos; it takes no more.") % {"most": most},
            code="photos-full",
        )


def _refuse_other_body(known: str, body_key: str) -> None:
    if known != body_key:
        raise Conflict(
            _("Something else was sent under this id before; it was not changed. Make a new id."),
            code="other-body",
        )


def _same_photo(known: Photo, sighting: Sighting, body_key: str) -> Photo:
    """Return the photo that is there already, unless it is another one."""
    _refuse_other_body(known.body_key if known.sighting_id == sighting.id else "", body_key)
    return known
