"""Holds what may be vandalism: a changeset that removes or moves many devices at once.

The rest of the load goes on, and so does the number that a server of changes is followed by: what
is held is kept whole here, and nothing is asked for again. A moderator applies it, or keeps ours.
"""

from django.db.backends.utils import CursorWrapper

from mapper import sql

# Nearer than this a device is put right, not moved.
MOVED_M = 20.0


def hold_changes(cursor: CursorWrapper, most: int, *, is_change: bool) -> int:
    """Take out of a judged load what is to be held; return how many objects.

    Called inside the load's transaction, after `judge_staging`.
    """
    parameters = {"most": most, "moved_m": MOVED_M, "is_change": is_change}
    cursor.execute(sql.load("osm", "hold_changes"), parameters)
    return int(cursor.rowcount)
