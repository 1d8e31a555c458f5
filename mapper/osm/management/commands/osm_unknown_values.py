"""Counts the values of OSM that our table of spellings does not know."""

import csv
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import refusals_end_the_command
from mapper.osm.unknown_values import unknown_values

_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


class Command(BaseCommand):
    """Tell them."""

    help = (
        "Count the values of OpenStreetMap that geo/osm_aliases.toml does not know, as CSV: "
        "count,key,value,example."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the least count."""
        parser.add_argument(
            "--least", type=int, default=1, metavar="N", help="leave out what fewer objects have"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write a line for each, most frequent first."""
        with refusals_end_the_command():
            found = [value for value in unknown_values() if value.count >= options["least"]]
        lines = csv.writer(self.stdout, lineterminator="\n")
        lines.writerow(["count", "key", "value", "example"])
        for value in found:
            # A value is a stranger's: none of its characters moves the cursor of a terminal.
            text = "".join(c if c.isprintable() else "\ufffd" for c in value.value)
            # Nor is it a formula of a spreadsheet.
            text = f"'{text}" if text[:1] in _FORMULA else text
            lines.writerow([value.count, value.key, text, value.example])
        if not found and sys.stderr.isatty():
            self.stderr.write("Every value is known.")
