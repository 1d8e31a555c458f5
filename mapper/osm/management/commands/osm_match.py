"""Searches which of our devices are ones that OSM knows, for moderators to settle."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from mapper.errors import NotFound, refusals_end_the_command
from mapper.osm.matching import match_elements
from mapper.places.models import City


class Command(BaseCommand):
    """Match our devices against OSM's."""

    help = "Search which of our devices without an OSM object is one that OSM knows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a city, or none for all."""
        parser.add_argument("--city", metavar="SLUG", default="", help="of this city alone")
        parser.add_argument("--dry-run", action="store_true", help="count, and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Put what is found in the place of the earlier matches."""
        with refusals_end_the_command():
            city = _city(options["city"]) if options["city"] else None
            report = match_elements(city=city, is_dry=options["dry_run"])
        kept = "nothing kept (dry run)" if options["dry_run"] else "kept for moderators"
        self.stdout.write(
            f"OpenStreetMap: {report.devices} devices of ours without an object; "
            f"{report.candidates} candidates, {report.settled} told apart before; "
            f"{report.matches} matches, {report.likely} of them likely; {kept}."
        )


def _city(name: str) -> City:
    found = City.objects.filter(Q(slug=name) | Q(code=name)).order_by("country", "code").first()
    if found is None:
        raise NotFound(f"There is no city {name[:60]} here; import it, or leave --city out.")
    return found
