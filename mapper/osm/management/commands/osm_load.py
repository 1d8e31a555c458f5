"""Takes OSM's surveillance objects from a file: an extract, a change file, JSON."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from geo.bbox import BBox
from mapper.errors import BadInput, refusals_end_the_command
from mapper.input_files import tell_faults
from mapper.osm.actions import LoadReport, load_objects
from mapper.osm.follow import begin_at_extract
from mapper.osm.known import known_now
from mapper.osm.reading import read_file


class Command(BaseCommand):
    """Load a file."""

    help = "Load surveillance objects from .osm.pbf, .osm, .osc (also .gz), Overpass JSON, GeoJSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one file, and the region it is complete for."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--complete-for",
            metavar="west,south,east,north",
            default="",
            help="remove what is known in this box and not in the file (less than 10 percent)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the whole file or nothing."""
        with refusals_end_the_command(), transaction.atomic():
            region = BBox.parse(options["complete_for"]) if options["complete_for"] else None
            known = known_now()
            reading = read_file(options["file"], known=known)
            report = load_objects(
                objects=reading.objects,
                known=known,
                complete_for=region,
                data_at=reading.data_at,
                hold_over=settings.OSM_HOLD_OVER,
                is_change=reading.is_change,
            )
            if report.refused and not report.taken:
                raise BadInput(f"No object of the file can be taken. {report.refused[0]}")
            following = begin_at_extract(origin=reading.origin)
        self.stdout.write(summary(report))
        if following is not None:
            self.stdout.write(
                f"To go on from here: osm_follow --url {following.url} (at number "
                f"{following.sequence}, of {following.data_at:%Y-%m-%d %H:%M} UTC)."
            )
        tell_faults(self, "objects", refused=report.refused)


def summary(report: LoadReport) -> str:
    """Return a load in one line."""
    held = f"{report.held} held for a moderator, " if report.held else ""
    return (
        f"OpenStreetMap: {report.added} added, {report.changed} changed, {report.removed} removed, "
        f"{report.unchanged} unchanged, {report.older} older than ours, {held}"
        f"{len(report.refused)} refused; {report.devices} devices written."
        f"{' ' + str(report.flags) + ' flags written.' if report.flags else ''}"
    )
