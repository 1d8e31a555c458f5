"""Writes of the mirror of OSM: one load is one transaction, set by set, untouched rows untouched.

An object becomes an element with a claim and, through it, a device; an element keeps its claim,
and so its device, for ever, also when a moderator has merged the device into another.
"""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from geo.bbox import BBox
from mapper import sql
from mapper.errors import Conflict
from mapper.osm.guard import hold_changes
from mapper.osm.known import Known
from mapper.osm.objects import NodeLine, OsmObject, RefusedObject
from mapper.osm.staging import Staging
from mapper.sightings.bulk import begin_projection, project_devices
from mapper.sightings.days import today

# Two loads at once would judge by rows that the other is about to write.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('mapper.osm.load'))"
# More than this much of a region can't vanish between two extracts; the extract is cut instead.
_ABSENT_PERCENT = 10


@dataclass
class LoadReport:
    """What became of the objects of a load."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    older: int = 0
    held: int = 0
    flags: int = 0
    devices: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Return how many objects were read and understood."""
        known = self.changed + self.removed + self.unchanged + self.older + self.held + self.flags
        return self.added + known


@transaction.atomic
def load_objects(
    *,
    objects: Iterable[OsmObject | RefusedObject | NodeLine],
    known: Known | None = None,
    complete_for: BBox | None = None,
    data_at: datetime.datetime | None = None,
    hold_over: int | None = None,
    is_change: bool = False,
    is_quiet: bool = False,
) -> LoadReport:
    """Take in objects; with `complete_for`, what they lack of that region is removed.

    A changeset that removes or moves more than `hold_over` devices is held for a moderator
    (`mapper.osm.held`). With `is_change` what names no changeset counts as one of its own.
    `known` is what the objects were read with: what it says was left unread is there, unchanged.
    Raises Conflict where a tenth or more of the region would be removed; then nothing is changed.
    """
    report = LoadReport()
    load = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        # Sorting what was staged must not go to the disk.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        staging = Staging(cursor)
        staging.fill(objects)
        report.refused += staging.refused
        unread = [] if known is None else known.unread
        month = _month(data_at)
        _judge(cursor, staging, month)
        if hold_over is not None:
            report.held = hold_changes(cursor, hold_over, is_change=is_change)
        _judge_absent(cursor, complete_for, data_at, unread)
        cursor.execute(sql.load("osm", "lock_devices"))
        _write(cursor, load, month)
        _count(cursor, report)
        report.unchanged += len(unread)
        cursor.execute(sql.load("osm", "write_flags"))
        report.flags = cursor.rowcount
        begin_projection(cursor)
        cursor.execute(sql.load("osm", "project_alone"))
        cursor.execute(sql.load("osm", "devices_to_project"))
        rest = [row[0] for row in cursor.fetchall()]
    report.devices = project_devices(
        ids=rest, is_begun=True, has_new=report.added > 0, is_quiet=is_quiet
    )
    return report


def _judge(cursor: CursorWrapper, staging: Staging, month: str) -> None:
    newest = sql.load("osm", "staged_once" if staging.is_ordered else "staged_newest")
    cursor.execute(sql.composed("osm", "judge_staging", {"month": month}, newest=newest))
    cursor.execute("ANALYZE osm_incoming (verdict, element_id, claim_id, device_id, said)")


def _judge_absent(
    cursor: CursorWrapper,
    region: BBox | None,
    data_at: datetime.datetime | None,
    unread: Sequence[bytes],
) -> None:
    """Find what a complete source lacks of its region, and refuse a loss too large to believe."""
    if region is not None and unread:
        with cursor.copy("COPY osm_unread FROM STDIN") as copy:
            copy.write(b"".join(head[1 : head.index(b" ")] + b"\n" for head in unread))
    boxes = [] if region is None else [part.as_tuple() for part in region.parts()]
    edges = list(zip(*boxes, strict=True)) or [(), (), (), ()]
    names = ("wests", "souths", "easts", "norths")
    parameters = {name: list(edge) for name, edge in zip(names, edges, strict=True)}
    cursor.execute(sql.load("osm", "judge_absent"), {**parameters, "data_at": data_at})
    cursor.execute("SELECT count(*), count(*) FILTER (WHERE is_absent) FROM osm_absent")
    known, absent = cursor.fetchone()
    if absent and absent * 100 >= known * _ABSENT_PERCENT:
        raise Conflict(
            f"{absent} of the {known} devices known in this region are not in the source; "
            f"{_ABSENT_PERCENT} percent or more can't have vanished, so nothing was changed. "
            "Check that the source covers the whole region, or load a change file instead."
        )


def _write(cursor: CursorWrapper, load: uuid.UUID, month: str) -> None:
    """Write claims, attachments and elements."""
    cursor.execute(sql.load("osm", "insert_claims"))
    cursor.execute(sql.load("osm", "insert_attachments"), {"load": load})
    cursor.execute(sql.load("osm", "insert_elements"))
    cursor.execute(sql.load("osm", "update_elements"))
    cursor.execute(sql.load("osm", "remove_absent_elements"))
    cursor.execute(sql.load("osm", "update_claims"))
    cursor.execute(sql.load("osm", "remove_absent_claims"), {"month": month})


def _count(cursor: CursorWrapper, report: LoadReport) -> None:
    cursor.execute("SELECT verdict, count(*) FROM osm_incoming GROUP BY verdict")
    counts = dict(cursor.fetchall())
    cursor.execute("SELECT count(*) FROM osm_absent WHERE is_absent")
    report.added, report.changed = counts.get("added", 0), counts.get("changed", 0)
    report.unchanged, report.older = counts.get("unchanged", 0), counts.get("older", 0)
    report.removed = counts.get("removed", 0) + cursor.fetchone()[0]
    cursor.execute(
        "SELECT osm_type, osm_id FROM osm_incoming WHERE verdict = 'placeless' "
        "ORDER BY osm_type, osm_id"
    )
    report.refused += [
        f"{osm_type}/{osm_id}: where it stands is not in the source."
        for osm_type, osm_id in cursor.fetchall()
    ]


def _month(data_at: datetime.datetime | None) -> str:
    return (data_at.date() if data_at else today()).strftime("%Y-%m")
