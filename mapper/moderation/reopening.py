"""Lets notices wait again whose answer is taken back."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from mapper.errors import Conflict
from mapper.moderation import second_thoughts
from mapper.moderation.models import Act, Decision, Notice, NoticeOutcome
from mapper.photos import flags
from mapper.photos.models import Photo, PhotoState


def reopen(*, decision: Decision) -> None:
    """Let the notices that a decision answered wait again: for ten minutes with all they said.

    Later nothing is left of their words, and which they were is known by what they are about.
    """
    facts = second_thoughts.kept(decision=decision.id)
    if facts is None:
        outcome = NoticeOutcome.KEPT if decision.act == Act.KEEP else NoticeOutcome.SETTLED
        about = Q(target=decision.target) | Q(id=decision.target)
        found = Notice.objects.filter(about, outcome=outcome)
        facts = {"notices": {str(notice.id): {} for notice in found}, "flag": ""}
    reopened = Notice.objects.filter(id__in=facts["notices"]).exclude(outcome="")
    if not reopened.exists():
        raise Conflict(_("Nothing is left of the notice that this answered."))
    for notice in reopened:
        for name, value in facts["notices"][str(notice.id)].items():
            setattr(notice, name, value)
        notice.outcome = NoticeOutcome.WAITING
        notice.save()
    photo = Photo.objects.filter(id=decision.target, state=PhotoState.PUBLISHED).first()
    if photo is not None and decision.act == Act.KEEP:
        flags.unkeep_flagged_photo(photo=photo, flag=facts["flag"])


def answer_again(*, photo: UUID) -> None:
    """Say "it stays" to whoever asked for a photo that an undoing published again."""
    Notice.objects.filter(target=photo, outcome=NoticeOutcome.HIDDEN).update(
        outcome=NoticeOutcome.KEPT
    )


def facts_of(ids: Collection[UUID], photo: Photo | None) -> dict[str, Any]:
    """Return what a decision on notices is about to forget, JSON-ready."""
    rows = Notice.objects.filter(id__in=ids)
    said = {
        str(row.id): {
            "words": row.words,
            "page": row.page,
            "arrived_at": row.arrived_at.isoformat() if row.arrived_at else None,
            "city_id": row.city_id,
            "has_hidden": row.has_hidden,
        }
        for row in rows
    }
    return {"notices": said, "flag": photo.flag if photo else ""}
