"""The jobs of moderation."""

from procrastinate.contrib.django import app

from mapper.moderation import company, confirming, second_thoughts


@app.periodic(cron="* * * * *")
@app.task(name="moderation.forget", queue="moderation", queueing_lock="moderation.forget")
def forget(timestamp: int) -> None:
    """Delete what was kept for ten minutes after a decision, and who has what open no more."""
    second_thoughts.forget_old()
    company.forget_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name="moderation.confirm", queue="moderation", queueing_lock="moderation.confirm")
def confirm(timestamp: int) -> None:
    """Verify what reports agree on, where the instance lets them."""
    confirming.verify_confirmed()
