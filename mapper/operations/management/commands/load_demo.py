"""Fills an empty instance with the demo: central Helsinki and made-up sightings."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from tqdm import tqdm

from mapper.errors import refusals_end_the_command
from mapper.operations import demo


class Command(BaseCommand):
    """Load once; a second run changes nothing."""

    help = "Load the demo: real streets of Helsinki, made-up sightings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything or nothing."""
        if demo.is_loaded():
            self.stdout.write("The demo is there already; nothing was changed.")
            return
        with refusals_end_the_command(), transaction.atomic():
            demo.load_map()
            moderator = demo.demo_moderator()
            total = len(demo.made_up_sightings())
            for _number in tqdm(
                demo.steps(moderator), total=total, desc="Sightings", unit="", disable=None
            ):
                pass
            demo.load_unchecked()
            demo.load_papers()
        self.stdout.write(f"The demo is loaded: {total} made-up sightings.")
