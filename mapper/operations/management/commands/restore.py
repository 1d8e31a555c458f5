"""Makes this instance what a backup says, without what was erased since."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure, refusals_end_the_command
from mapper.input_files import readable_file
from mapper.operations.databases import owned_database
from mapper.operations.erasures import FILE_NAME
from mapper.operations.restore import restore_backup


class Command(BaseCommand):
    """The backup is unpacked and checked beside the present data, and then takes their place."""

    help = "Restore a backup into an empty instance, or with --replace instead of this one's data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and its key."""
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument("--identity", type=Path, help="file of the age secret key")
        parser.add_argument(
            "--erasures", type=Path, help=f"the list to replay (DATA_ROOT/{FILE_NAME})"
        )
        parser.add_argument("--replace", action="store_true", help="lose the present data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore it."""
        os.umask(0o077)
        with refusals_end_the_command():
            for given in (options["file"], options["identity"], options["erasures"]):
                if given is not None:
                    readable_file(given)
        with owned_database() as database:
            try:
                counts = restore_backup(
                    path=options["file"],
                    database=database,
                    data_root=settings.DATA_ROOT,
                    erasures=options["erasures"] or settings.DATA_ROOT / FILE_NAME,
                    identity=options["identity"],
                    replace=options["replace"],
                )
            except psycopg.Error as error:
                raise CommandFailure(
                    f"the database did not let it: {error}", returncode=3
                ) from error
        self.stdout.write(f"{sum(counts.values())} rows restored; run `python manage.py migrate`")
