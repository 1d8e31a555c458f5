"""Builds the self-hosted base map from an OSM extract."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Q

from geo.bbox import BBox
from mapper.basemap.actions import build_basemap
from mapper.basemap.schema import FILE_NAME
from mapper.errors import NotFound, refusals_end_the_command
from mapper.places.models import City


class Command(BaseCommand):
    """Build the base map."""

    help = "Build the base map (PMTiles) from a .osm.pbf extract, whole or clipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one extract, and what to keep of it."""
        parser.add_argument("file", type=Path, metavar="FILE")
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--bbox", metavar="west,south,east,north", default="")
        part.add_argument("--city", metavar="SLUG", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it and put it in place at once."""
        with refusals_end_the_command():
            bbox = BBox.parse(options["bbox"]) if options["bbox"] else None
            if options["city"]:
                bbox = box_of_city(options["city"])
            count = build_basemap(source=options["file"], bbox=bbox)
        built = settings.BASEMAP_ROOT / FILE_NAME
        self.stdout.write(f"Base map: {count} features, {built.stat().st_size:,} bytes in {built}")


def box_of_city(name: str) -> BBox:
    """Return the box around a city, named by slug or code."""
    city = City.objects.filter(Q(slug=name) | Q(code=name)).order_by("country", "code").first()
    if city is None:
        raise NotFound(f"There is no city {name} here; import it, or give --bbox.")
    return BBox(*city.boundary.extent)
