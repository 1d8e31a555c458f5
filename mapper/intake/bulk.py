"""Takes a folder of photos in, those of one spot as one report, through the form's own actions.

First all are read, because what belongs together is known only then; then they are taken, report
by report. Both run side by side in the sandbox. What was taken is known again by its content: see
`mapper.intake.ledger`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from django.conf import settings

from geo.position import LonLat
from geo.spots import Shot, by_spot, taken_at
from mapper.intake.folder import FolderFile, Unreadable, read_file
from mapper.intake.incoming import IncomingPhoto, forget
from mapper.intake.ledger import KNOWN, REFUSED, TAKEN, Ledger, Outcome
from mapper.intake.placing import MOST_ACCURACY_M, place_report
from mapper.intake.report import ReportErrors, ReportInput
from mapper.intake.side_by_side import side_by_side
from mapper.intake.taking import take_together, wait_for_the_killed
from mapper.photos.actions import keep_upload
from mapper.photos.reading import PhotoFacts, PhotoRefusedError, read_photo
from mapper.photos.refusals import reason_in_words
from mapper.sightings.models import Sighting


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read; `reason` says why it can't be taken, `is_read` as for the form."""

    file: FolderFile
    sha256: str = ""
    facts: PhotoFacts = field(default_factory=PhotoFacts)
    is_read: bool = True
    reason: str = ""
    report: ReportInput = field(default_factory=ReportInput)
    position: LonLat | None = None

    def outcome(self, result: str, reason: str = "") -> Outcome:
        """Return the line that says what became of it."""
        return Outcome(self.file.name, result, reason, self.sha256)

    def shot(self) -> Shot:
        """Return where and when it was taken."""
        assert self.position is not None  # what has none is refused before
        return Shot(self.position, taken_at(self.facts.captured_local))


