"""What a moderator decides of a photo apart from its report; each decision is in the log."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import Conflict
from mapper.moderation import second_thoughts
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.recording import locked_report, record, require_moderator
from mapper.photos import actions as photo_actions
from mapper.photos.boxes import Box, Redaction
from mapper.photos.models import Photo
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import SightingState


@transaction.atomic
def publish_photo(
    *, photo: Photo, gate: Collection[str], actor: User, redaction: Redaction | None = None
) -> Decision:
    """Publish a photo of an accepted report while its copy is there (a day after the decision)."""
    require_moderator(actor)
    device = _device_of(photo)
    if device is None or device.is_private_home:
        raise Conflict(_("Only photos of accepted reports are published, and of no private home."))
    photo_actions.publish_photo(photo=photo, gate=gate, redaction=redaction)
    return _record_photo(Act.PUBLISH_PHOTO, photo, device, actor)


def redact_photo(*, photo: Photo, redaction: Redaction, actor: User) -> Photo:
    """Keep what is covered of an unpublished photo; no decision yet."""
    require_moderator(actor)
    return photo_actions.redact_photo(photo=photo, redaction=redaction)


@transaction.atomic
def cover_photo(*, photo: Photo, boxes: tuple[Box, ...], actor: User) -> Decision:
    """Publish a public photo again with more of it covered; taking that back hides it."""
    require_moderator(actor)
    device = _device_of(photo)
    photo_actions.cover_more(photo=photo, boxes=boxes)
    return _record_photo(Act.PUBLISH_PHOTO, photo, device, actor)


@transaction.atomic
def pass_photo(*, photo: Photo, gate: Collection[str], actor: User) -> Decision:
    """Accept a photo of an undecided report: it shows a device, and nobody. Nothing is published.

    Where confirmations may verify, it is what a moderator must have seen of one of them.
    """
    require_moderator(actor)
    locked_report(photo.sighting, None)
    photo_actions.pass_photo(photo=photo, gate=gate)
    return _record_photo(Act.PASS_PHOTO, photo, None, actor)


@transaction.atomic
def hide_photo(*, photo: Photo, actor: User) -> Decision:
    """Take a public photo off the site at once; for ten minutes a slip can be undone."""
    require_moderator(actor)
    device = _device_of(photo)
    copies = photo_actions.public_copies(photo=photo)
    photo_actions.hide_photo(photo=photo)
    decision = _record_photo(Act.HIDE_PHOTO, photo, device, actor)
    facts = copies.as_dict() if copies else {}
    second_thoughts.keep(decision=decision.id, facts=facts)
    return decision


def _device_of(photo: Photo) -> Device | None:
    claim = photo.sighting.claim
    accepted = photo.sighting.state == SightingState.ACCEPTED
    return claim.device if accepted and claim is not None else None


def _record_photo(act: Act, photo: Photo, device: Device | None, actor: User) -> Decision:
    return record(
        actor=actor,
        act=act,
        target_kind=Target.PHOTO,
        target=photo.id,
        device=device.id if device else None,
    )
