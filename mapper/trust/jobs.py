"""The jobs of trust."""

from procrastinate.contrib.django import app

from mapper.trust.actions import publish_due, take_off_orphans


@app.periodic(cron="*/10 * * * *")
@app.task(name="trust.publish", queue="trust", queueing_lock="trust.publish", lock="trust.publish")
def publish(timestamp: int) -> None:
    """Put on the map what nobody has checked yet and may appear by now."""
    take_off_orphans()
    publish_due()
