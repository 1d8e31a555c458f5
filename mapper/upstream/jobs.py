"""Sends what was approved, each hour, where the instance has an account for it."""

from procrastinate.contrib.django import app

from mapper.errors import Refusal
from mapper.upstream.accounts import editor_of, in_use
from mapper.upstream.sending import send


@app.periodic(cron="17 * * * *")
@app.task(name="upstream.send", queueing_lock="upstream.send", lock="upstream.send")
def send_approved(timestamp: int) -> None:
    """Send for each account; what stands in the way is on the moderators' page."""
    for account in in_use():
        try:
            with editor_of(account) as editor:
                send(editor=editor, account=account)
        except Refusal:
            # Stopped, paused, or no answer: it is looked up and tried again in an hour.
            continue
