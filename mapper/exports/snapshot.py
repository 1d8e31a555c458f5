"""One state of the data for a whole download, however long it takes to send."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.translation import gettext as _

from mapper.errors import Unavailable

STREAMS_AT_ONCE = 2
STREAM_TIMEOUT_S = 300
_LOCK_CLASS = 7_301
_RETRY_AFTER_S = 30


@contextmanager
def snapshot(*, timeout_s: int = 0) -> Iterator[None]:
    """Read only, and all statements see the same rows; 0 leaves the statement timeout off."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # The rows of a download are sorted and joined whole: in memory, and without the half
        # second that compiling such a query takes.
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true),"
            " set_config('work_mem', '64MB', true)",
            [str(timeout_s * 1000)],
        )
        yield


def take_slot() -> None:
    """Hold one of the two places of streamed downloads until the transaction ends.

    Raises Unavailable, with the seconds after which to come back, when both are taken.
    """
    with connection.cursor() as cursor:
        for slot in range(STREAMS_AT_ONCE):
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, slot])
            if cursor.fetchone() == (True,):
                return
    raise Unavailable(
        _("Two downloads are being made. Try again in %(seconds)s seconds.")
        % {"seconds": _RETRY_AFTER_S},
        code="busy",
        retry_after_s=_RETRY_AFTER_S,
    )
