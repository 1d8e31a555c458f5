"""What a reader's flag does to a published photo: hidden once, until a moderator has looked."""

from django.db import transaction
from django.utils.translation import gettext as _

from mapper.errors import Conflict
from mapper.photos.models import Photo, PhotoFlag, PhotoState


@transaction.atomic
def flag_photo(*, photo: Photo) -> bool:
    """Hide a public photo until a moderator has looked; return whether it was. Once only."""
    photo = _locked(photo)
    if photo.state != PhotoState.PUBLISHED or photo.flag:
        return False
    photo.flag = PhotoFlag.HIDDEN
    photo.save(update_fields=["flag"])
    return True


@transaction.atomic
def keep_flagged_photo(*, photo: Photo) -> None:
    """Show a photo again that was flagged; no flag hides it any more."""
    photo = _locked(photo)
    if photo.state != PhotoState.PUBLISHED:
        raise Conflict(_("This photo is not public; reload the page."))
    photo.flag = PhotoFlag.KEPT
    photo.save(update_fields=["flag"])


@transaction.atomic
def unkeep_flagged_photo(*, photo: Photo, flag: str) -> None:
    """Give a photo back the flag that it had before it was kept."""
    photo = _locked(photo)
    photo.flag = flag
    photo.save(update_fields=["flag"])


def _locked(photo: Photo) -> Photo:
    return Photo.objects.select_for_update().get(id=photo.id)
