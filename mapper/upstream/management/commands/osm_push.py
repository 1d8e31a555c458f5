"""Sends to OSM what moderators approved, and finds out what became of earlier sendings."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand

from mapper.errors import CommandFailure, Refusal, Unavailable, refusals_end_the_command
from mapper.upstream import gate
from mapper.upstream.accounts import editor_of, in_use, used_before
from mapper.upstream.actions import stop_all
from mapper.upstream.models import Account, Proposal, PushBatch
from mapper.upstream.sending import SendReport, look_up, send, waiting_of


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
        refusals = [self._run(look_up, account) for account in used_before()]
        with refusals_end_the_command():
            gate.refuse_unless_set()
        accounts = in_use()
        if not accounts:
            raise CommandFailure(
                "No OpenStreetMap account is connected; connect one at /moderation/osm/account/."
            )
        refusals += [self._run(partial(send, is_quiet=False), account) for account in accounts]
        said = [refusal for refusal in refusals if refusal is not None]
        if said:
            # 3: OSM failed; 1: it is up, and a moderator is to see to something first.
            is_outage = any(isinstance(refusal, Unavailable) for refusal in said)
            words = " ".join(dict.fromkeys(refusal.message for refusal in said))
            raise CommandFailure(words, returncode=3 if is_outage else 1)

    def _run(self, do: Callable[..., SendReport], account: Account) -> Refusal | None:
        """Send for one account, or look up; return what stood in the way, if anything did."""
        try:
            with editor_of(account) as editor:
                report = do(editor=editor, account=account)
        except Refusal as refusal:
            return refusal
        self.stdout.write(_summary(report))
        for batch in report.batches:
            self.stdout.write(batch.url)
        return None

    def _say_status(self) -> None:
        lacking = gate.lacking_settings()
        self.stdout.write(f"not set: {', '.join(lacking)}" if lacking else "switched on")
        waiting = Proposal.objects.waiting()
        seconds = waiting.count() - waiting.ready().count()
        orphans = waiting.count() - sum(waiting_of(account).count() for account in in_use())
        conflicts = Proposal.objects.filter(state="conflict").count()
        self.stdout.write(
            f"{waiting.count()} waiting ({seconds} for a second moderator, {orphans} without an "
            f"account), {conflicts} in conflict, "
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
