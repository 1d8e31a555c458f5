"""Runs a program on a database of the project's own: the tests, the trials, the benchmarks."""

import os
import subprocess
import sys
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mapper.environment import is_given
from mapper.errors import CommandFailure
from mapper.operations.cluster import OWNER_ROLE, Cluster


class Command(BaseCommand):
    """A cluster beside the one that `up` serves, as safe to lose as its content."""

    help = "Run a program with DATABASE_URL of the owner role on the tests' own cluster."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the program and its arguments."""
        parser.add_argument("program", nargs=REMAINDER, help="the program and its arguments")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, run, stop; end as the program ended."""
        program = [word for word in options["program"] if word != "--"]
        if not program:
            raise CommandFailure("Name a program: manage.py with_cluster pytest -q")
        if is_given("DATABASE_URL"):
            sys.exit(_run(program, dict(os.environ)))
        cluster = Cluster(settings.DATA_ROOT, name="test-cluster", is_durable=False)
        try:
            cluster.start()
            environment = {**os.environ, "DATABASE_URL": cluster.url(OWNER_ROLE), "DEMO": "1"}
            sys.exit(_run(program, environment))
        finally:
            cluster.stop()


def _run(program: list[str], environment: dict[str, str]) -> int:
    """Run the program and return how it ended."""
    try:
        return subprocess.run(program, check=False, env=environment).returncode
    except OSError as error:
        raise CommandFailure(f"{program[0]} can't be run: {error.strerror}.") from None
