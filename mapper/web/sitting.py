"""A sitting: some minutes at the queue, served by benefit; kept in the session of who sits.

It holds when it ends and how many were decided, and no report.
"""

import datetime
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from mapper.moderation import company, stops
from mapper.moderation.models import Notice
from mapper.web.staff_doors import staff_of

LENGTHS_MIN = (10, 20, 40)
_KEY = "sitting"


@dataclass(frozen=True)
class Sitting:
    """How far a sitting has come."""

    ends_at: datetime.datetime
    decided: int

    @property
    def minutes_left(self) -> int:
        """Return the whole minutes left, the last one counted as one."""
        return max(0, -int((timezone.now() - self.ends_at).total_seconds() // 60))

    @property
    def is_over(self) -> bool:
        """Return whether its time is up."""
        return timezone.now() >= self.ends_at


def begin(request: HttpRequest, *, minutes: int) -> None:
    """Start a sitting, in the place of one that runs."""
    ends_at = timezone.now() + datetime.timedelta(minutes=minutes)
    request.session[_KEY] = {"ends_at": int(ends_at.timestamp()), "decided": 0}


def sitting_of(request: HttpRequest) -> Sitting | None:
    """Return the sitting that runs, or None."""
    kept = request.session.get(_KEY)
    if not kept:
        return None
    ends_at = datetime.datetime.fromtimestamp(kept["ends_at"], tz=datetime.UTC)
    return Sitting(ends_at=ends_at, decided=kept["decided"])


def count_decision(request: HttpRequest) -> None:
    """Count one more decision of the sitting that runs, if one does."""
    if kept := request.session.get(_KEY):
        request.session[_KEY] = kept | {"decided": kept["decided"] + 1}


def end(request: HttpRequest) -> Sitting | None:
    """End the sitting; return how far it came."""
    ended = sitting_of(request)
    request.session.pop(_KEY, None)
    return ended


def following(request: HttpRequest) -> str | None:
    """Return the address of what to look at next: in a sitting the best, else the first that waits.

    What others have open is left to them as long as anything else waits.
    """
    theirs = company.open_elsewhere(user=staff_of(request))
    sitting = sitting_of(request)
    if sitting and not sitting.is_over:
        return address_of(stops.best_stop(apart_from=theirs))
    return address_of(stops.next_stop(apart_from=theirs))


def address_of(stop: stops.Stop | None) -> str | None:
    """Return the page of a notice or report."""
    if stop is None:
        return None
    page = "moderation_notice" if isinstance(stop, Notice) else "moderation_report"
    return reverse(page, args=[stop.id])
