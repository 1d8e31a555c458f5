"""Takes out of this database what a list says was erased; `restore` runs it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure, Refusal
from mapper.operations.erasures import replay


class Command(BaseCommand):
    """Running it twice changes nothing more."""

    help = "Erase, hide and withdraw what a list of erasures names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the list."""
        parser.add_argument("file", type=Path, help="the list, as DATA_ROOT/erasures.txt")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay it."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandFailure(f"There is no file {path}.")
        try:
            count = replay(path)
        except Refusal as refusal:
            raise CommandFailure(refusal.message, returncode=1) from refusal
        self.stdout.write(f"{count} things taken out")
