"""Work on dossiers that runs by the clock."""

from procrastinate.contrib.django import app

from mapper.dossiers.actions import snapshot_cities


@app.periodic(cron="20 * * * *")
@app.task(queue="dossiers", queueing_lock="snapshot_cities", pass_context=False)
def keep_figures(timestamp: int) -> None:
    """Keep the figures of the cities where they changed, once a day each."""
    snapshot_cities()
