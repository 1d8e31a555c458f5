"""The desk in figures: what waits, how long it took, what was decided and why, month by month."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone

from mapper.moderation import waits
from mapper.moderation.models import Act, Decision
from mapper.moderation.order import Rank, to_do

MONTHS = 12
_MONTH_DAYS = 31


@dataclass(frozen=True)
class Month:
    """What was decided in a month, undone decisions left out."""

    month: str
    accepted: int
    refused: int
    # Reason -> how many.
    reasons: dict[str, int]
    # The class of the middle wait (`waits.CLASSES_DAYS`, 0 beyond), None where too few are known.
    median_days: int | None


def months() -> list[Month]:
    """Return the last months in which something was decided, the latest first; two queries."""
    since = timezone.now().date() - datetime.timedelta(days=MONTHS * _MONTH_DAYS)
    decided = (
        Decision.objects.filter(
            act__in=[Act.ACCEPT, Act.REFUSE], undone_by__isnull=True, made_on__gte=since
        )
        .annotate(month=TruncMonth("made_on"))
        .order_by()
        .values_list("month", "act", "reason")
        .annotate(count=Count("id"))
    )
    by_month: dict[str, dict[str, int]] = {}
    for month, act, reason, count in decided:
        by_month.setdefault(f"{month:%Y-%m}", {})["" if act == Act.ACCEPT else reason] = count
    medians = waits.medians()
    return [
        _month(name, counts, medians.get(name))
        for name, counts in sorted(by_month.items(), reverse=True)[:MONTHS]
    ]


def overdue() -> int:
    """Return how many reports wait for us for longer than `QUEUE_PATIENCE_DAYS`, slow ones too."""
    before = timezone.now() - datetime.timedelta(days=settings.QUEUE_PATIENCE_DAYS)
    return to_do().filter(arrived_at__lt=before).exclude(rank=Rank.ASKED).count()


def _month(name: str, counts: dict[str, int], median_days: int | None) -> Month:
    reasons = {reason: count for reason, count in counts.items() if reason}
    return Month(name, counts.get("", 0), sum(reasons.values()), reasons, median_days)
