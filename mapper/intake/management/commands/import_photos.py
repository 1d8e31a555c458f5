"""Takes the photos of a folder as reports; says of each file what became of it."""

import os
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils import translation
from tqdm import tqdm

from geo.errors import GeoError
from geo.position import LonLat, parse_lat, parse_lon
from mapper.errors import BadInput, CommandFailure, refusals_end_the_command
from mapper.input_files import given_folder, printable_name
from mapper.intake.bulk import FolderImport
from mapper.intake.folder import photo_files
from mapper.intake.ledger import KNOWN, REFUSED, TAKEN, Ledger, keep_to_ourselves, open_ledger
from mapper.intake.report import ReportInput
from mapper.intake.side_by_side import cores
from mapper.photos.actions import UPLOAD_LIFE, sweep_photo_files
from mapper.sightings.vocabulary import Kind


class Command(BaseCommand):
    """Import photos."""

    help = (
        "Import the photos of a folder (JPEG, PNG, WebP, HEIC with a position) as reports for the "
        "moderators; those of one spot make one report. A photo that was taken before is known by "
        "its content and left alone: a run that was stopped goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a folder."""
        parser.add_argument("folder", metavar="DIR")
        parser.add_argument("--kind", choices=Kind.values, default=Kind.UNKNOWN)
        parser.add_argument(
            "--photo-use",
            choices=["public", "moderators"],
            default="moderators",
            help="whether the photos may be published (default: moderators)",
        )
        parser.add_argument(
            "--report",
            type=Path,
            metavar="FILE",
            help="JSON lines of what became of each file (default: DIR.import.jsonl beside DIR)",
        )
        parser.add_argument(
            "--position",
            type=_position,
            metavar="LON,LAT",
            help="where the photos were taken that hold no position of their own",
        )
        parser.add_argument(
            "--redacted",
            action="store_true",
            help="the photos are redacted already: do not search them for faces (moderators still "
            "see each, and can cover more)",
        )
        parser.add_argument(
            "--jobs",
            type=_count,
            default=cores(),
            metavar="N",
            help="how many photos are worked on at once (default: one a core)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import what can be; exit code 1 where a file was refused, 2 where nothing can be read."""
        # The lines around the reasons are English.
        with translation.override("en"), refusals_end_the_command():
            folder = given_folder(options["folder"]).resolve()
            report_file = (options["report"] or _beside(folder)).resolve()
            files = photo_files(folder, but=report_file)
            with _ours_alone(folder, report_file) as ledger:
                run = FolderImport(
                    files=files,
                    ledger=ledger,
                    report=ReportInput(kind=options["kind"], photo_use=options["photo_use"]),
                    jobs=options["jobs"],
                    position=options["position"],
                    is_searched=not options["redacted"],
                )
                _import(run)
                ledger.finish(run.outcomes)
                # What a killed run left behind, where perhaps no worker does this.
                sweep_photo_files(age_s=UPLOAD_LIFE.total_seconds())
        self._tell(run, report_file)

    def _tell(self, run: FolderImport, report_file: Path) -> None:
        words = {TAKEN: "taken", KNOWN: "taken before", REFUSED: "refused"}
        place = {file.name: number for number, file in enumerate(run.files)}
        for outcome in sorted(run.outcomes, key=lambda outcome: place[outcome.file]):
            reason = f": {outcome.reason}" if outcome.reason else ""
            self.stdout.write(f"{words[outcome.result]}: {outcome.file}{reason}")
        counts = {name: sum(o.result == name for o in run.outcomes) for name in words}
        reports = "1 report" if run.report_count == 1 else f"{run.report_count} reports"
        self.stdout.write(
            f"Photos: {counts[TAKEN]} taken, {counts[KNOWN]} taken before, "
            f"{counts[REFUSED]} refused; told in {printable_name(report_file)}. "
            f"They made {reports}."
        )
        if counts[REFUSED]:
            raise CommandFailure(
                f"{counts[REFUSED]} of {len(run.outcomes)} files were refused; each line says why.",
                returncode=1,
            )


def _import(run: FolderImport) -> None:
    """Do the run under two bars; what stops it midway is told in one line."""
    try:
        for _read in tqdm(run.read(), "Reading", len(run.files), unit="photo", disable=None):
            pass
        with tqdm(total=run.to_take, unit="photo", desc="Taking", disable=None) as bar:
            for count in run.take():
                bar.update(count)
    except (OSError, OperationalError) as error:
        # A full disk, most likely, of ours or of the report's; or the database is gone.
        taken = sum(outcome.result == TAKEN for outcome in run.outcomes)
        what = error.strerror if isinstance(error, OSError) else "the database is not answering"
        raise CommandFailure(
            f"It stopped after {taken} photos were taken: {what}. "
            "Mend that and run it again; it goes on from there.",
            returncode=1 if taken else 2 if isinstance(error, OSError) else 3,
        ) from None


@contextmanager
def _ours_alone(folder: Path, report_file: Path) -> Iterator[Ledger]:
    """Give the report file of an import that no other run disturbs."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        keep_to_ourselves(handle, folder)
        ledger = open_ledger(report_file)
        try:
            yield ledger
        finally:
            ledger.close()
    finally:
        os.close(handle)


def _beside(folder: Path) -> Path:
    """Return the report file beside a folder; where that can't be written, in this one."""
    name = f"{folder.name}.import.jsonl"
    if folder.parent == folder:
        raise BadInput("The root of all files is no folder of photos; give a smaller one.")
    beside = folder.parent / name
    is_writable = os.access(beside if beside.exists() else folder.parent, os.W_OK)
    return beside if is_writable else Path.cwd() / name


def _position(text: str) -> LonLat:
    lon, _comma, lat = text.partition(",")
    try:
        return LonLat(parse_lon(lon), parse_lat(lat))
    except GeoError as error:
        raise ArgumentTypeError(str(error)) from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:4]) <= 64:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    return int(text)
