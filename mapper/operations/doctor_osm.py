"""What `doctor` sees of OSM: whether it is followed, what is held, what stops giving back."""

from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from mapper.operations.findings import Findings, missing, note
from mapper.osm.held import held_changesets
from mapper.osm.models import Following
from mapper.upstream import gate

_PATIENCE = timedelta(days=2)


def examine() -> Findings:
    """Ask the database, if it answers and has its tables; `doctor_database` says it if not."""
    try:
        # Read whole: an error in the middle would end a transaction that others still need.
        found = [*_following(), *_held(), *_giving_back()]
    except (OperationalError, ProgrammingError):
        return
    yield from found


def _held() -> Findings:
    count = len(held_changesets())
    if count:
        yield note(
            f"{count} changesets of OpenStreetMap are held: they remove or move many devices",
            "a moderator decides at /moderation/osm/held/",
        )


def _giving_back() -> Findings:
    if not settings.OSM_PUSH:
        return
    lacking = gate.lacking_settings()
    if lacking:
        yield missing(
            f"nothing can be sent to OpenStreetMap: {', '.join(lacking)} not set",
            "docs/osm.md, Giving back",
        )
    for stop in gate.standing():
        yield note(
            f"nothing is sent to OpenStreetMap: {stop.get_kind_display()}",
            "a moderator answers it at /moderation/osm/",
        )


def _following() -> Findings:
    if not settings.OSM_REPLICATION_URL:
        return
    url = f"{settings.OSM_REPLICATION_URL.rstrip('/')}/"
    following = Following.objects.filter(url=url).first()
    if following is None:
        yield note(
            "OpenStreetMap is not followed yet",
            "the worker begins within five minutes; `osm_follow --since` begins at an extract",
        )
        return
    if following.fault:
        yield missing(
            f"following OpenStreetMap ended early: {following.fault}",
            "it is tried again every five minutes; docs/osm.md",
        )
    if timezone.now() - following.data_at > _PATIENCE:
        yield note(
            f"OpenStreetMap is known up to {following.data_at:%Y-%m-%d} only",
            "see that the worker runs and the server still publishes",
        )
