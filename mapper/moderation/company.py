"""Who else has this open? A soft note that ends by itself; it forbids nothing.

It lives in an unlogged table, for five minutes, and goes with the decision: it can't date one.
"""

import datetime
from uuid import UUID

from django.utils import timezone

from mapper.accounts.models import User
from mapper.moderation.models import OpenReport

LIFE = datetime.timedelta(minutes=5)


def note_open(*, report: UUID, user: User) -> None:
    """Note that somebody looks at a report, for the next minutes."""
    until = timezone.now() + LIFE
    OpenReport.objects.update_or_create(report=report, user=user, defaults={"until": until})


def who_else(*, report: UUID, user: User) -> list[User]:
    """Return who else has a report open, by name."""
    open_now = OpenReport.objects.filter(report=report, until__gt=timezone.now())
    others = open_now.exclude(user=user).select_related("user").order_by("user__username")
    return [row.user for row in others]


def open_elsewhere(*, user: User) -> dict[UUID, str]:
    """Return the reports that others have open, with one name each."""
    open_now = OpenReport.objects.filter(until__gt=timezone.now()).exclude(user=user)
    rows = open_now.select_related("user").order_by("user__username")
    return {row.report: row.user.shown_name for row in rows}


def close(*, report: UUID) -> None:
    """Forget who has a report open: it is decided."""
    OpenReport.objects.filter(report=report).delete()


def forget_old() -> int:
    """Forget what has ended; return how many."""
    gone, _rows = OpenReport.objects.filter(until__lte=timezone.now()).delete()
    return gone
