"""Whether it runs: database, jobs, worker, disk. For the monitor, and for `manage.py up`."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mapper import sql
from mapper.operations.models import Heartbeat
from mapper.osm.models import Following

OLDEST_DUE_JOB_S = 300.0
OLDEST_HEARTBEAT_S = 60.0
LEAST_FREE_DISK_PERCENT = 5.0


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200, or 503 with the parts that fail and why."""
    failing = faults()
    body: dict[str, Any] = {"status": "failing" if failing else "ok", "failing": failing}
    if "database" not in failing:
        body |= osm_state()
    response = JsonResponse(body, status=503 if failing else 200)
    response["Cache-Control"] = "no-store"
    return response


def faults() -> dict[str, str]:
    """Return what is wrong, part by part."""
    checks: dict[str, Callable[[], str]] = {
        "database": database_fault,
        "jobs": jobs_fault,
        "worker": worker_fault,
        "disk": disk_fault,
    }
    found: dict[str, str] = {}
    for part, check in checks.items():
        if part in ("jobs", "worker") and "database" in found:
            continue  # They would only say the same again.
        try:
            fault = check()
        except DatabaseError:
            fault = "the database does not answer"
        if fault:
            found[part] = fault
    return found


def osm_state() -> dict[str, Any]:
    """Return up to when OSM is known and how far behind that is, where a server is followed."""
    newest = Following.objects.followed().order_by("-data_at").first()
    if newest is None:
        return {}
    lag_s = (timezone.now() - newest.data_at).total_seconds()
    return {"osm_data_at": newest.data_at.isoformat(), "osm_lag_s": max(0, round(lag_s))}


def database_fault() -> str:
    """Return what keeps the database from answering."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def jobs_fault() -> str:
    """Return whether a due job waits too long."""
    with connection.cursor() as cursor:
        cursor.execute(sql.load("operations", "oldest_due_job"))
        row = cursor.fetchone()
    waiting_s = row[0] if row and row[0] is not None else 0.0
    return f"a job waits since {waiting_s:.0f} s" if waiting_s >= OLDEST_DUE_JOB_S else ""


def worker_fault() -> str:
    """Return whether no worker gave a sign of life."""
    since = timezone.now() - timedelta(seconds=OLDEST_HEARTBEAT_S)
    is_alive = Heartbeat.objects.filter(beaten_at__gt=since).exists()
    return "" if is_alive else f"no worker gave a sign within {OLDEST_HEARTBEAT_S:.0f} s"


def disk_fault() -> str:
    """Return whether the disk of the data is nearly full."""
    free_percent = free_disk_percent(settings.DATA_ROOT)
    if free_percent > LEAST_FREE_DISK_PERCENT:
        return ""
    return f"{free_percent:.1f} percent of the disk are free"


def free_disk_percent(folder: Path) -> float:
    """Return the free share of the disk that holds a folder, or will."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return 100.0 * usage.free / usage.total
