"""Backs up, migrates, restarts; and puts everything back where a migration fails."""

import os
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure
from mapper.operations import databases
from mapper.operations.databases import Database, owned_database

_UNITS = ("contrechamp-web", "contrechamp-worker")


class Command(BaseCommand):
    """The copy made before is the database itself, with what no backup holds."""

    help = "Back up, migrate and restart; undo all of it if a migration fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take another place for the backup."""
        parser.add_argument("--backup", help="where to write the backup (DATA_ROOT/backups)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it step by step, saying each."""
        are_services = services_run()
        if are_services and os.geteuid() != 0:
            raise CommandFailure("Run it as root, who may stop and start the services: sudo make …")
        with owned_database(alone=True) as database:
            if are_services:
                # What came in after the copy would be lost by a return to it.
                self.stdout.write("stopping the services")
                subprocess.run(["systemctl", "stop", *_UNITS], check=True)
            try:
                self._upgrade(database, options["backup"])
            except psycopg.Error as error:
                raise CommandFailure(
                    f"the database did not let it: {error}", returncode=3
                ) from error
        if are_services:
            subprocess.run(["systemctl", "start", *_UNITS], check=True)
            self.stdout.write("upgraded and started")
        else:
            self.stdout.write("upgraded; start it again: make demo, or `manage.py up`")

    def _upgrade(self, database: Database, backup: str | None) -> None:
        """Copy, migrate, and go back to the copy where that fails."""
        before = database.named(f"{database.name}_before_upgrade")
        environment = {**os.environ, "DATABASE_URL": database.url}
        if not databases.exists(database):
            raise CommandFailure(f"There is no database {database.name}; begin with `up`.")
        self.stdout.write("backing up")
        self._back_up(environment, backup)
        self.stdout.write("keeping a copy of the database")
        databases.drop(before)
        databases.create(before, template=database.name)
        self.stdout.write("migrating")
        if self._migrated(environment):
            databases.drop(before)
            return
        databases.put_in_place(before, database.name)
        raise CommandFailure(
            "the migration failed, and the database is again what it was; go back to the version "
            "of the program that it belongs to (git checkout), then `make upgrade` again",
            returncode=3,
        )

    def _back_up(self, environment: dict[str, str], backup: str | None) -> None:
        """Write a backup beside the last ones."""
        folder = settings.DATA_ROOT / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ending = ".tar.age" if settings.BACKUP_RECIPIENT else ".tar"
        path = backup or str(folder / f"before-upgrade{ending}")
        if self._run("backup", path, "--replace", environment=environment):
            raise CommandFailure("no backup, no upgrade; nothing was changed", returncode=3)

    def _migrated(self, environment: dict[str, str]) -> bool:
        """Migrate, and look whether the program agrees with what came of it."""
        migrated = self._run("migrate", "--no-input", "--verbosity=0", environment=environment)
        return not migrated and not self._run("migrate", "--check", environment=environment)

    def _run(self, *words: str, environment: dict[str, str]) -> int:
        """Run a command of ours."""
        argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
        return subprocess.run(
            argv, env=environment, check=False, stdout=subprocess.DEVNULL
        ).returncode


def services_run() -> bool:
    """Return whether systemd runs us here."""
    if shutil.which("systemctl") is None:
        return False
    asked = (["systemctl", "is-active", "--quiet", unit] for unit in _UNITS)
    return any(
        subprocess.run(command, check=False, capture_output=True).returncode == 0
        for command in asked
    )
