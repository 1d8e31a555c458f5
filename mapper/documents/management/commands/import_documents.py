"""Takes in a folder of PDFs described by a CSV index."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from mapper.documents.folders import Outcome, read_index, take_folder, unlisted_files
from mapper.errors import CommandFailure, refusals_end_the_command
from mapper.input_files import given_folder


class Command(BaseCommand):
    """Import documents."""

    help = (
        "Import the PDFs of a folder with a CSV index (UTF-8): "
        "file,title,type,date,cities,source_url,licence; city codes joined by ';'."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one folder."""
        parser.add_argument("folder", metavar="DIR")
        parser.add_argument(
            "--unpublished",
            action="store_true",
            help="keep the documents from readers until an editor publishes them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take each file or say why not."""
        with refusals_end_the_command():
            folder = given_folder(options["folder"])
            rows = read_index(folder)
        found = take_folder(folder, rows, is_public=not options["unpublished"])
        outcomes = list(tqdm(found, total=len(rows), unit="file", desc="Documents", disable=None))
        for name in unlisted_files(folder, rows):
            self.stdout.write(f"not in the index: {name}")
        self._tell(outcomes)

    def _tell(self, outcomes: list[Outcome]) -> None:
        """Write what became of each file; end with 1 where some were refused."""
        counts = {"taken": 0, "known": 0, "refused": 0}
        for outcome in outcomes:
            counts[outcome.state] += 1
            if outcome.state == "refused":
                self.stderr.write(f"refused: {outcome.name}: {outcome.reason}")
            else:
                self.stdout.write(f"{outcome.state}: {outcome.name}")
        self.stdout.write(
            f"Documents: {counts['taken']} taken, {counts['known']} known already, "
            f"{counts['refused']} refused."
        )
        if counts["refused"]:
            raise CommandFailure(
                f"{counts['refused']} of {len(outcomes)} documents were refused.", returncode=1
            )
