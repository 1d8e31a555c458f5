"""The list of what was erased, hidden or withdrawn, which every restore takes out again.

One line each: kind, public id, and for devices and documents the decision. Sorted, without dates.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from mapper.documents.actions import withdraw_document
from mapper.documents.models import Document
from mapper.errors import CommandFailure
from mapper.intake.actions import take_back
from mapper.moderation.models import Act, Decision
from mapper.operations.private_file import write_private
from mapper.photos.actions import delete_photo, hide_photo
from mapper.photos.models import Photo, PhotoState
from mapper.sightings.actions import erase_device
from mapper.sightings.models import Claim, Device, Sighting
from mapper.sightings.vocabulary import DeviceState, SightingState
from mapper.trust.actions import take_off_orphans
from mapper.upstream.actions import forget_device

FILE_NAME = "erasures.txt"
_HIDDEN = (PhotoState.KEPT_BACK, PhotoState.DELETED)


def write_list(path: Path) -> None:
    """Bring the list up to date: what is gone now joins it, what stands again leaves it."""
    kept = {line for line in _lines(path) if not _stands(line)}
    lines = sorted(kept | set(_gone()))
    write_private(path, "".join(f"{line}\n" for line in lines))


def _lines(path: Path) -> list[str]:
    """Return the lines of a list; none where there is no file."""
    if not path.is_file():
        return []
    try:
        text = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise CommandFailure(f"{path} is no list of erasures: it is not plain text.") from None
    except OSError as error:
        raise CommandFailure(f"{path} can't be read: {error.strerror}.") from None
    return [line for line in text.splitlines() if line.strip()]


def _gone() -> Iterator[str]:
    """Yield what this database says is gone."""
    decisions = dict(Decision.objects.filter(act=Act.ERASE).values_list("target", "id"))
    for device in Device.objects.filter(state=DeviceState.ERASED).values_list("id", flat=True):
        yield f"device {device} {decisions.get(device, device)}"
    withdrawn = Sighting.objects.filter(state=SightingState.WITHDRAWN)
    yield from (f"sighting {key}" for key in withdrawn.values_list("id", flat=True))
    hidden = Photo.objects.filter(state__in=_HIDDEN)
    yield from (f"photo {key}" for key in hidden.values_list("id", flat=True))
    documents = Document.objects.exclude(withdrawal=None).values_list("id", "withdrawal")
    yield from (f"document {key} {withdrawal}" for key, withdrawal in documents)


def _stands(line: str) -> bool:
    """Return whether what a line names is public here."""
    kind, key, *_rest = line.split()
    if kind == "photo":
        return Photo.objects.filter(id=key, state=PhotoState.PUBLISHED).exists()
    if kind == "document":
        return Document.objects.filter(id=key, is_public=True).exists()
    return False


@transaction.atomic
def replay(path: Path) -> int:
    """Take out of this database what a list names; return how many things stood in it."""
    count = 0
    for line in _lines(path):
        try:
            kind, key, *decision = line.split()
            act = _ACTS[kind]
            ids = UUID(key), UUID(decision[0]) if decision else uuid4()
        except (KeyError, ValueError):
            raise CommandFailure(f"{path} holds the line {line!r}, which is no erasure.") from None
        count += act(*ids)
    # What nobody has decided is in no backup; neither are the points that it made.
    return count + take_off_orphans()


def _erase_device(key: UUID, decision: UUID) -> bool:
    """Erase a device with its photos."""
    device = Device.objects.filter(id=key).exclude(state=DeviceState.ERASED).first()
    if device is None:
        return False
    claims = Claim.objects.filter(attachments__device=device)
    for photo in Photo.objects.filter(sighting__claim__in=claims.values("id")).order_by("id"):
        delete_photo(photo=photo)
    forget_device(device=device)
    erase_device(device=device, decision=decision)
    return True


def _take_back(key: UUID, decision: UUID) -> bool:
    """Withdraw an accepted report."""
    sighting = Sighting.objects.filter(id=key, state=SightingState.ACCEPTED).first()
    if sighting is None:
        return False
    take_back(sighting=sighting)
    return True


def _hide_photo(key: UUID, decision: UUID) -> bool:
    """Hide a photo."""
    photo = Photo.objects.filter(id=key, state=PhotoState.PUBLISHED).first()
    if photo is None:
        return False
    hide_photo(photo=photo)
    return True


def _withdraw_document(key: UUID, decision: UUID) -> bool:
    """Withdraw a document."""
    document = Document.objects.filter(id=key, withdrawal=None).first()
    if document is None:
        return False
    withdraw_document(document=document, reason=_("This document was withdrawn."))
    return True


_ACTS = {
    "device": _erase_device,
    "sighting": _take_back,
    "photo": _hide_photo,
    "document": _withdraw_document,
}
