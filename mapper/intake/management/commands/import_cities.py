"""Takes communes with their boundaries from a GeoJSON file, and places the devices in them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from mapper.errors import refusals_end_the_command
from mapper.input_files import tell_faults
from mapper.places.actions import save_cities
from mapper.places.reading import read_areas
from mapper.sightings.actions import place_devices


class Command(BaseCommand):
    """Import cities."""

    help = "Import cities from GeoJSON (plain or .gz) with code, nom or name, and population."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one file."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the whole file or nothing; name what was repaired and what was refused."""
        with refusals_end_the_command(), transaction.atomic():
            records = read_areas(options["file"], max_code=16, title="Cities")
            report = save_cities(records=records)
            placed = place_devices(city_ids=report.touched_ids) if report.touched_ids else 0
        self.stdout.write(
            f"Cities: {report.added} added, {report.changed} changed, "
            f"{report.unchanged} unchanged, {len(report.repaired)} repaired, "
            f"{len(report.refused)} refused; {placed} devices and events placed."
        )
        tell_faults(self, "features", refused=report.refused, repaired=report.repaired)
