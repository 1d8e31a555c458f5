"""Takes a folder of photos in, one report each, through the same actions as the form.

What was taken is known again by its content. The digests that this needs stay in a report file
beside the folder, with whoever owns the photos: the database holds none.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from mapper.errors import BadInput
from mapper.input_files import printable_name
from mapper.intake.actions import take_report
from mapper.intake.incoming import forget, read_incoming
from mapper.intake.report import ReportErrors, ReportInput
from mapper.photos.actions import clean_photo
from mapper.photos.models import PhotoState
from mapper.photos.reading import PhotoRefusedError
from mapper.photos.refusals import reason_in_words
from mapper.trust.models import Obstacle

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file, as a line of the report file says it."""

    file: str
    result: str
    reason: str = ""
    sha256: str = ""


def photo_files(folder: Path) -> list[Path]:
    """Return the files below a folder in a fixed order; hidden ones are not meant."""
    try:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise BadInput(f"{folder} can't be read: {error.strerror}.") from None
    files = [path for path in found if not _is_hidden(path.relative_to(folder))]
    if not files:
        raise BadInput(f"{folder} holds no file; nothing was imported.")
    return files


def import_folder(
    *, folder: Path, files: list[Path], report_file: Path, report: ReportInput
) -> Iterator[Outcome]:
    """Import files one by one, yielding what became of each once its line is written."""
    known = _taken_before(report_file)
    try:
        lines = report_file.open("a", encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{report_file} can't be written: {error.strerror}. Name another one with --report."
        ) from None
    with lines:
        for path in files:
            outcome = _import_file(path, printable_name(path.relative_to(folder)), known, report)
            if outcome.result == TAKEN:
                known.add(outcome.sha256)
            if outcome.result != KNOWN:
                lines.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
                lines.flush()
            yield outcome


def _import_file(path: Path, name: str, known: set[str], report: ReportInput) -> Outcome:
    try:
        if path.stat().st_size > settings.MAX_PHOTO_BYTES:
            return Outcome(name, REFUSED, reason_in_words("too_many_bytes"))
        data = path.read_bytes()
    except OSError as error:
        return Outcome(name, REFUSED, f"it can't be read: {error.strerror}")
    digest = hashlib.sha256(data).hexdigest()
    if digest in known:
        return Outcome(name, KNOWN, sha256=digest)
    reason = _take(data, report)
    return Outcome(name, REFUSED if reason else TAKEN, reason, digest)


def _take(data: bytes, report: ReportInput) -> str:
    """Take one photo as a report; return why not, or nothing."""
    try:
        incoming = read_incoming(data)
    except PhotoRefusedError as refused:
        return reason_in_words(refused.reason)
    try:
        sighting, _placed = take_report(
            report=report, photos=[incoming], obstacle=Obstacle.IMPORTED
        )
    except ReportErrors as errors:
        forget([incoming])
        return errors.message
    # At once, so that no original waits where perhaps no worker runs.
    photo = clean_photo(photo_id=sighting.photos.get().id)
    if photo is not None and photo.state == PhotoState.FAILED:
        sighting.delete()
        return reason_in_words(photo.failure)
    return ""


def _taken_before(report_file: Path) -> set[str]:
    """Return the digests of what an earlier run took; a damaged line is passed over."""
    digests = set()
    try:
        # A pipe would be waited for without end.
        if report_file.exists() and not report_file.is_file():
            raise BadInput(f"{report_file} is not a file. Name another one with --report.")
        text = report_file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise BadInput(f"{report_file} can't be read: {error.strerror}.") from None
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("result") == TAKEN:
            digests.add(str(entry.get("sha256", "")))
    return digests


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
