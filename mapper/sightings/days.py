"""The one clock of the evidence: the day, and the month it is cut to."""

import datetime

from django.utils import timezone


def today() -> datetime.date:
    """Return the day in UTC."""
    return timezone.now().date()


def this_month() -> str:
    """Return the month as a partial date, 2026-11."""
    return today().strftime("%Y-%m")
