"""For ten minutes after a decision: what it erased, in memory only, so that a slip can be undone.

The database forgets a report's private columns in the same transaction that decides on it. A copy
lies in a 0600 file on tmpfs (the spool of request bodies), outside the data directory and every
dump, until it is taken back or ten minutes are over. Without a tmpfs nothing is kept.
"""

import datetime
import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from geo.position import LonLat
from mapper.sightings.facts import point_of, position_of
from mapper.sightings.models import Receipt, Sighting
from mapper.sightings.unchecked import facts_of, unchecked_claim_of
from mapper.trust.actions import enter_again, facts_of_passage

LIFE = datetime.timedelta(minutes=10)
_TEXTS = ("position_source", "seen_on", "operator", "note", "body_key")


def remember(*, decision: UUID, sighting: Sighting) -> None:
    """Keep what a decision is about to erase of a report."""
    keep(decision=decision, facts=_facts_of(sighting))


def keep(*, decision: UUID, facts: Mapping[str, Any]) -> None:
    """Keep facts, JSON-ready, beside those kept already, until ten minutes are over."""
    forget_old()
    folder = memory_folder()
    if folder is None:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / str(decision)
    all_facts = {
        **(_read(decision) or {}),
        **facts,
        "until": (timezone.now() + LIFE).isoformat(),
    }
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(all_facts, file)


def kept(*, decision: UUID) -> dict[str, Any] | None:
    """Return the facts that are still kept of a decision."""
    forget_old()
    return _read(decision)


def give_back(*, decision: UUID, sighting: Sighting) -> bool:
    """Put what a decision erased back into the report's columns, unsaved; return whether it was.

    The copy stays until its time: the caller's transaction may fail yet.
    """
    forget_old()
    facts = _read(decision)
    if facts is None:
        return False
    for name in _TEXTS:
        setattr(sighting, name, facts[name])
    sighting.location = point_of(LonLat(*facts["position"]) if facts["position"] else None)
    enter_again(sighting=sighting, said=facts["passage"])
    sighting.phone_key = facts["phone_key"]
    sighting.is_slow = facts["is_slow"]
    sighting.arrived_at = parse_datetime(facts["arrived_at"]) if facts["arrived_at"] else None
    Receipt.objects.filter(sighting=sighting).update(
        question=facts["question"], answer=facts["answer"]
    )
    return True


def unchecked_kept(*, decision: UUID) -> dict[str, Any] | None:
    """Return what a decision took off the map, for `sightings.unchecked.show_again`."""
    facts = _read(decision)
    found: dict[str, Any] | None = facts["unchecked"] if facts else None
    return found


def forget_old() -> int:
    """Delete what has had its ten minutes; return how many."""
    gone = 0
    for path in _kept():
        try:
            until = parse_datetime(json.loads(path.read_text())["until"])
        except (OSError, ValueError, KeyError):
            until = None
        if until is None or until <= timezone.now():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _read(decision: UUID) -> dict[str, Any] | None:
    folder = memory_folder()
    try:
        facts = json.loads((folder / str(decision)).read_text()) if folder else None
    except FileNotFoundError:
        return None
    return cast(dict[str, Any] | None, facts)


def _facts_of(sighting: Sighting) -> dict[str, Any]:
    unchecked = unchecked_claim_of(sighting)
    position = position_of(sighting.location)
    receipt = Receipt.objects.filter(sighting=sighting).first()
    return {
        "position": None if position is None else [position.lon, position.lat],
        "phone_key": sighting.phone_key,
        "is_slow": sighting.is_slow,
        "arrived_at": sighting.arrived_at.isoformat() if sighting.arrived_at else "",
        "question": receipt.question if receipt else "",
        "answer": receipt.answer if receipt else "",
        "passage": facts_of_passage(sighting),
        "unchecked": None if unchecked is None else facts_of(unchecked),
        **{name: getattr(sighting, name) for name in _TEXTS},
    }


def memory_folder() -> Path | None:
    """Return the folder in memory, named by the data directory it belongs to; None without one."""
    spool = settings.FILE_UPLOAD_TEMP_DIR
    if not spool:
        return None
    mark = sha256(str(settings.DATA_ROOT).encode()).hexdigest()[:16]
    return Path(spool) / f"contrechamp-{mark}-undo"


def _kept() -> Iterator[Path]:
    folder = memory_folder()
    files = sorted(folder.iterdir()) if folder and folder.is_dir() else []
    # Beside them lie the waits (`mapper.moderation.waits`), which are nobody's second thoughts.
    return (file for file in files if len(file.name) == len(str(UUID(int=0))))
