"""Projects many devices at once, by the same pure function as one at a time.

For loads of tens of thousands: rows are copied into a staging table and written in a few
statements; a device that comes out as it was is not touched. Callers hold the transaction and,
for devices that are there already, their locks.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from tqdm import tqdm

from geo.position import LonLat
from mapper import sql
from mapper.sightings.actions import project_device
from mapper.sightings.days import today
from mapper.sightings.models import Device
from mapper.sightings.projection import (
    NUMBER_ATTRIBUTES,
    TEXT_ATTRIBUTES,
    ClaimFacts,
    Projection,
    project,
)

_CHUNK = 5_000
_COLUMNS = (
    "id",
    "location",
    "position_source",
    "kind",
    "directions",
    *TEXT_ATTRIBUTES,
    *NUMBER_ATTRIBUTES,
    "status",
    "verification",
    "verified_by_id",
    "sources",
    "first_seen",
    "last_seen",
    "provenance",
    "is_private_home",
    "capabilities",
)


def begin_projection(cursor: CursorWrapper) -> None:
    """Make the table of what devices are projected to be, for `project_devices` to write.

    A caller that knows what `project` makes of many claims (devices of one claim, of which there
    are a million that say the same) puts those rows in itself.
    """
    cursor.execute("DROP TABLE IF EXISTS sightings_projected, sightings_placed")
    cursor.execute(sql.load("sightings", "create_projected"))


@transaction.atomic
def project_devices(
    *,
    ids: Sequence[UUID],
    is_begun: bool = False,
    has_new: bool = True,
    is_quiet: bool = False,
) -> int:
    """Write what the claims of devices make of them, new ones included; return how many changed.

    With `is_begun` also what the caller put in after `begin_projection`; without `has_new` no
    device is looked for that is not there.
    """
    if not ids and not is_begun:
        return 0
    with connection.cursor() as cursor:
        if not is_begun:
            begin_projection(cursor)
        unplaced = _stage(cursor, ids, is_quiet=is_quiet)
        cursor.execute("ANALYZE sightings_projected (id, location)")
        cursor.execute(sql.load("sightings", "place_projected"))
        changed = 0
        for statement in ("update_projected", *(["insert_projected"] if has_new else [])):
            cursor.execute(sql.load("sightings", statement), {"today": today()})
            changed += int(cursor.rowcount)
        cursor.execute(sql.load("sightings", "drop_capabilities"))
        cursor.execute(sql.load("sightings", "add_capabilities"))
    for device in Device.objects.filter(id__in=unplaced):
        project_device(device=device)
    return changed + len(unplaced)


def _stage(cursor: CursorWrapper, ids: Sequence[UUID], *, is_quiet: bool) -> list[UUID]:
    """Project devices into the staging table; return those that no claim places."""
    unplaced: list[UUID] = []
    hide = True if is_quiet or not ids else None
    with tqdm(total=len(ids), desc="Devices", unit="", disable=hide) as bar:
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            unplaced += _stage_chunk(cursor, chunk)
            bar.update(len(chunk))
    return unplaced


def _stage_chunk(cursor: Any, ids: Sequence[UUID]) -> list[UUID]:
    """Project some devices into the staging table; return those that no claim places."""
    cursor.execute(sql.load("sightings", "claims_of_devices"), {"ids": list(ids)})
    projections = {
        device: project(claims) for device, claims in _claims_by_device(cursor.fetchall())
    }
    with cursor.copy(f"COPY sightings_projected ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for device, made in projections.items():
            if made is not None and made.position is not None:
                copy.write_row(_row(device, made, made.position))
    return [
        device
        for device in ids
        if (made := projections.get(device)) is None or made.position is None
    ]


def _claims_by_device(
    rows: Iterable[tuple[Any, ...]],
) -> Iterator[tuple[UUID, list[ClaimFacts]]]:
    for device, group in groupby(rows, key=lambda row: row[0]):
        yield device, [_facts(row) for row in group]


def _facts(row: tuple[Any, ...]) -> ClaimFacts:
    """Return the facts of one row of claims_of_devices.sql."""
    _, key, source, is_verified, presence, lon, lat, position_source, said, *rest = row
    has_label_photo, seen_from, seen_to, is_private_home = rest
    return ClaimFacts(
        id=key,
        source=source,
        is_verified=is_verified,
        presence=presence,
        position=None if lon is None else LonLat(lon, lat),
        position_source=position_source,
        attributes=json.loads(said) if isinstance(said, str) else said,
        has_label_photo=has_label_photo,
        seen_from=seen_from,
        seen_to=seen_to,
        is_private_home=is_private_home,
    )


def _row(device: UUID, made: Projection, position: LonLat) -> tuple[object, ...]:
    """Return a projection in the order of the columns."""
    return (
        device,
        f"SRID=4326;POINT({position.lon!r} {position.lat!r})",
        made.position_source,
        made.kind,
        json.dumps([dict(arc) for arc in made.directions]),
        *(made.texts[name] for name in TEXT_ATTRIBUTES),
        *(made.numbers[name] for name in NUMBER_ATTRIBUTES),
        made.status,
        made.verification,
        made.verified_by,
        list(made.sources),
        made.first_seen,
        made.last_seen,
        json.dumps(dict(made.provenance)),
        made.is_private_home,
        json.dumps({name: str(claim) for name, claim in made.capabilities.items()}),
    )
