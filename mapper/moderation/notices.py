"""What readers without an account object to: a flag may hide a photo at once, all else waits.

A flag never hides a point and never changes a figure: only moderators do.
"""

import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper import sql
from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict
from mapper.moderation import actions, second_thoughts
from mapper.moderation.models import (
    Act,
    Decision,
    ErasureReason,
    Notice,
    NoticeOutcome,
    NoticeReason,
    Target,
)
from mapper.moderation.recording import record, require_moderator
from mapper.moderation.reopening import facts_of
from mapper.photos import flags
from mapper.photos.models import Photo, PhotoState
from mapper.sightings.days import this_month
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import DeviceState

# So many photos of one city may vanish within an hour before somebody has looked.
MOST_HIDINGS = 10
HIDINGS_WITHIN = datetime.timedelta(hours=1)


@transaction.atomic
def take_notice(
    *,
    code_key: str,
    reason: str,
    photo: Photo | None = None,
    device: Device | None = None,
    page: str = "",
    words: str = "",
    may_hide: bool = True,
) -> Notice:
    """Queue a notice; one that says a photo shows somebody hides it, once and within limits."""
    city = None
    if photo is not None and photo.sighting.claim and photo.sighting.claim.device:
        city = photo.sighting.claim.device.city
    elif device is not None:
        city = device.city
    is_hidden = False
    if photo is not None and reason == NoticeReason.PERSON and may_hide:
        is_hidden = _hide(photo, city.pk if city else None)
    target = photo or device
    return Notice.objects.create(
        code_key=code_key,
        reason=reason,
        target_kind="" if target is None else Target.PHOTO if photo else Target.DEVICE,
        target=target.id if target else None,
        city=city,
        page=page,
        words=words,
        arrived_at=timezone.now(),
        used_in=this_month(),
        has_hidden=is_hidden,
    )


@transaction.atomic
def decide_notice(*, notice: Notice, actor: User, outcome: str, reason: str = "") -> Decision:
    """Answer a notice, and with it all others about the same thing; `reason` is an erasure's."""
    require_moderator(actor)
    found = Notice.objects.select_for_update().filter(id=notice.id, outcome="").first()
    if found is None:
        raise Conflict(_("This notice was decided already; reload the page."))
    ends = [found.id]
    if found.target is not None and outcome != NoticeOutcome.SETTLED:
        ends += Notice.objects.about(found.target).values_list("id", flat=True)
    facts = facts_of(ends, photo_of(found))
    decision = _done(found, actor, outcome, reason)
    second_thoughts.keep(decision=decision.id, facts=facts)
    Notice.objects.filter(id__in=ends).update(
        outcome=outcome, words="", page="", arrived_at=None, city=None, has_hidden=False
    )
    return decision


def photo_of(notice: Notice) -> Photo | None:
    """Return the published photo that a notice is about, hidden by a flag or not."""
    if notice.target is None or notice.target_kind != Target.PHOTO:
        return None
    photos = Photo.objects.select_related("sighting__claim__device")
    return photos.filter(id=notice.target, state=PhotoState.PUBLISHED).first()


def device_of(notice: Notice) -> Device | None:
    """Return the device that a notice, or the photo it is about, belongs to."""
    if notice.target is not None and notice.target_kind == Target.DEVICE:
        return Device.objects.filter(id=notice.target, state=DeviceState.PRESENT).first()
    photo = photo_of(notice)
    claim = photo.sighting.claim if photo else None
    return claim.device if claim else None


def _hide(photo: Photo, city: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql.load("moderation", "lock_hidings"))
    since = timezone.now() - HIDINGS_WITHIN
    if Notice.objects.hidings(city=city, since=since) >= MOST_HIDINGS:
        return False
    return flags.flag_photo(photo=photo)


def _done(notice: Notice, actor: User, outcome: str, reason: str) -> Decision:
    photo = photo_of(notice)
    device = device_of(notice)
    if outcome == NoticeOutcome.HIDDEN and photo is not None:
        return actions.hide_photo(photo=photo, actor=actor)
    if outcome == NoticeOutcome.ERASED and device is not None:
        return actions.erase_device(
            device=device, actor=actor, reason=reason or ErasureReason.OBJECTION
        )
    if outcome not in (NoticeOutcome.KEPT, NoticeOutcome.SETTLED):
        raise BadInput(_("This can't be done with what the notice is about; reload the page."))
    if outcome == NoticeOutcome.KEPT and photo is not None:
        flags.keep_flagged_photo(photo=photo)
    return record(
        actor=actor,
        act=Act.KEEP if outcome == NoticeOutcome.KEPT else Act.SETTLE,
        target_kind=Target(notice.target_kind) if notice.target else Target.NOTICE,
        target=notice.target or notice.id,
        device=device.id if device else None,
    )
