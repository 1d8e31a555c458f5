"""Takes an account's second factor away, for an operator who lost phone and codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mapper.accounts.models import User
from mapper.accounts.second_factor import take_away
from mapper.errors import BadInput, refusals_end_the_command


class Command(BaseCommand):
    """forget_second_factor NAME."""

    help = "Take an account's second factor away; its sessions end, the password stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name."""
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it away."""
        with refusals_end_the_command():
            user = User.objects.filter(username=options["name"]).first()
            if user is None:
                raise BadInput(f"There is no account named {options['name']!r}.")
            take_away(user=user)
        self.stdout.write(f"{user.username} signs in with the password alone until a new one is on")
