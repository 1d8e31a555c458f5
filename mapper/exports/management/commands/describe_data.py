"""Writes docs/data.md from the one table that names the columns."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from mapper.errors import refusals_end_the_command
from mapper.exports.dictionary import as_markdown
from mapper.output_files import whole_file


class Command(BaseCommand):
    """Write the data dictionary."""

    help = "Write the data dictionary, docs/data.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it in English, as all of docs/ is."""
        with (
            refusals_end_the_command(),
            translation.override("en"),
            whole_file(options["output"]) as file,
        ):
            file.write(as_markdown().encode())
