"""How exactly do we know the day? Dates that may stop at the year or the month: `2024`, `2024-05`.

A subset of EDTF level 0 (and of ISO 8601): what OSM's `start_date` and `check_date` hold when they
are well written. A missing part is never padded with 01.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from geo.errors import PartialDateError, shown

_PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month or a day of the Gregorian calendar; years 1 to 9999.

    Raises
    ------
    PartialDateError
        When it is no such date (31 February, a day without its month).

    Examples
    --------
    >>> str(PartialDate(2024, 5)), PartialDate(2024, 2).last_day
    ('2024-05', datetime.date(2024, 2, 29))
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise PartialDateError(f"Day {self.day} has no month; give the month too.")
        try:
            date(self.year, self.month or 1, self.day or 1)
            if self.month == 0 or self.day == 0:
                raise ValueError
        except (ValueError, OverflowError, TypeError):
            raise PartialDateError(
                f"{self.year}-{self.month}-{self.day} is not in the calendar; check the date."
            ) from None

    @property
    def first_day(self) -> date:
        """The first day that the partial date can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        """The last day that the partial date can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def truncated_to_month(self) -> PartialDate:
        """Return the month of a day; a month or a year stays what it is."""
        return PartialDate(self.year, self.month)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


def parse_partial_date(text: str) -> PartialDate:
    """Return the date that `text` writes as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and nothing else.

    Raises
    ------
    PartialDateError
        For any other text: `2024-5`, `05/2024`, `~2010`, `2010s`, times, blanks.

    Examples
    --------
    >>> parse_partial_date("2024-05")
    PartialDate(year=2024, month=5, day=None)
    """
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise PartialDateError(
            f"Date {shown(text)} is not understood; write 2024, 2024-05 or 2024-05-12."
        )
    return PartialDate(*(int(part) for part in match.groups() if part is not None))


def is_partial_date(text: str) -> bool:
    """Return whether `parse_partial_date` takes `text`."""
    try:
        parse_partial_date(text)
    except PartialDateError:
        return False
    return True


def truncate_to_month(text: str) -> str:
    """Return `text` without its day, if it has one: `2024-05-12` and `2024-05` give `2024-05`.

    Raises
    ------
    PartialDateError
        When `text` is not a partial date.
    """
    return str(parse_partial_date(text).truncated_to_month())


def date_range(text: str) -> tuple[date, date]:
    """Return the first and the last day, both included, that `text` can mean.

    >>> date_range("2023")
    (datetime.date(2023, 1, 1), datetime.date(2023, 12, 31))
    """
    parsed = parse_partial_date(text)
    return parsed.first_day, parsed.last_day


def earliest(texts: Iterable[str]) -> str | None:
    """Return the date by which something is known to have been there; None for no dates.

    That is the one whose *last* possible day comes first, so that nothing is claimed that no date
    says: of `2024` and `2024-05` it is `2024-05` (the year alone may mean December).

    Raises
    ------
    PartialDateError
        When one of the texts is not a partial date.
    """
    return _extreme(texts, key=lambda found: (found.last_day, -found.first_day.toordinal()))


def latest(texts: Iterable[str]) -> str | None:
    """Return the date at which something is known to have still been there; None for no dates.

    That is the one whose *first* possible day comes last: of `2024` and `2024-05` it is `2024-05`
    (the year alone may mean January).

    Raises
    ------
    PartialDateError
        When one of the texts is not a partial date.
    """
    return _extreme(texts, key=lambda found: (-found.first_day.toordinal(), found.last_day))


def _extreme(
    texts: Iterable[str], *, key: Callable[[PartialDate], tuple[date, int] | tuple[int, date]]
) -> str | None:
    dates = [parse_partial_date(text) for text in texts]
    return str(min(dates, key=key)) if dates else None
