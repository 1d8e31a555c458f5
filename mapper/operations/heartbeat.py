"""The worker's sign of life, which /healthz reads."""

import asyncio
import contextlib
import socket

from django.db import DatabaseError, connection
from django.utils import timezone

from mapper.operations.models import Heartbeat

BEAT_EVERY_S = 20.0


def beat(name: str = "") -> None:
    """Write that the worker of this machine is alive."""
    try:
        Heartbeat.objects.update_or_create(
            name=(name or socket.gethostname())[:64], defaults={"beaten_at": timezone.now()}
        )
    finally:
        connection.close()  # The next beat may come from another thread.


async def beat_for_ever() -> None:
    """Beat from the worker's own loop, so that a stuck loop falls silent."""
    while True:
        # The database may be starting again; /healthz says so meanwhile.
        with contextlib.suppress(DatabaseError):
            await asyncio.to_thread(beat)
        await asyncio.sleep(BEAT_EVERY_S)
