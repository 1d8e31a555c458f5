"""Runs jobs: for ever, or all that is due now."""

import asyncio
import contextlib
import os
import signal
import threading
import time

from django.db import connections
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.periodic import PeriodicDeferrer

from mapper.operations.heartbeat import beat_for_ever

# One job decodes while another writes; more would only take memory from the web server.
CONCURRENCY = 2
_LAST_JOBS_S = 5.0
_LAST_WORD_S = 7.0
_LAST_WORD_OF_AN_ORPHAN_S = 1.5


def run(*, once: bool) -> None:
    """Run the worker until it is stopped, or until nothing is due."""
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("the worker is already running in this process")
    told = connections.databases["default"]
    kept_s = told["CONN_MAX_AGE"]
    # Jobs run in threads that come and go: each job closes the connection that it opened.
    told["CONN_MAX_AGE"] = 0
    try:
        with app.replace_connector(connector.get_worker_connector()):
            asyncio.run(_run(once=once))
    finally:
        told["CONN_MAX_AGE"] = kept_s


async def _run(*, once: bool) -> None:
    """Beat beside the jobs."""
    async with app.open_async():
        heart = asyncio.create_task(beat_for_ever())
        if once:
            await _defer_periodic_work()
        work = asyncio.create_task(
            app.run_worker_async(
                wait=not once,
                concurrency=CONCURRENCY,
                # A job that is over would date and order what people sent.
                delete_jobs="successful",
                shutdown_graceful_timeout=_LAST_JOBS_S,
                install_signal_handlers=False,
                name="worker",
            )
        )
        _stop_on_signals(work)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await work
        finally:
            heart.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await heart


def _stop_on_signals(work: asyncio.Task[None]) -> None:
    """End when asked to, even where the database has gone first and no job can be given back."""
    parent = os.getppid()

    def stop() -> None:
        work.cancel()
        # What was cut off is a stalled job, which the next worker tries again. With its parent
        # killed the embedded database is going too: nothing can be given back to it.
        patience_s = _LAST_WORD_S if os.getppid() == parent else _LAST_WORD_OF_AN_ORPHAN_S
        last_word = threading.Timer(patience_s, os._exit, [1])
        last_word.daemon = True
        last_word.start()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def _defer_periodic_work() -> None:
    """Queue each periodic task now: whoever calls once does not want to wait for the hour."""
    deferrer = PeriodicDeferrer(app.periodic_registry)
    now_s = int(time.time())
    for periodic_task in app.periodic_registry.periodic_tasks.values():
        with contextlib.suppress(exceptions.AlreadyEnqueued):
            await deferrer.defer_jobs([(periodic_task, now_s)])
