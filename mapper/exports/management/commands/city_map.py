"""Writes the map of a city as one HTML file that needs no network."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import refusals_end_the_command
from mapper.exports.city_map import city_map
from mapper.exports.named_city import named_city
from mapper.output_files import whole_file


class Command(BaseCommand):
    """Write a stand-alone map."""

    help = "Write the map of a city as one HTML file that fetches nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the city and the file."""
        parser.add_argument("city", metavar="SLUG", help="slug or code of a city")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the whole file or none."""
        with refusals_end_the_command():
            page = city_map(named_city(options["city"])).encode()
            with whole_file(options["output"]) as file:
                file.write(page)
