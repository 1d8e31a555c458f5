"""The jobs of intake."""

from procrastinate.contrib.django import app

from mapper.intake import buckets, proof_of_work, receipts


@app.periodic(cron="7 * * * *")
@app.task(name="intake.purge", queue="intake", queueing_lock="intake.purge")
def purge(timestamp: int) -> None:
    """Forget the counts of hours that are over, and the spent proofs."""
    buckets.purge_buckets()
    proof_of_work.purge_spent()


@app.periodic(cron="23 3 * * *")
@app.task(name="intake.purge_receipts", queue="intake", queueing_lock="intake.purge_receipts")
def purge_receipts(timestamp: int) -> None:
    """Delete receipts that nobody has used for long."""
    receipts.purge_idle()
