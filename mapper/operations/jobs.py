"""What the machine does for itself: stalled jobs are tried again, finished ones leave no trace."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from mapper import sql
from mapper.operations import erasures, raw_traces

FAILED_JOBS_KEPT_H = 24


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again what a killed worker had begun."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job, retry_at=timezone.now() + timedelta(seconds=1))


@app.periodic(cron="*/10 * * * *")
@app.task(name="purge_finished_jobs", queueing_lock="purge_finished_jobs")
def purge_finished_jobs(timestamp: int) -> None:
    """Delete what finished jobs leave: rows that would date and order reports."""
    purge_jobs()
    purge_sessions()


@app.periodic(cron="*/10 * * * *")
@app.task(name="list_erasures", queueing_lock="list_erasures")
def list_erasures(timestamp: int) -> None:
    """Note what was erased, hidden or withdrawn where a restore finds it."""
    erasures.write_list(settings.DATA_ROOT / erasures.FILE_NAME)


# Last of what is due: what the others deleted goes with it.
@app.periodic(cron="41 3 * * *")
@app.task(name="wipe_raw_traces", queueing_lock="wipe_raw_traces", priority=-100)
def wipe_raw_traces(timestamp: int) -> None:
    """Wipe what the database's files still hold of what was decided, changed or deleted."""
    raw_traces.wipe()


def purge_jobs() -> None:
    """Delete finished jobs with their events, and failed ones after a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.load("operations", "purge_jobs"),
            {"failed_kept": f"{FAILED_JOBS_KEPT_H} hours"},
        )


def purge_sessions() -> None:
    """Delete the sessions that are over: each would tell when somebody of the staff worked."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
