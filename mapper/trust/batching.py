"""Which reports may appear together? Pure: no database, no clock, no chance.

A batch hides who reported when among others: five of a city at least. Who has waited two days
without that company joins what waits in the department, then all that waits; alone nobody goes.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

LEAST_OF_A_CITY = 5
LEAST_AT_ALL = 2
_OVERSEAS = ("97", "98")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that may appear; `place` is its city, or whatever keeps it apart from others."""

    id: UUID
    place: Hashable
    department: str
    has_waited_long: bool


@dataclass(frozen=True, slots=True)
class Together:
    """Reports that may appear together, and how few of them would be too few."""

    ids: tuple[UUID, ...]
    least: int


def department_of(country: str, code: str) -> str:
    """Return the department of a French municipality; empty where there is none to tell.

    Examples
    --------
    >>> department_of("FR", "35238"), department_of("FR", "97411"), department_of("FI", "091")
    ('FR-35', 'FR-974', '')
    """
    if country != "FR" or len(code) != 5:
        return ""
    return f"FR-{code[:3] if code.startswith(_OVERSEAS) else code[:2]}"


def compose(waiting: Iterable[Waiting]) -> list[Together]:
    """Return the batches that may appear now; who is in none goes on waiting."""
    batches: list[Together] = []
    left: list[Waiting] = []
    for group in _by(list(waiting), lambda report: report.place):
        if len(group) >= LEAST_OF_A_CITY:
            batches.append(_together(group, LEAST_OF_A_CITY))
        else:
            left += group
    alone: list[Waiting] = []
    for group in _by(left, lambda report: report.department):
        is_department = bool(group[0].department)
        if is_department and _may_go(group):
            batches.append(_together(group, LEAST_AT_ALL))
        else:
            alone += group
    if _may_go(alone):
        batches.append(_together(alone, LEAST_AT_ALL))
    return batches


def _may_go(group: Sequence[Waiting]) -> bool:
    """Return whether somebody of a group has waited long enough, and is not alone in it."""
    return len(group) >= LEAST_AT_ALL and any(report.has_waited_long for report in group)


def _together(group: Sequence[Waiting], least: int) -> Together:
    return Together(tuple(report.id for report in group), least)


def _by(reports: list[Waiting], key: Callable[[Waiting], Hashable]) -> list[list[Waiting]]:
    groups: dict[Hashable, list[Waiting]] = defaultdict(list)
    for report in reports:
        groups[key(report)].append(report)
    return list(groups.values())
