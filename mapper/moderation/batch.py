"""Accepts several reports at once, only where nothing is left to judge but what a photo shows.

Each becomes a decision of its own. Nothing notes which ones were decided together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from mapper import sql
from mapper.accounts.models import User
from mapper.errors import Refusal
from mapper.moderation.actions import accept_report
from mapper.moderation.models import Decision
from mapper.moderation.order import NEIGHBOURHOOD_M, Rank, ranked
from mapper.moderation.recording import require_moderator
from mapper.photos.models import Photo, PhotoState
from mapper.sightings.models import Receipt, Sighting
from mapper.sightings.vocabulary import Kind, PositionSource, Presence, SightingState

MOST = 24
# Of the oldest that qualify by themselves, those that stand alone are offered.
_CANDIDATES = 120


@dataclass(frozen=True)
class Accepted:
    """What a batch came to."""

    decisions: list[Decision]
    left_out: int


def safe_reports(*, apart_from: Iterable[UUID] = ()) -> list[Sighting]:
    """Return the reports that may be accepted together, the oldest first; three queries.

    Each has a photo, a kind and the walker's own pin, in a city, with no device and no other
    waiting report within 50 m, and no words of its author that somebody should read first.
    """
    candidates = list(_plain_ones().exclude(id__in=list(apart_from))[:_CANDIDATES])
    safe = _standing_alone([report.id for report in candidates])
    return [report for report in candidates if report.id in safe][:MOST]


def accept_batch(*, chosen: Sequence[tuple[UUID, int]], actor: User) -> Accepted:
    """Accept the chosen reports (id and version as they were seen), each by its own decision.

    What changed or got company since then is left out. No photo becomes public by it.
    """
    require_moderator(actor)
    plain = {report.id: report for report in _plain_ones().filter(id__in=dict(chosen[:MOST]))}
    safe = _standing_alone(list(plain))
    decisions = []
    for id_, version in chosen[:MOST]:
        if id_ not in safe:
            continue
        try:
            decisions.append(_accept(plain[id_], version, actor))
        except Refusal:
            continue
    return Accepted(decisions, left_out=len(chosen) - len(decisions))


def _accept(report: Sighting, version: int, actor: User) -> Decision:
    return accept_report(
        sighting=report,
        actor=actor,
        position=None,
        device=None,
        corrections={},
        gates={},
        version=version,
    )


def _plain_ones() -> QuerySet[Sighting]:
    """Return the reports that say all that is needed, by their own columns."""
    photos = Photo.objects.filter(sighting=OuterRef("pk"))
    cleaned = photos.filter(state=PhotoState.AWAITING_REVIEW).exclude(covered_name="")
    asked = Receipt.objects.filter(sighting=OuterRef("pk")).exclude(question="", answer="")
    plain: QuerySet[Sighting] = ranked().filter(
        Exists(cleaned) & ~Exists(photos.filter(state=PhotoState.RECEIVED)) & ~Exists(asked),
        Q(rank=Rank.READY),
        state=SightingState.RECEIVED,
        presence=Presence.THERE,
        position_source=PositionSource.WALKER,
        location__isnull=False,
        confirms_device__isnull=True,
        note="",
        operator="",
    )
    return plain.exclude(kind=Kind.UNKNOWN).prefetch_related("photos")


def _standing_alone(ids: list[UUID]) -> set[UUID]:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"reports": ids, "near_m": NEIGHBOURHOOD_M}
        cursor.execute(sql.load("moderation", "safe_reports"), parameters)
        return {row[0] for row in cursor.fetchall()}
