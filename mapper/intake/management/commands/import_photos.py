"""Takes the photos of a folder as reports; says of each file what became of it."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation
from tqdm import tqdm

from mapper.errors import BadInput, CommandFailure, refusals_end_the_command
from mapper.input_files import given_folder, printable_name
from mapper.intake.bulk import KNOWN, REFUSED, TAKEN, Outcome, import_folder, photo_files
from mapper.intake.report import ReportInput
from mapper.sightings.vocabulary import Kind


class Command(BaseCommand):
    """Import photos."""

    help = (
        "Import each photo of a folder (JPEG, PNG, WebP, HEIC with a position) as a report for "
        "the moderators. A photo that was taken before is known by its content and left alone."
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

    def handle(self, *args: Any, **options: Any) -> None:
        """Import what can be; exit code 1 where a file was refused, 2 where nothing can be read."""
        # The lines around the reasons are English.
        with translation.override("en"), refusals_end_the_command():
            folder = given_folder(options["folder"]).resolve()
            files = photo_files(folder)
            report_file = options["report"] or _beside(folder)
            report = ReportInput(kind=options["kind"], photo_use=options["photo_use"])
            outcomes = []
            with tqdm(total=len(files), unit="photo", desc="Photos", disable=None) as bar:
                for outcome in import_folder(
                    folder=folder, files=files, report_file=report_file, report=report
                ):
                    outcomes.append(outcome)
                    bar.update()
        self._tell(outcomes, report_file)

    def _tell(self, outcomes: list[Outcome], report_file: Path) -> None:
        words = {TAKEN: "taken", KNOWN: "taken before", REFUSED: "refused"}
        for outcome in outcomes:
            reason = f": {outcome.reason}" if outcome.reason else ""
            self.stdout.write(f"{words[outcome.result]}: {outcome.file}{reason}")
        counts = {result: sum(outcome.result == result for outcome in outcomes) for result in words}
        self.stdout.write(
            f"Photos: {counts[TAKEN]} taken, {counts[KNOWN]} taken before, "
            f"{counts[REFUSED]} refused; told in {printable_name(report_file)}."
        )
        if counts[REFUSED]:
            raise CommandFailure(
                f"{counts[REFUSED]} of {len(outcomes)} files were refused; each line says why.",
                returncode=1,
            )


def _beside(folder: Path) -> Path:
    """Return the report file beside a folder; where that can't be written, in this one."""
    name = f"{folder.name}.import.jsonl"
    if folder.parent == folder:
        raise BadInput("The root of all files is no folder of photos; give a smaller one.")
    beside = folder.parent / name
    is_writable = os.access(beside if beside.exists() else folder.parent, os.W_OK)
    return beside if is_writable else Path.cwd() / name
