"""Commands run as processes of their own, on the database of the test."""

import os
import random
import subprocess
import sys
import time
from urllib.parse import quote

from django.db import connection

from tests.conftest import REPOSITORY


def start(*words, **environment):
    """Start `manage.py` with these words; it says nothing, and may be killed."""
    known = connection.settings_dict
    url = (
        f"postgis://{quote(known['USER'] or '')}:{quote(known['PASSWORD'] or '')}"
        f"@{quote(known['HOST'] or '', safe='')}:{known['PORT']}/{known['NAME']}"
    )
    return subprocess.Popen(
        [sys.executable, "manage.py", *words, "--skip-checks"],
        cwd=REPOSITORY,
        env=os.environ | environment | {"DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Killing:
    """Kills processes at instants spread at random over the time of one that is left alone.

    Usage: with `has_begun`, a function of nothing, that time begins when it first says so: what
    comes before it, such as Django's start, is no work.
    """

    def __init__(self, kills, has_begun=lambda: True, longest_s=60):
        """Draw as many instants; nothing that is left alone may take longer than `longest_s`."""
        draw = random.Random(kills)
        self._instants = [(number + draw.random()) / kills for number in range(kills)]
        draw.shuffle(self._instants)
        self._has_begun, self._longest_s, self._whole_s = has_begun, longest_s, 0.0
        self.kills, self.at_work = kills, 0

    def spare(self, process):
        """Wait for a process to end well, in time."""
        deadline = time.monotonic() + self._longest_s
        try:
            began = self._await_work(process)
            assert process.wait(max(0, deadline - time.monotonic())) == 0
        finally:
            process.kill()
        self._whole_s = time.monotonic() - began

    def kill(self, process):
        """Kill a process of those that take as long as the one that was spared last."""
        self._await_work(process)
        time.sleep(self._instants.pop() * self._whole_s)
        self.at_work += process.poll() is None
        process.kill()
        process.wait()

    def assert_at_work(self):
        """Assert that most had not ended by themselves."""
        assert self.at_work > self.kills / 3

    def _await_work(self, process):
        deadline = time.monotonic() + self._longest_s
        while not self._has_begun() and process.poll() is None:
            assert time.monotonic() < deadline, "it does not begin"
            time.sleep(0.005)
        return time.monotonic()
