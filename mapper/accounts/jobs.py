"""The jobs of accounts."""

from procrastinate.contrib.django import app

from mapper.accounts import second_factor


@app.periodic(cron="* * * * *")
@app.task(name="accounts.forget", queue="accounts", queueing_lock="accounts.forget")
def forget(timestamp: int) -> None:
    """Forget when codes of the second factor were used."""
    second_factor.forget_used_steps()
