"""Runs the web server and the worker as children: watched, told to stop, never orphaned."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.25
_STOP_TIMEOUT_S = 8.0
_RESTARTS = 5
_RESTARTS_WITHIN_S = 60.0


def forbid_core_dumps() -> None:
    """Keep the memory of this process and of its children off the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_parent() -> None:
    """Have the kernel send this process SIGTERM when the one that started it is gone.

    granian's own processes would go on answering after a kill -9 of granian.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class StopSignal:
    """Becomes true on Ctrl-C, on a stop from outside and when the terminal goes away."""

    def __init__(self) -> None:
        """Catch the three signals, even where the caller had them ignored."""
        self._event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._catch)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        """Note that a signal came."""
        self._event.set()

    def __bool__(self) -> bool:
        """Return whether it came."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for it, at most that long."""
        return self._event.wait(seconds)


class Child:
    """A program in a session of its own that gets SIGTERM when this process ends in any way."""

    def __init__(self, name: str, argv: list[str], environment: dict[str, str]):
        """Keep what is to be run."""
        self.name = name
        self._argv = argv
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_at_s: list[float] = []

    def start(self) -> None:
        """Start it. The kernel sends it SIGTERM when its parent is gone (PR_SET_PDEATHSIG)."""
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *self._argv],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def has_ended(self) -> bool:
        """Return whether it is not running."""
        return self._process is None or self._process.poll() is not None

    @property
    def returncode(self) -> int:
        """Return how it ended; 0 while it runs."""
        return (self._process.returncode or 0) if self._process is not None else 0

    def may_restart(self, now_s: float) -> bool:
        """Return whether an unexpected end may be answered by a new start."""
        self._ended_at_s = [at for at in self._ended_at_s if now_s - at < _RESTARTS_WITHIN_S]
        self._ended_at_s.append(now_s)
        return len(self._ended_at_s) <= _RESTARTS

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def make_stop(self, deadline_s: float) -> None:
        """Wait until the deadline, then kill its whole session."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def watch(children: list[Child], stop: StopSignal, *, keep_going: Callable[[], None]) -> bool:
    """Run the children until `stop`; return False where one keeps ending.

    `keep_going` is called at each turn, and raises where something else they need is gone.
    """
    while not stop.wait(_POLL_S):
        keep_going()
        for child in children:
            if child.has_ended:
                if not child.may_restart(time.monotonic()):
                    print(f"contrechamp: the {child.name} keeps ending", file=sys.stderr)
                    return False
                print(f"contrechamp: the {child.name} ended; starting it again", file=sys.stderr)
                child.start()
    return True


def stop_all(children: list[Child]) -> None:
    """Stop the children together."""
    for child in children:
        child.ask_to_stop()
    deadline_s = time.monotonic() + _STOP_TIMEOUT_S
    for child in children:
        child.make_stop(deadline_s)
