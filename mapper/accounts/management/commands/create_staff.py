"""Makes a staff account; the password comes from STAFF_PASSWORD or is asked for twice."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mapper import environment
from mapper.accounts.actions import create_staff
from mapper.accounts.models import Role
from mapper.errors import BadInput, CommandFailure, refusals_end_the_command
from mapper.places.models import City


class Command(BaseCommand):
    """create_staff NAME --role moderator|editor|operator [--city CODE], once for each city."""

    help = "Make a staff account; the password comes from STAFF_PASSWORD or is asked for twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name, the role and the cities."""
        parser.add_argument("name", help="a pseudonym to sign in with")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--city",
            action="append",
            default=[],
            metavar="CODE",
            help="write about this city alone (its code or slug); again for more of them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account."""
        # Read here and not in the settings, where every process would carry it.
        password = environment.text("STAFF_PASSWORD") or _asked_password()
        with refusals_end_the_command():
            user = create_staff(
                name=options["name"],
                role=options["role"],
                password=password,
                cities=[_city(code) for code in options["city"] or ()],
            )
        self.stdout.write(f"{user.role} {user.username} can sign in at /staff/login/")


def _city(code: str) -> City:
    city = City.objects.defer("boundary").named(code)
    if city is None:
        raise BadInput(f"There is no city {code[:60]!r} here; import it first (import_cities).")
    return city


def _asked_password() -> str:
    """Ask twice on a terminal; without one there is nobody to ask."""
    if not sys.stdin.isatty():
        raise CommandFailure(
            "No password: set STAFF_PASSWORD (or STAFF_PASSWORD_FILE), or run it on a terminal."
        )
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("The same again: "):
        raise CommandFailure("The two passwords differ; nothing was made.")
    return password
