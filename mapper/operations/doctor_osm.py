"""What `doctor` sees of OSM: whether it is followed, what is held, what stops giving back."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from mapper.operations.findings import Findings, missing, note
from mapper.osm.models import Following, HeldChange, OverpassServer
from mapper.upstream import gate

_PATIENCE = timedelta(days=2)


def examine() -> Findings:
    """Ask the database, if it answers and has its tables; `doctor_database` says it if not."""
    try:
        # Read whole: an error in the middle would end a transaction that others still need.
        found = [*_following(), *_resting(), *_held(), *_giving_back()]
    except (OperationalError, ProgrammingError):
        return
    yield from found


def _held() -> Findings:
    count = HeldChange.objects.waiting().count()
    if count:
        yield note(
            f"{count} changes of OpenStreetMap are held",
            "a moderator looks at them on /moderation/osm/held/",
        )


def _resting() -> Findings:
    resting = OverpassServer.objects.filter(
        url__in=settings.OVERPASS_URLS, rests_until__gt=timezone.now()
    )
    for server in resting.order_by("url"):
        yield note(
            f"{urlsplit(server.url).hostname} (Overpass) failed {server.failures} times in a row "
            f"and is left alone until {server.rests_until:%Y-%m-%d %H:%M} UTC",
            "`osm_pull` asks it again by itself then; OVERPASS_URL may name another beside it",
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
