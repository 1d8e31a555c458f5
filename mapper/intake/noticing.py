"""Takes a notice from a form that needs no account: what it is about, what is wrong, a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from mapper.errors import BadInput, NotFound
from mapper.intake import receipts
from mapper.moderation.models import Notice, NoticeReason
from mapper.moderation.notices import take_notice
from mapper.photos.models import Photo
from mapper.sightings.lookup import find_device
from mapper.sightings.models import Device

MOST_WORDS = 2000
MOST_PAGE = 300
# What can't be judged without a word.
_NEEDS_WORDS = (NoticeReason.REPLY, NoticeReason.OTHER)


@dataclass(frozen=True, slots=True)
class About:
    """What a notice is about: a photo, a device, or another page."""

    photo: Photo | None = None
    device: Device | None = None


class NoticeErrors(BadInput):
    """Some fields can't be taken; `fields` says which and why."""

    code = "notice-invalid"

    def __init__(self, fields: Mapping[str, str]):
        """Keep the message of each field."""
        super().__init__(" ".join(fields.values()), fields=dict(fields))
        self.fields = dict(fields)


def about(*, photo: str = "", device: str = "") -> About:
    """Return what a form or a link names by its public id; only what is public can be named.

    Raises
    ------
    NotFound
        When there is no such public photo or device.
    """
    if photo:
        shown = Photo.objects.public().select_related("sighting__claim__device__city")
        found = shown.filter(id=_uuid(photo)).first()
        if found is None:
            raise NotFound(_("This photo is not public (any more)."))
        return About(
            photo=found, device=found.sighting.claim.device if found.sighting.claim else None
        )
    if device:
        return About(device=find_device(_uuid(device))[0])
    return About()


def send_notice(*, target: About, said: Mapping[str, str], may_hide: bool) -> tuple[str, ...]:
    """Queue a notice; return the twelve words of its receipt, shown this once."""
    values, errors = _read(said)
    if not errors and target == About() and not values["page"] and not values["words"]:
        errors["page"] = _("Say which page it is about, or what is wrong.")
    if errors:
        raise NoticeErrors(errors)
    code = receipts.new_code()
    take_notice(
        code_key=receipts.key_of(receipts.hash_of(code)),
        photo=target.photo,
        device=None if target.photo else target.device,
        may_hide=may_hide,
        **values,
    )
    return code


def outcome_in_words(notice: Notice) -> str:
    """Return what became of a notice."""
    return str(notice.get_outcome_display())


def _read(said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    values = {name: said.get(name, "").replace("\0", "").strip() for name in ("page", "words")}
    values["reason"] = said.get("reason", "")
    errors = {}
    if values["reason"] not in NoticeReason.values:
        errors["reason"] = _("Choose what is wrong.")
    elif values["reason"] in _NEEDS_WORDS and not values["words"]:
        errors["words"] = _("Say it in a few words.")
    for name, most in (("words", MOST_WORDS), ("page", MOST_PAGE)):
        if len(values[name]) > most:
            errors[name] = _("This has %(count)s characters; at most %(most)s are kept.") % {
                "count": len(values[name]),
                "most": most,
            }
    return values, errors


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_("There is nothing at this address.")) from None
