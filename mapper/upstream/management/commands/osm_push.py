"""Sends to OSM what moderators approved, and finds out what became of earlier sendings."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure, Refusal, Unavailable, refusals_end_the_command
from mapper.upstream import gate
from mapper.upstream.accounts import editor_of, in_use
from mapper.upstream.actions import stop_all
from mapper.upstream.models import Account, Proposal, PushBatch
from mapper.upstream.sending import SendReport, send, waiting_of


class Command(BaseCommand):
    """Send."""

    help = (
        "Send what moderators approved to OpenStreetMap (off unless OSM_PUSH is set). "
        "There is no way to approve from here: each object is one click on its page."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take what to do."""
        parser.add_argument(
            "--status", action="store_true", help="say what waits and what stands in the way"
        )
        parser.add_argument(
            "--stop", action="store_true", help="throw the switch: nothing is sent any more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Send for each account in use."""
        if options["stop"]:
            stop_all()
            self.stdout.write("Stopped. A moderator turns it on again at /moderation/osm/.")
            return
        if options["status"]:
            self._say_status()
            return
        with refusals_end_the_command():
            gate.refuse_unless_set()
        accounts = in_use()
        if not accounts:
            raise CommandFailure(
                "No OpenStreetMap account is connected; connect one at /moderation/osm/account/."
            )
        refusals = [refusal for account in accounts if (refusal := self._send(account))]
        if refusals:
            # 3: OSM failed; 1: it is up, and a moderator is to see to something first.
            is_outage = any(isinstance(refusal, Unavailable) for refusal in refusals)
            words = " ".join(dict.fromkeys(refusal.message for refusal in refusals))
            raise CommandFailure(words, returncode=3 if is_outage else 1)

    def _send(self, account: Account) -> Refusal | None:
        """Send for one account; return what stood in the way, if anything did."""
        try:
            with editor_of(account) as editor:
                report = send(editor=editor, account=account, is_quiet=False)
        except Refusal as refusal:
            return refusal
        self.stdout.write(_summary(report))
        for batch in report.batches:
            self.stdout.write(batch.url)
        return None

    def _say_status(self) -> None:
        lacking = gate.lacking_settings()
        self.stdout.write(f"not set: {', '.join(lacking)}" if lacking else "switched on")
        waits = [waiting_of(account) for account in in_use()]
        waiting = sum(found.count() for found in waits)
        seconds = waiting - sum(found.ready().count() for found in waits)
        conflicts = Proposal.objects.filter(state="conflict").count()
        self.stdout.write(
            f"{waiting} waiting ({seconds} for a second moderator), {conflicts} in conflict, "
            f"{PushBatch.objects.unfinished().count()} batches without a known end, "
            f"{gate.left_today()} left of today's cap"
        )
        for stop in gate.standing():
            self.stdout.write(f"stopped: {stop.get_kind_display()} {stop.url}")


def _summary(report: SendReport) -> str:
    return (
        f"{report.sent} sent, {report.seen} read back, {report.settled} said there already, "
        f"{report.stuck} for a moderator, {report.left} still waiting"
    )
