"""In which order reports are worked through, what comes next, and what a short sitting serves.

Flags and objections come before all of them: `mapper.moderation.stops`.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import QuerySet
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    IntegerChoices,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from mapper.moderation.recording import PENDING
from mapper.photos.models import Photo, PhotoState
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Receipt, Sighting
from mapper.sightings.unchecked import device_of_unchecked
from mapper.sightings.vocabulary import SightingState, Verification
from mapper.trust.models import Obstacle

NEIGHBOURHOOD_M = 50.0
# Two reports more of a device that nobody has verified: one decision makes it true for all.
CONFIRMATIONS_THAT_RAISE = 2
# What a sitting looks through to find a place where nothing is known yet.
_CANDIDATES = 60
# Reports that came back by an undoing have no time of arrival any more: after those that have one.
_LAST = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


class Rank(IntegerChoices):
    """Why a report stands where it does, the first first; within a rank the oldest first."""

    ANSWERED = 0, _("answered")
    RAISED = 1, _("confirmed twice, not verified")
    READY = 2, _("with a photo, or of a known device")
    BARE = 3, _("without a photo, can wait")
    # Slow for want of a proof of work alone: not behind a flood that came before it.
    UNPROVEN = 4, _("without a proof of work, slow queue")
    SLOW = 5, _("in the slow queue")
    ASKED = 6, _("waiting for an answer")


@dataclass(frozen=True)
class QueueCounts:
    """How much waits, by rank."""

    by_rank: dict[Rank, int]

    @property
    def to_do(self) -> int:
        """Return how many wait for us, and not for their authors."""
        return sum(count for rank, count in self.by_rank.items() if rank != Rank.ASKED)

    @property
    def waiting(self) -> int:
        """Return how many wait outside the slow queue, asked ones too."""
        return sum(count for rank, count in self.by_rank.items() if rank not in _SLOW)

    @property
    def slow(self) -> int:
        """Return how many are in the slow queue."""
        return sum(self.by_rank[rank] for rank in _SLOW)

    @property
    def asked(self) -> int:
        """Return how many wait for an answer."""
        return self.by_rank[Rank.ASKED]

    @property
    def served_first(self) -> int:
        """Return how many a sitting is for; the rest can wait."""
        return sum(self.by_rank[rank] for rank in _SERVED)

    @property
    def can_wait(self) -> int:
        """Return how many a sitting leaves."""
        return self.to_do - self.served_first


_SERVED = (Rank.ANSWERED, Rank.RAISED, Rank.READY)
_SLOW = (Rank.UNPROVEN, Rank.SLOW)


def ranked() -> QuerySet[Any]:
    """Return the reports that wait, each with its `rank` and `came_at`, in working order.

    One query; at 10,000 waiting reports the sort is what it costs (tens of milliseconds).
    """
    return (
        Sighting.objects.filter(state__in=PENDING)
        .annotate(rank=_rank(), came_at=Coalesce("arrived_at", Value(_LAST, DateTimeField())))
        .order_by("rank", "came_at", "id")
    )


def queue_counts() -> QueueCounts:
    """Return how much waits, in one query."""
    counts = dict(
        ranked().order_by().values("rank").annotate(count=Count("id")).values_list("rank", "count")
    )
    return QueueCounts({rank: counts.get(rank.value, 0) for rank in Rank})


def to_do() -> QuerySet[Any]:
    """Return, in order, what waits for us: not what waits for its author."""
    return ranked().exclude(rank=Rank.ASKED)


def next_report(after: UUID | None = None, *, apart_from: Collection[UUID] = ()) -> Sighting | None:
    """Return the report that follows another in the order; at the end the first one again.

    What is `apart_from` (others have it open) comes only where nothing else waits.
    """
    here = ranked().filter(id=after).first() if after else None
    waiting = to_do().exclude(id=after) if after else to_do()
    free = Q() if not apart_from else ~Q(id__in=apart_from)
    ways = [_beyond(here, "gt").filter(free)] if here else []
    ways += [waiting.filter(free), waiting]
    return next((found for way in ways if (found := way.first())), None)


def report_beyond(here: UUID, *, apart_from: Collection[UUID] = ()) -> Sighting | None:
    """Return the report that stands after another one; None at the end of the queue."""
    place = ranked().filter(id=here).first()
    found: Sighting | None = (
        _beyond(place, "gt").exclude(id__in=apart_from).first() if place else None
    )
    return found


def is_waiting(id_: UUID) -> bool:
    """Return whether a report stands in the queue."""
    return ranked().filter(id=id_).exists()


def previous_report(before: UUID) -> Sighting | None:
    """Return the report that stands before another; None at the head of the queue."""
    here = ranked().filter(id=before).first()
    found: Sighting | None = _beyond(here, "lt").reverse().first() if here else None
    return found


def best_report(after: UUID | None = None, *, apart_from: Collection[UUID] = ()) -> Sighting | None:
    """Return what a short sitting gains most by: answers, confirmed ones, then new places.

    Among reports with a photo, one of a place where no device is known comes before one more of a
    known device. Only the oldest few are compared, so that nothing old is left behind for long.
    """
    waiting = to_do().filter(rank__in=_SERVED).exclude(id__in=apart_from)
    if after:
        waiting = waiting.exclude(id=after)
    candidates: list[Any] = list(waiting[:_CANDIDATES])
    best: Sighting | None = candidates[0] if candidates else None
    if candidates and candidates[0].rank == Rank.READY:
        best = next(filter(_is_new_place, candidates), best)
    return best


def _is_new_place(report: Any) -> bool:
    position = position_of(report.location)
    if position is None or report.confirms_device_id:
        return False
    own = device_of_unchecked(report)
    near = Device.objects.present().near(position, NEIGHBOURHOOD_M)
    return not (near.exclude(id=own.id) if own else near).exists()


def _beyond(here: Any, side: str) -> QuerySet[Any]:
    """Return what stands on one side of a report: `gt` after it, `lt` before it."""
    rank, came_at = here.rank, here.came_at
    return to_do().filter(
        Q(**{f"rank__{side}": rank})
        | Q(rank=rank) & Q(**{f"came_at__{side}": came_at})
        | Q(rank=rank, came_at=came_at) & Q(**{f"id__{side}": here.id})
    )


def _rank() -> Case:
    photos = Photo.objects.filter(sighting=OuterRef("pk")).exclude(
        state__in=[PhotoState.DELETED, PhotoState.FAILED]
    )
    answered = Receipt.objects.filter(sighting=OuterRef("pk")).exclude(answer="")
    return Case(
        When(Exists(answered), then=Rank.ANSWERED),
        When(state=SightingState.QUESTION_ASKED, then=Rank.ASKED),
        When(
            is_slow=True,
            passage__obstacle=Obstacle.UNPROVEN,
            passage__flood__isnull=True,
            then=Rank.UNPROVEN,
        ),
        When(is_slow=True, then=Rank.SLOW),
        When(_is_raised(), then=Rank.RAISED),
        When(Exists(photos) | Q(confirms_device__isnull=False), then=Rank.READY),
        default=Rank.BARE,
        output_field=IntegerField(),
    )


def _is_raised() -> Q:
    """Return whether the unverified device of a report was confirmed often enough.

    The devices are found once for all reports: a subquery for each row would also make PostgreSQL
    expect enough work to compile it, which takes seconds.
    """
    confirming = Sighting.objects.filter(
        state__in=PENDING,
        # Declared too: paper and reports, and nobody has looked.
        confirms_device__verification__in=[Verification.UNVERIFIED, Verification.DECLARED],
        # Not those of a flood, which could lift itself in pairs, not even before the brake tripped.
        is_slow=False,
        passage__flood__isnull=True,
    )
    counted = confirming.order_by().values("confirms_device").annotate(count=Count("pk"))
    often = counted.filter(count__gte=CONFIRMATIONS_THAT_RAISE).values("confirms_device")
    return Q(claim__device__in=often) | Q(confirms_device__in=often)
