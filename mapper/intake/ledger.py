"""The report file of an import: what was taken, why the rest was not, what was begun.

It lies with whoever owns the photos and holds the digests by which these are known again; the
database holds none. While an import runs, lines are added; what is about to be taken is written,
and on the disk, before the database commits it. So a second start can ask the database what became
of it, and nothing is taken twice. At the end the file is written anew, whole.
"""

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from mapper.errors import BadInput
from mapper.output_files import whole_file

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file, as a line of the report file says it."""

    file: str
    result: str
    reason: str = ""
    sha256: str = ""

    def as_line(self, **more: object) -> str:
        """Return the line."""
        said = {
            "file": self.file,
            "result": self.result,
            "reason": self.reason,
            "sha256": self.sha256,
        }
        return json.dumps(said | more, ensure_ascii=False)


@dataclass(slots=True)
class Ledger:
    """What a report file says; `begun` are reports that a killed run may have taken."""

    path: Path
    taken: dict[str, Outcome] = field(default_factory=dict)
    # Other names under which a photo lies in the folder too, by its digest.
    also: dict[str, set[str]] = field(default_factory=dict)
    refused: set[Outcome] = field(default_factory=set)
    begun: dict[UUID, list[Outcome]] = field(default_factory=dict)
    _handle: int = -1
    _lock: Any = field(default_factory=threading.Lock)

    def note_begun(self, sighting_id: UUID, photos: Iterable[Outcome]) -> None:
        """Write what the next commit takes; returns once it is on the disk."""
        named = [[photo.file, photo.sha256] for photo in photos]
        self._add(json.dumps({"begun": str(sighting_id), "photos": named}, ensure_ascii=False))
        os.fsync(self._handle)

    def note(self, outcome: Outcome) -> None:
        """Write what became of a file; what stands there already is not written again."""
        if outcome.result == TAKEN and outcome.sha256 not in self.taken:
            self.taken[outcome.sha256] = outcome
            self._add(outcome.as_line())
        elif outcome.result == KNOWN and self.taken[outcome.sha256].file != outcome.file:
            self.also.setdefault(outcome.sha256, set()).add(outcome.file)
        elif outcome.result == REFUSED and outcome not in self.refused:
            self.refused.add(outcome)
            self._add(outcome.as_line())

    def finish(self, outcomes: Iterable[Outcome]) -> None:
        """Write the file anew: all that was ever taken, and why the rest of this run was not."""
        lines = [
            (outcome.file, digest, outcome.as_line(**self._also_of(digest)))
            for digest, outcome in self.taken.items()
        ]
        lines += [(o.file, o.sha256, o.as_line()) for o in set(outcomes) if o.result == REFUSED]
        content = "".join(line + "\n" for _file, _digest, line in sorted(lines)).encode()
        if self.path.read_bytes() == content:
            return
        # Where the folder can't be written, only the file: it says the same, in more lines.
        with contextlib.suppress(BadInput), whole_file(self.path) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)

    def _also_of(self, digest: str) -> dict[str, list[str]]:
        names = self.also.get(digest, set()) - {self.taken[digest].file}
        return {"also": sorted(names)} if names else {}

    def _add(self, line: str) -> None:
        """Add a line; one that a full disk cut off is told apart at the next start."""
        data = line.encode() + b"\n"
        with self._lock:
            if os.write(self._handle, data) != len(data):
                raise OSError(28, os.strerror(28), str(self.path))


def open_ledger(path: Path) -> Ledger:
    """Read a report file and keep it to ourselves; it is made where there is none.

    Raises BadInput where it can't be written, is another kind of file, or another import has it.
    """
    ledger = Ledger(path)
    try:
        # A pipe would be waited for without end.
        if path.exists() and not path.is_file():
            raise BadInput(f"{path} is not a file. Name another one with --report.")
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    except OSError as error:
        raise BadInput(
            f"{path} can't be written: {error.strerror}. Name another one with --report."
        ) from None
    ledger._handle = handle
    try:
        keep_to_ourselves(handle, path)
        text = path.read_text(encoding="utf-8", errors="replace")
        _read_into(ledger, text)
        if text and not text.endswith("\n"):
            os.write(handle, b"\n")
    except BaseException:
        os.close(handle)
        raise
    return ledger


def keep_to_ourselves(handle: int, path: Path) -> None:
    """Lock a file or folder until the handle is closed, or its process gone."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BadInput(
            f"{path} is in the hands of another import; wait until that has ended."
        ) from None
    except OSError:
        # Some file systems of a network know no locks; there, nobody else must be at it.
        return


def digests_taken(text: str) -> set[str]:
    """Return the digests of what a report file says was taken."""
    ledger = Ledger(Path())
    _read_into(ledger, text)
    return set(ledger.taken)


def _read_into(ledger: Ledger, text: str) -> None:
    """Read the lines; a damaged one is passed over, another kind of file refused."""
    if text.strip() and not text.lstrip().startswith("{"):
        raise BadInput(f"{ledger.path} is no report of an import. Name another one with --report.")
    for line in text.split("\n"):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and "begun" in entry:
            _read_begun(ledger, entry)
        elif isinstance(entry, dict) and "result" in entry:
            _read_outcome(ledger, entry)
        else:
            raise BadInput(
                f"{ledger.path} is no report of an import. Name another one with --report."
            )


def _read_begun(ledger: Ledger, entry: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        photos = [Outcome(str(f), TAKEN, "", str(d)) for f, d in entry["photos"]]
        ledger.begun[UUID(entry["begun"])] = photos


def _read_outcome(ledger: Ledger, entry: dict[str, Any]) -> None:
    said = [str(entry.get(name, "")) for name in ("file", "result", "reason", "sha256")]
    outcome = Outcome(*said)
    if outcome.result == TAKEN and outcome.sha256:
        ledger.taken.setdefault(outcome.sha256, outcome)
        names = entry.get("also")
        if isinstance(names, list) and names:
            ledger.also.setdefault(outcome.sha256, set()).update(map(str, names))
    elif outcome.result == REFUSED:
        ledger.refused.add(outcome)
