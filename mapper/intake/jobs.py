"""The jobs of intake."""

from procrastinate.contrib.django import app

from mapper.intake import buckets


@app.periodic(cron="7 * * * *")
@app.task(name="intake.purge", queue="intake", queueing_lock="intake.purge")
def purge(timestamp: int) -> None:
    """Forget the counts of hours that are over."""
    buckets.purge_buckets()
