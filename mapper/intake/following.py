"""What the author of a report is told about it."""

from dataclasses import dataclass

from mapper.intake.actions import OPEN_STATES
from mapper.moderation.models import Question, Reason
from mapper.photos.models import PhotoFlag, PhotoState
from mapper.photos.refusals import reason_in_words
from mapper.photos.removed_names import in_words
from mapper.sightings.models import Device, Receipt, Sighting
from mapper.sightings.vocabulary import SightingState
from mapper.trust.holding import is_held
from mapper.trust.standing import standing_in_words


@dataclass(frozen=True, slots=True)
class PhotoStanding:
    """One photo of the report."""

    words: str
    failure: str
    public_name: str
    public_thumbnail_name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a report stands, and what its author may do."""

    state: str
    words: str
    is_open: bool
    is_accepted: bool
    reason: str
    question: str
    answer: str
    # How far a report got on its way onto the map; empty once it is decided and there.
    on_the_map: str
    device: Device | None
    photos: tuple[PhotoStanding, ...]
    removed: tuple[str, ...]


def standing_of(receipt: Receipt, sighting: Sighting) -> Standing:
    """Return what a receipt tells."""
    photos = list(sighting.photos.exclude(state=PhotoState.DELETED).order_by("id"))
    removed = {code for photo in photos for code in photo.removed}
    return Standing(
        state=sighting.state,
        words=str(SightingState(sighting.state).label),
        is_open=sighting.state in OPEN_STATES,
        is_accepted=sighting.state == SightingState.ACCEPTED,
        reason=_label(Reason, sighting.refusal_reason),
        question=_label(Question, receipt.question),
        answer=receipt.answer,
        on_the_map=_on_the_map(sighting),
        device=_device_of(sighting),
        photos=tuple(
            PhotoStanding(
                words=str(PhotoState(photo.state).label),
                failure=reason_in_words(photo.failure) if photo.failure else "",
                public_name="" if photo.flag == PhotoFlag.HIDDEN else photo.public_name,
                public_thumbnail_name=photo.public_thumbnail_name,
            )
            for photo in photos
        ),
        removed=tuple(in_words(removed)),
    )


def _on_the_map(sighting: Sighting) -> str:
    is_settled = sighting.state not in OPEN_STATES and not is_held(sighting)
    return "" if is_settled else standing_in_words(sighting)


def _label(words: type[Reason] | type[Question], value: str) -> str:
    return str(words(value).label) if value in words.values else ""


def _device_of(sighting: Sighting) -> Device | None:
    """Return the device on the map that the report made, or became evidence of."""
    device = sighting.claim.device if sighting.claim else None
    is_shown = device is not None and Device.objects.shown().filter(id=device.id).exists()
    return device if is_shown else None
