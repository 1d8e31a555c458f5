"""Writes a download to a file or to standard output: the same bytes that /data/ answers."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from mapper.errors import refusals_end_the_command
from mapper.exports.downloads import FORMATS, Download
from mapper.exports.named_city import named_city
from mapper.exports.snapshot import snapshot
from mapper.output_files import whole_file


class Command(BaseCommand):
    """Export devices or events."""

    help = "Write the public devices (or events) as GeoJSON or CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the format, a city, and where to write."""
        parser.add_argument("--format", required=True, help=" or ".join(FORMATS))
        parser.add_argument("--city", metavar="SLUG", help="slug or code of a city")
        parser.add_argument(
            "--subject", choices=["devices", "events"], default="devices", help="devices"
        )
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write all of it or nothing."""
        with refusals_end_the_command():
            city = named_city(options["city"]) if options["city"] else None
            download = Download(options["subject"], options["format"], city)
            with (
                snapshot(),
                whole_file(options["output"]) as file,
                # No bar where standard error is no terminal.
                tqdm(unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar,
            ):
                for chunk in download.chunks():
                    file.write(chunk)
                    bar.update(len(chunk))