@dataclass(slots=True)
class FolderImport:
    """One run over a folder: `read` first, to its end, then `take`, then `outcomes` says all."""

    files: Sequence[FolderFile]
    ledger: Ledger
    report: ReportInput
    jobs: int
    # Where photos that hold no position were taken.
    position: LonLat | None = None
    # Whether to search them for faces: who covered them before need not wait for it.
    is_searched: bool = True
    outcomes: list[Outcome] = field(default_factory=list)
    report_count: int = 0
    _ready: list[Read] = field(default_factory=list)
    # Files whose content another file of this run has, by their digest.
    _twins: dict[str, list[Read]] = field(default_factory=lambda: defaultdict(list))
    # Why what a digest stands for can't be taken.
    _refused: dict[str, str] = field(default_factory=dict)

    def read(self) -> Iterator[None]:
        """Read the files, yielding after each; settle what a killed run left open."""
        self._settle_begun()
        seen: set[str] = set()
        for read in side_by_side(self._read, self.files, jobs=self.jobs):
            if read.sha256 in self.ledger.taken:
                self._note(read.outcome(KNOWN))
            elif read.sha256 in self._refused:
                self._note(read.outcome(REFUSED, self._refused[read.sha256]))
            elif read.sha256 and read.sha256 in seen:
                self._twins[read.sha256].append(read)
            else:
                seen.add(read.sha256)
                self._place(read)
            yield

    def take(self) -> Iterator[int]:
        """Take what can be, yielding of how many files it is known what became of them."""
        for outcomes in side_by_side(self._take_spot, self._spots(), jobs=self.jobs):
            for outcome in outcomes:
                self._note(outcome)
            self.report_count += any(outcome.result == TAKEN for outcome in outcomes)
            yield len(outcomes)

    @property
    def to_take(self) -> int:
        """Return how many files `take` will go through."""
        return len(self._ready)

    def _settle_begun(self) -> None:
        """Note as taken what a killed run had committed and could not say any more."""
        if not self.ledger.begun:
            return
        wait_for_the_killed(import_name=str(self.ledger.path))
        there = Sighting.objects.filter(id__in=list(self.ledger.begun))
        for sighting_id in there.values_list("id", flat=True):
            for outcome in self.ledger.begun[sighting_id]:
                self.ledger.note(outcome)

    def _read(self, file: FolderFile) -> Read:
        """Read one file, as far as it must be; in a thread, without the database."""
        if file.fault:
            return Read(file, reason=file.fault)
        try:
            data, digest = read_file(file.path)
        except Unreadable as error:
            return Read(file, reason=str(error))
        if digest in self.ledger.taken:
            return Read(file, digest)
        try:
            return Read(file, digest, read_photo(data))
        except PhotoRefusedError as refused:
            if refused.reason == "too_slow":
                return Read(file, digest, is_read=False)
            return Read(file, digest, reason=reason_in_words(refused.reason))

    def _place(self, read: Read) -> None:
        """Keep a photo for taking, or note why it can't be taken."""
        if read.reason:
            self._note(read.outcome(REFUSED, read.reason))
            return
        is_blurred = (read.facts.accuracy_m or 0) > MOST_ACCURACY_M
        has_place = read.facts.position is not None and not is_blurred
        report = self.report if has_place else replace(self.report, position=self.position)
        incoming = IncomingPhoto("", read.facts, read.is_read)
        try:
            placed = place_report(report=report, photos=[incoming])
        except ReportErrors as errors:
            self._note(read.outcome(REFUSED, errors.message))
            return
        self._ready.append(replace(read, report=report, position=placed.position))

    def _spots(self) -> list[list[Read]]:
        """Return what makes a report together; photos of different folders never do."""
        by_folder: dict[Path, list[Read]] = defaultdict(list)
        for read in self._ready:
            by_folder[read.file.path.parent].append(read)
        most = settings.MAX_PHOTOS_PER_REPORT
        return [
            [reads[number] for number in spot]
            for reads in by_folder.values()
            for spot in by_spot([read.shot() for read in reads], most=most)
        ]

    def _take_spot(self, reads: list[Read]) -> list[Outcome]:
        """Take the photos of a spot; in a thread, with a connection of its own.

        Those that fail are left out and the others begun anew: what is on disk is a report of
        sound photos, or nothing.
        """
        outcomes: list[Outcome] = []
        while reads:
            refused = self._try_spot(reads)
            for read in reads:
                if read.sha256 in refused:
                    outcomes.append(read.outcome(REFUSED, refused[read.sha256]))
                elif not refused:
                    outcomes.append(read.outcome(TAKEN))
            reads = [read for read in reads if refused and read.sha256 not in refused]
        return outcomes

    def _try_spot(self, reads: list[Read]) -> dict[str, str]:
        """Take photos as one report; return why some can't be, by digest: then none was taken."""
        kept: dict[str, IncomingPhoto] = {}
        refused: dict[str, str] = {}
        try:
            for read in reads:
                try:
                    data, digest = read_file(read.file.path)
                except Unreadable as error:
                    refused[read.sha256] = str(error)
                    continue
                if digest != read.sha256:
                    refused[read.sha256] = "it changed meanwhile; run the command again"
                    continue
                kept[digest] = IncomingPhoto(keep_upload(data=data), read.facts, read.is_read)
            if not refused:
                refused = self._take_kept(reads, kept)
                return refused
        except ReportErrors as errors:
            # Such as an area that was closed meanwhile.
            refused = {read.sha256: errors.message for read in reads}
        except BaseException:
            forget(kept.values())
            raise
        forget(kept.values())
        return refused

    def _take_kept(self, reads: list[Read], kept: dict[str, IncomingPhoto]) -> dict[str, str]:
        def note_begun(sighting_id: UUID) -> None:
            self.ledger.note_begun(sighting_id, [read.outcome(TAKEN) for read in reads])

        failures = take_together(
            report=reads[0].report,
            photos=list(kept.values()),
            import_name=str(self.ledger.path),
            is_searched=self.is_searched,
            before_commit=note_begun,
        )
        by_name = {photo.upload_name: digest for digest, photo in kept.items()}
        return {by_name[name]: reason for name, reason in failures.items()}

    def _note(self, outcome: Outcome) -> None:
        """Note what became of a file, and so of all that hold the same."""
        self.ledger.note(outcome)
        self.outcomes.append(outcome)
        if outcome.result == REFUSED and outcome.sha256:
            self._refused[outcome.sha256] = outcome.reason
        for twin in self._twins.pop(outcome.sha256, []):
            is_known = outcome.result != REFUSED
            self._note(twin.outcome(KNOWN if is_known else REFUSED, outcome.reason))
