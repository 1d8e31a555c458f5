"""The jobs of moderation."""

from procrastinate.contrib.django import app

from mapper.moderation import second_thoughts


@app.periodic(cron="* * * * *")
@app.task(name="moderation.forget", queue="moderation", queueing_lock="moderation.forget")
def forget(timestamp: int) -> None:
    """Delete what was kept for ten minutes after a decision."""
    second_thoughts.forget_old()
