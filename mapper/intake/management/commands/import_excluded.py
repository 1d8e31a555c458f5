"""Takes areas where no report is accepted from a GeoJSON file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import refusals_end_the_command
from mapper.input_files import tell_faults
from mapper.places.actions import save_excluded_areas
from mapper.places.reading import read_areas


class Command(BaseCommand):
    """Import excluded areas."""

    help = "Import areas where nothing is taken from GeoJSON (plain or .gz) with code and name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one file."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the whole file or nothing; name what was repaired and what was refused."""
        with refusals_end_the_command():
            records = read_areas(options["file"], max_code=64, title="Excluded areas")
            report = save_excluded_areas(records=records)
        self.stdout.write(
            f"Excluded areas: {report.added} added, {report.changed} changed, "
            f"{report.unchanged} unchanged, {len(report.repaired)} repaired, "
            f"{len(report.refused)} refused."
        )
        tell_faults(self, "features", refused=report.refused, repaired=report.repaired)
