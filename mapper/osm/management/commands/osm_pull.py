"""Brings a city or a box up to date from Overpass."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Q

from geo.bbox import BBox
from mapper.errors import CommandFailure, NotFound, refusals_end_the_command
from mapper.input_files import tell_faults
from mapper.osm.api import OsmApi
from mapper.osm.breaker import Breaker
from mapper.osm.management.commands.osm_load import summary
from mapper.osm.outbound import user_agent
from mapper.osm.overpass import OverpassClient, OverpassFailure
from mapper.osm.pull import pull_region
from mapper.places.models import City


class Command(BaseCommand):
    """Pull a region."""

    help = "Take in what Overpass knows of a city or a box; nothing is removed by absence alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one region."""
        region = parser.add_mutually_exclusive_group(required=True)
        region.add_argument("--city", metavar="SLUG", default="")
        region.add_argument("--bbox", metavar="west,south,east,north", default="")
        parser.add_argument(
            "--accept-drop",
            "--accept-fewer",
            dest="accept_fewer",
            action="store_true",
            help="take an answer with less than 90 percent of the known devices",
        )
        parser.add_argument(
            "--accept-stale",
            action="store_true",
            help="take an answer whose data is more than a day old",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask once, and take the whole answer or nothing."""
        with refusals_end_the_command():
            region, bbox = _region(options["city"], options["bbox"])
            url, *mirrors = settings.OVERPASS_URLS
            client = OverpassClient(url, user_agent(), mirrors=tuple(mirrors), breaker=Breaker())
            with OsmApi(settings.OSM_API_URL, user_agent=user_agent()) as api:
                try:
                    report = pull_region(
                        client=client,
                        region=region,
                        bbox=bbox,
                        api=api,
                        accept_fewer=options["accept_fewer"],
                        accept_stale=options["accept_stale"],
                    )
                except OverpassFailure as failure:
                    raise CommandFailure(failure.message, returncode=3) from None
        self.stdout.write(summary(report.load))
        if report.unconfirmed:
            self.stderr.write(report.unconfirmed)
        tell_faults(self, "objects", refused=report.load.refused)


def _region(city_name: str, box: str) -> tuple[str, BBox]:
    """Return the name and the box of the region."""
    if box:
        bbox = BBox.parse(box)
        return ",".join(f"{edge:g}" for edge in bbox.as_tuple()), bbox
    found = City.objects.filter(Q(slug=city_name) | Q(code=city_name))
    city = found.order_by("country", "code").first()
    if city is None:
        raise NotFound(f"There is no city {city_name[:60]} here; import it, or give --bbox.")
    return city.slug, BBox(*city.boundary.extent)
