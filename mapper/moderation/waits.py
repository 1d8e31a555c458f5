"""How long reports wait for a decision: counts by coarse class and month, never one report's wait.

A wait and the day of its decision would date the report. So waits are first gathered in memory
(a 0600 file on tmpfs) without anything else, and only ten at once are added to the month's counts.
What is in memory when the machine stops is not counted.
"""

import datetime
import fcntl
import os
from collections import Counter
from pathlib import Path

from django.db.models import F
from django.utils import timezone

from mapper.moderation import second_thoughts
from mapper.moderation.models import WaitCount

# A class ends before so many days; the last one has no end.
CLASSES_DAYS = (1, 3, 7, 14, 31, 92)
BATCH = 10
_FILE = "waits"


def count_wait(arrived_at: datetime.datetime | None) -> None:
    """Count how long a report that is being decided has waited."""
    folder = second_thoughts.memory_folder()
    if arrived_at is None or folder is None:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    gathered = _gathered(folder / _FILE, class_of(timezone.now() - arrived_at))
    month = timezone.now().strftime("%Y-%m")
    for class_, count in sorted(Counter(gathered).items()):
        row, _made = WaitCount.objects.get_or_create(month=month, class_days=class_)
        WaitCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def class_of(wait: datetime.timedelta) -> int:
    """Return the class of a wait: the days before which it ended, 0 for the last class."""
    return next((days for days in CLASSES_DAYS if wait < datetime.timedelta(days=days)), 0)


def medians() -> dict[str, int]:
    """Return for each month the class in which the middle one of its waits lies."""
    by_month: dict[str, Counter[int]] = {}
    for row in WaitCount.objects.all():
        by_month.setdefault(row.month, Counter())[row.class_days] += row.count
    return {month: _median(counts) for month, counts in by_month.items()}


def _median(counts: Counter[int]) -> int:
    before, half = 0, sum(counts.values()) / 2
    for class_ in (*CLASSES_DAYS, 0):
        before += counts[class_]
        if before >= half:
            return class_
    return 0


def _gathered(path: Path, class_: int) -> list[int]:
    """Add a class to those gathered; return all of them once there are enough, and begin anew."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        gathered = [int(line) for line in file.read().split()] + [class_]
        file.seek(0)
        file.truncate()
        if len(gathered) >= BATCH:
            return gathered
        # Sorted: not in the order of the decisions.
        file.write("\n".join(map(str, sorted(gathered))))
        return []
