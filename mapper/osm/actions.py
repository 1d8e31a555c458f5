"""Writes of the mirror of OSM: one load is one transaction, set by set, untouched rows untouched.

An object becomes an element with a claim and, through it, a device; an element keeps its claim,
and so its device, for ever, also when a moderator has merged the device into another.
"""

import datetime
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from geo.bbox import BBox
from geo.osm_tags import device_attributes
from mapper import sql
from mapper.errors import Conflict
from mapper.osm.guard import hold_changes
from mapper.osm.objects import OsmObject, RefusedObject
from mapper.sightings.bulk import project_devices
from mapper.sightings.days import today

# Two loads at once would judge by rows that the other is about to write.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('mapper.osm.load'))"
_COLUMNS = (
    "osm_type, osm_id, version, stamp, tags, location, is_visible, changeset, is_device, "
    "attributes, seen_from, seen_to"
)
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
    devices: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Return how many objects were read and understood."""
        known = self.changed + self.removed + self.unchanged + self.older + self.held
        return self.added + known


@transaction.atomic
def load_objects(
    *,
    objects: Iterable[OsmObject | RefusedObject],
    complete_for: BBox | None = None,
    data_at: datetime.datetime | None = None,
    hold_over: int | None = None,
    is_change: bool = False,
    is_quiet: bool = False,
) -> LoadReport:
    """Take in objects; with `complete_for`, what they lack of that region is removed.

    A changeset that removes or moves more than `hold_over` devices is held for a moderator
    (`mapper.osm.held`). With `is_change` what names no changeset counts as one of its own.

    Raises Conflict where a tenth or more of the region would be removed; then nothing is changed.
    """
    report = LoadReport()
    load = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        # Sorting what was staged must not go to the disk.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        _stage(cursor, objects, report)
        month = _month(data_at)
        cursor.execute(sql.load("osm", "judge_staging"), {"month": month})
        cursor.execute("ANALYZE osm_incoming (verdict, element_id, claim_id, device_id)")
        if hold_over is not None:
            report.held = hold_changes(cursor, hold_over, is_change=is_change)
        _judge_absent(cursor, complete_for, data_at)
        cursor.execute(sql.load("osm", "lock_devices"))
        touched = _write(cursor, load, month)
        _count(cursor, report)
    report.devices = project_devices(ids=touched, is_quiet=is_quiet)
    return report


def _stage(
    cursor: CursorWrapper, objects: Iterable[OsmObject | RefusedObject], report: LoadReport
) -> None:
    cursor.execute("DROP TABLE IF EXISTS osm_staging, osm_incoming, osm_absent")
    cursor.execute(sql.load("osm", "create_staging"))
    day = today()
    with cursor.copy(f"COPY osm_staging ({_COLUMNS}) FROM STDIN") as copy:
        for found in objects:
            if isinstance(found, RefusedObject):
                report.refused.append(str(found))
            else:
                copy.write_row(_row(found, day))
    cursor.execute("ANALYZE osm_staging (osm_type, osm_id, version)")


def _row(found: OsmObject, day: datetime.date) -> tuple[object, ...]:
    """Return an object with what its tags say, as one row of the staging table."""
    said = device_attributes(found.tags, today=day)
    attributes = {} if said is None else said.as_dict()
    seen_from, seen_to = attributes.pop("first_seen", ""), attributes.pop("last_seen", "")
    place = found.position
    return (
        found.osm_type,
        found.osm_id,
        found.version,
        found.timestamp,
        json.dumps(dict(found.tags), ensure_ascii=False),
        None if place is None else f"SRID=4326;POINT({place.lon!r} {place.lat!r})",
        found.is_visible,
        found.changeset,
        said is not None,
        json.dumps(attributes, ensure_ascii=False),
        seen_from,
        seen_to,
    )


def _judge_absent(
    cursor: CursorWrapper, region: BBox | None, data_at: datetime.datetime | None
) -> None:
    """Find what a complete source lacks of its region, and refuse a loss too large to believe."""
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


def _write(cursor: CursorWrapper, load: uuid.UUID, month: str) -> list[uuid.UUID]:
    """Write claims, attachments and elements; return the devices to project."""
    cursor.execute("SELECT device_id FROM osm_incoming WHERE verdict = 'added'")
    touched = {row[0] for row in cursor.fetchall()}
    cursor.execute(sql.load("osm", "insert_claims"))
    cursor.execute(sql.load("osm", "insert_attachments"), {"load": load})
    cursor.execute(sql.load("osm", "insert_elements"))
    cursor.execute(sql.load("osm", "record_changes"))
    cursor.execute(sql.load("osm", "update_elements"))
    cursor.execute(sql.load("osm", "remove_absent_elements"))
    cursor.execute(sql.load("osm", "update_claims"))
    touched.update(row[0] for row in cursor.fetchall())
    cursor.execute(sql.load("osm", "remove_absent_claims"), {"month": month})
    touched.update(row[0] for row in cursor.fetchall())
    # A claim that a moderator took off all devices stays off: its device is None.
    return sorted(device for device in touched if device is not None)


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
