"""What `doctor` sees of following OSM: whether it goes on, and how far behind it is."""

from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from mapper.operations.findings import Findings, missing, note
from mapper.osm.models import Following

_PATIENCE = timedelta(days=2)


def examine() -> Findings:
    """Ask the database, if it answers and has its tables; `doctor_database` says it if not."""
    if not settings.OSM_REPLICATION_URL:
        return
    try:
        url = f"{settings.OSM_REPLICATION_URL.rstrip('/')}/"
        following = Following.objects.filter(url=url).first()
    except (OperationalError, ProgrammingError):
        return
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
