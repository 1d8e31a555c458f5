"""Follows OSM by the change files of a server: once, or on and on."""

import datetime
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from geo.bbox import BBox
from mapper.errors import BadInput, CommandFailure, refusals_end_the_command
from mapper.input_files import tell_faults
from mapper.osm.follow import FollowReport, catch_up, note_fault, start_following
from mapper.osm.models import Following
from mapper.osm.outbound import user_agent
from mapper.osm.replication import Replication, ReplicationFailure

_PAUSE_S = 60.0


class Command(BaseCommand):
    """Follow a server."""

    help = "Apply OSM's change files, oldest first, each once; goes on where the last run ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a server, and where to begin."""
        parser.add_argument(
            "--url",
            default=settings.OSM_REPLICATION_URL,
            help="the folder that holds state.txt (OSM_REPLICATION_URL)",
        )
        parser.add_argument(
            "--region",
            metavar="west,south,east,north",
            default=settings.OSM_REGION,
            help="take new devices there alone (OSM_REGION)",
        )
        parser.add_argument("--once", action="store_true", help="end when there is nothing newer")
        begin = parser.add_mutually_exclusive_group()
        begin.add_argument(
            "--from",
            dest="sequence",
            type=int,
            metavar="NUMBER",
            help="begin after this number (a number that was applied is applied again)",
        )
        begin.add_argument(
            "--since", metavar="DATE", help="begin at this moment, like 2026-05-12T10:00:00Z"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Catch up; without --once look again each minute, until interrupted."""
        with refusals_end_the_command():
            if not options["url"]:
                raise BadInput("Name a server: --url, or OSM_REPLICATION_URL.")
            region = BBox.parse(options["region"]) if options["region"] else None
            with Replication(options["url"], user_agent=user_agent()) as server:
                self._begin(server, options)
                while True:
                    self._catch_up(server, region, is_once=options["once"])
                    if options["once"]:
                        return
                    time.sleep(_PAUSE_S)

    def _begin(self, server: Replication, options: dict[str, Any]) -> None:
        sequence, since = options["sequence"], options["since"]
        is_known = Following.objects.filter(url=server.baseurl).exists()
        if is_known and sequence is None and since is None:
            return
        try:
            following = start_following(
                server=server, sequence=sequence, since=_moment(since) if since else None
            )
        except ReplicationFailure as failure:
            raise CommandFailure(failure.message, returncode=3) from None
        self.stdout.write(
            f"Begins after number {following.sequence}, of {following.data_at:%Y-%m-%d %H:%M} UTC."
        )

    def _catch_up(self, server: Replication, region: BBox | None, *, is_once: bool) -> None:
        try:
            report, following = catch_up(server=server, region=region)
        except ReplicationFailure as failure:
            note_fault(server=server, fault=failure.message)
            if is_once:
                raise CommandFailure(failure.message, returncode=3) from None
            self.stderr.write(failure.message)
            return
        if report.files or is_once:
            self._tell(report, following, is_once=is_once)

    def _tell(self, report: FollowReport, following: Following, *, is_once: bool) -> None:
        held = f"{report.held} held for a moderator, " if report.held else ""
        self.stdout.write(
            f"OpenStreetMap: {report.files} change files; {report.added} added, "
            f"{report.changed} changed, {report.removed} removed, {held}"
            f"{len(report.refused)} refused; "
            f"now at number {following.sequence}, of {following.data_at:%Y-%m-%d %H:%M} UTC."
        )
        try:
            tell_faults(self, "objects", refused=report.refused)
        except CommandFailure:
            if is_once:
                raise


def _moment(text: str) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--since {text[:40]!r} is not like 2026-05-12T10:00:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
