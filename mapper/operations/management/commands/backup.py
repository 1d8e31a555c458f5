"""Writes a backup of everything that was decided, encrypted to BACKUP_RECIPIENT."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure
from mapper.operations.backup import write_backup
from mapper.operations.databases import owned_database


class Command(BaseCommand):
    """All but the quarantine, the quotas, the jobs and the receipts."""

    help = "Write a backup; in production it must be encrypted (BACKUP_RECIPIENT)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, help="the file to write")
        parser.add_argument("--replace", action="store_true", help="replace a file of that name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        os.umask(0o077)
        if not settings.BACKUP_RECIPIENT and not settings.IS_DEMO:
            raise CommandFailure("BACKUP_RECIPIENT is missing: the backup would be readable.")
        path: Path = options["file"].absolute()
        if not path.parent.is_dir():
            raise CommandFailure(f"There is no folder {path.parent}.")
        with owned_database() as database:
            try:
                counts = write_backup(
                    database=database,
                    media=Path(settings.MEDIA_ROOT),
                    path=path,
                    work=settings.DATA_ROOT,
                    recipient=settings.BACKUP_RECIPIENT,
                    replace=options["replace"],
                )
            except psycopg.Error as error:
                raise CommandFailure(
                    f"the database did not let it: {error}", returncode=3
                ) from error
        rows = sum(counts.values())
        self.stdout.write(f"{path}: {rows} rows, {path.stat().st_size} bytes")
        if settings.S3:
            self.stdout.write("The photos are not in it: their buckets need a copy of their own.")
