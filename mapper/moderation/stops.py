"""The way through all that waits: flags and objections first, then reports in their order."""

from collections.abc import Collection
from uuid import UUID

from mapper.moderation import order
from mapper.moderation.models import Notice
from mapper.sightings.models import Sighting

Stop = Notice | Sighting


def next_stop(after: UUID | None = None, *, apart_from: Collection[UUID] = ()) -> Stop | None:
    """Return what follows a notice or report on the way; at its end the first one again.

    Reports `apart_from` (others have them open) come only where nothing else waits.
    """
    notices = _waiting_notices()
    ahead = notices[notices.index(after) + 1 :] if after in notices else []
    if ahead:
        return _notice(ahead[0])
    report = None
    if after is not None and after not in notices:
        report = order.report_beyond(after, apart_from=apart_from)
    elif after is not None:
        report = order.next_report(apart_from=apart_from)
    others = [id_ for id_ in notices if id_ != after]
    if report is None and others:
        return _notice(others[0])
    return report or order.next_report(after, apart_from=apart_from)


def previous_stop(before: UUID) -> Stop | None:
    """Return what stands before a notice or report; None at the head of the way."""
    notices = _waiting_notices()
    if before in notices:
        place = notices.index(before)
        return _notice(notices[place - 1]) if place else None
    report = order.previous_report(before)
    if report is None and notices and order.is_waiting(before):
        return _notice(notices[-1])
    return report


def best_stop(*, apart_from: Collection[UUID] = ()) -> Stop | None:
    """Return what a short sitting gains most by: flags and objections, then the best report."""
    notice = Notice.objects.waiting().first()
    return notice or order.best_report(apart_from=apart_from)


def _waiting_notices() -> list[UUID]:
    return list(Notice.objects.waiting().values_list("id", flat=True))


def _notice(id_: UUID) -> Notice | None:
    return Notice.objects.filter(id=id_).first()
