"""Makes a new key for phones to seal to."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure
from mapper.intake.sealing_keys import rotate_key


class Command(BaseCommand):
    """Older keys are kept, so that what waits on phones can still be opened."""

    help = "Make a new sealing key; keep the newest so many."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many keys to keep."""
        parser.add_argument("--keep", type=int, default=4, help="how many in all; 4 unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate."""
        keep: int = options["keep"]
        if keep < 1:
            raise CommandFailure(f"--keep {keep} would leave no key; give 1 or more.")
        count = rotate_key(keep=keep)
        self.stdout.write(f"new reports are sealed to a new key; {count} can be opened")
