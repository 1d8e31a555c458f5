"""Takes schools from an OSM extract or GeoJSON: near them only a crop of a photo can pass."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import BadInput, refusals_end_the_command
from mapper.input_files import tell_faults
from mapper.osm.schools import SUFFIXES, school_features
from mapper.photos.cropping import uncropped_near_schools
from mapper.places.actions import save_schools
from mapper.places.reading import read_schools, school_record


class Command(BaseCommand):
    """Import schools."""

    help = (
        "Import schools from .osm.pbf or .osm (amenity = school, kindergarten, childcare), or from "
        "GeoJSON (plain or .gz) of polygons or points with code and name."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one file."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the whole file or nothing; name what was refused, and published photos nearby."""
        path: Path = options["file"]
        with refusals_end_the_command():
            if path.name.endswith(SUFFIXES):
                features = enumerate(school_features(path), start=1)
                records = [school_record(feature, number) for number, feature in features]
                if not records:
                    raise BadInput(f"{path} holds no school; give an extract that has some.")
                report = save_schools(records=records)
            else:
                report = save_schools(records=read_schools(path))
        self.stdout.write(
            f"Schools: {report.added} added, {report.changed} changed, "
            f"{report.unchanged} unchanged, {len(report.repaired)} repaired, "
            f"{len(report.refused)} refused."
        )
        published = uncropped_near_schools().count()
        if published:
            self.stdout.write(
                f"{published} published photos near a school show more than a crop; "
                "`doctor` names them."
            )
        tell_faults(self, "features", refused=report.refused, repaired=report.repaired)
