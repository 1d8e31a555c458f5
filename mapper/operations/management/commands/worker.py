"""Runs the jobs: photos, exports, deletions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mapper.operations import worker
from mapper.operations.processes import forbid_core_dumps


class Command(BaseCommand):
    """A worker; any number may run, on any machine that reaches the database and the files."""

    help = "Run jobs until stopped, or with --once all that is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --once."""
        parser.add_argument(
            "--once", action="store_true", help="do what is due, periodic work too, and end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        forbid_core_dumps()
        worker.run(once=options["once"])
