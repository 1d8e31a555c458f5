"""Follows OSM by its numbered change files: none left out, none twice, each with its number.

The number is written in the transaction that writes the changes: a run that is killed goes on where
the last transaction ended.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from osmium.replication.server import OsmosisState

from geo.bbox import BBox
from mapper.errors import BadInput, Conflict
from mapper.osm.actions import LoadReport, load_objects
from mapper.osm.models import Following
from mapper.osm.objects import NodeLine, OsmObject, RefusedObject
from mapper.osm.querysets import known_ids
from mapper.osm.reading import read_file
from mapper.osm.reading_json import is_wanted
from mapper.osm.reading_osmium import Origin
from mapper.osm.replication import Replication, ReplicationFailure

# As much as one transaction takes in: an hour of minutes, or one large file.
_MOST_FILES = 60
_MOST_BYTES = 50_000_000
# What a file calls its server is printed and stored: plain, and not too long.
_ADDRESS = re.compile(r"https://[!-~]{1,240}")


@dataclass
class FollowReport:
    """What a run took in."""

    files: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    held: int = 0
    refused: list[str] = field(default_factory=list)

    def add(self, files: int, load: LoadReport) -> None:
        """Count one transaction."""
        self.files += files
        self.added += load.added
        self.changed += load.changed
        self.removed += load.removed
        self.held += load.held
        self.refused += load.refused


def start_following(
    *, server: Replication, sequence: int | None = None, since: datetime | None = None
) -> Following:
    """Note where to begin: after a number, at a moment, or at the newest state.

    What came before is an extract's to bring; a moment just before its own is a safe one, for a
    change that is applied again changes nothing.
    """
    if sequence is not None:
        state = server.state_of(sequence)
    elif since is not None:
        found = server.timestamp_to_sequence(since)
        state = server.newest() if found is None else server.state_of(found)
        if state.timestamp > since + timedelta(days=1):
            raise BadInput(
                f"The server's oldest state is of {state.timestamp:%Y-%m-%d %H:%M}, later than "
                f"{since:%Y-%m-%d %H:%M}: load a newer extract first."
            )
    else:
        state = server.newest()
    following, _ = Following.objects.update_or_create(
        url=server.baseurl, defaults={"sequence": state.sequence, "data_at": state.timestamp}
    )
    return following


def begin_at_extract(*, origin: Origin) -> Following | None:
    """Note that an extract that was just loaded is to be followed on, where it says by whom.

    What was followed further than the extract goes on from there.
    """
    sequence, data_at = origin.sequence, origin.data_at
    if not _ADDRESS.fullmatch(origin.url) or sequence is None or data_at is None:
        return None
    following, is_new = Following.objects.get_or_create(
        url=f"{origin.url.rstrip('/')}/", defaults={"sequence": sequence, "data_at": data_at}
    )
    if not is_new and following.sequence < sequence:
        following.sequence, following.data_at = sequence, data_at
        following.save(update_fields=["sequence", "data_at"])
    return following


def catch_up(
    *, server: Replication, region: BBox | None, is_quiet: bool = False
) -> tuple[FollowReport, Following]:
    """Apply every change file that the server has and we have not, oldest first.

    Raises ReplicationFailure at the first file that is missing, damaged or can't be had; what was
    applied before it stays.
    """
    report = FollowReport()
    newest = server.newest()
    following = Following.objects.filter(url=server.baseurl).first()
    if following is None:
        raise BadInput(
            f"Nothing says where to begin with {server.baseurl}; give --from or --since."
        )
    while following.sequence < newest.sequence:
        with tempfile.TemporaryDirectory() as folder:
            files, state = _fetch(server, following.sequence, newest, Path(folder), is_quiet)
            report.add(len(files), _apply(following, files, state, region, is_quiet))
        following.refresh_from_db()
    Following.objects.filter(id=following.id).update(checked_at=timezone.now(), fault="")
    return report, following


def note_fault(*, server: Replication, fault: str) -> None:
    """Keep why the last run ended early, for `doctor` and the monitor."""
    Following.objects.filter(url=server.baseurl).update(fault=fault[:500])


def _fetch(
    server: Replication, sequence: int, newest: OsmosisState, folder: Path, is_quiet: bool
) -> tuple[list[Path], OsmosisState]:
    """Return the next files, as many as go into one transaction, and the state of the last one."""
    files: list[Path] = []
    size_bytes = 0
    while sequence < newest.sequence and len(files) < _MOST_FILES and size_bytes < _MOST_BYTES:
        try:
            file = server.download(sequence + 1, folder, is_quiet=is_quiet)
        except ReplicationFailure:
            if not files:
                raise
            break  # What is there is applied first.
        sequence += 1
        size_bytes += file.stat().st_size
        files.append(file)
    return files, newest if sequence == newest.sequence else server.state_of(sequence)


@transaction.atomic
def _apply(
    following: Following,
    files: list[Path],
    state: OsmosisState,
    region: BBox | None,
    is_quiet: bool,
) -> LoadReport:
    row = Following.objects.select_for_update().get(id=following.id)
    if row.sequence != following.sequence:
        raise Conflict("Another run follows this server at the same time; let it.")
    try:
        report = load_objects(
            # Known before: while rows are copied in, the connection answers nothing else.
            objects=_objects(files, region, known_ids()),
            data_at=state.timestamp,
            hold_over=settings.OSM_HOLD_OVER,
            is_change=True,
            is_quiet=is_quiet,
        )
    except BadInput as error:
        raise ReplicationFailure(f"{error} Nothing of it was applied; try later.") from None
    row.sequence, row.data_at = state.sequence, state.timestamp
    row.save(update_fields=["sequence", "data_at"])
    return report


def _objects(
    files: list[Path], region: BBox | None, known: dict[str, set[int]]
) -> Iterator[OsmObject | RefusedObject | NodeLine]:
    """Yield what the files say of devices in the region, and of all that we know."""
    for file in files:
        for found in read_file(file, known=known, is_quiet=True).objects:
            if not isinstance(found, OsmObject):
                yield found
                continue
            ids = known.setdefault(found.osm_type, set())
            if found.osm_id not in ids and not _is_ours(found, region):
                continue
            # The next file may say that it is none any more.
            ids.add(found.osm_id)
            yield found


def _is_ours(found: OsmObject, region: BBox | None) -> bool:
    if not is_wanted(found, {}):
        return False
    return region is None or (found.position is not None and region.contains(found.position))
