"""Sends what was approved, each hour, where the instance has an account for it."""

from contextlib import suppress

from procrastinate.contrib.django import app

from mapper.errors import Refusal
from mapper.upstream.accounts import editor_of, in_use, used_before
from mapper.upstream.sending import look_up, send


@app.periodic(cron="17 * * * *")
@app.task(name="upstream.send", queueing_lock="upstream.send", lock="upstream.send")
def send_approved(timestamp: int) -> None:
    """Send for each account; what stands in the way is on the moderators' page."""
    for do, accounts in ((look_up, used_before()), (send, in_use())):
        for account in accounts:
            # Stopped, paused, or no answer: it is looked up and tried again in an hour.
            with suppress(Refusal), editor_of(account) as editor:
                do(editor=editor, account=account)
