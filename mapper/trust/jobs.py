"""The jobs of trust."""

from procrastinate.contrib.django import app

from mapper.trust.actions import publish_due, take_off_orphans
from mapper.trust.brake import forget_over
from mapper.trust.holding import release_due


@app.periodic(cron="*/10 * * * *")
@app.task(name="trust.publish", queue="trust", queueing_lock="trust.publish", lock="trust.publish")
def publish(timestamp: int) -> None:
    """Put on the map what may appear by now: accepted reports on their day, unchecked batches."""
    release_due()
    take_off_orphans()
    publish_due()
    forget_over()
