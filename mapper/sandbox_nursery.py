"""The program that keeps the sandbox warm: it forks the child of each task, and reads no stranger.

Starting Python and loading its decoders costs more than most tasks. Here the modules are loaded
once, and each task runs in a fork of this process that has seen no task before it. Asked by
`mapper.sandbox` over a socket, its standard input, with one message a task: the module's name and
three descriptors (request, answer, line). The line tells how the child ended; closed from the other
side, it ends the child.
"""

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
# What no task needs for this long takes memory for nothing.
_IDLE_S = 60.0
_NAME_BYTES = 200
_DESCRIPTORS = 3


@dataclass(frozen=True)
class _Running:
    """A child: its process, a descriptor that is readable once it ended, and its line."""

    pid: int
    ended: int
    line: socket.socket


def main() -> int:
    """Fork a child a task until nobody asks any more."""
    # -I leaves out the folder of the program.
    sys.path.insert(0, str(_ROOT))
    asked = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    with selectors.DefaultSelector() as waiting:
        waiting.register(asked, selectors.EVENT_READ)
        is_open = True
        while is_open or len(waiting.get_map()):
            events = waiting.select(_IDLE_S if is_open else None)
            if not events and len(waiting.get_map()) == 1:
                # Whoever asks from here on is told, and starts another one; what was asked is done.
                asked.shutdown(socket.SHUT_RD)
            # A child that ended as its line was closed is one child.
            for running in {key.data for key, _events in events if key.data}:
                _end(running, waiting)
            if any(key.fileobj is asked for key, _events in events):
                is_open = _begin(asked, waiting)
    return 0


def _begin(asked: socket.socket, waiting: selectors.BaseSelector) -> bool:
    """Fork the child of the next task; return False where nobody asks any more."""
    name, descriptors, _flags, _address = socket.recv_fds(asked, _NAME_BYTES, _DESCRIPTORS)
    if not name:
        waiting.unregister(asked)
        return False
    request, answer, line = descriptors
    # What a module loads is the same for every task: before the fork, once.
    with contextlib.suppress(Exception):
        importlib.import_module(name.decode())
    # The pages of what lives here are shared with the children as long as nobody counts in them.
    gc.freeze()
    nursery = os.getpid()
    pid = os.fork()
    if pid == 0:
        _be_the_child(request, answer, nursery)
    os.close(request)
    os.close(answer)
    running = _Running(pid, os.pidfd_open(pid), socket.socket(fileno=line))
    waiting.register(running.ended, selectors.EVENT_READ, running)
    waiting.register(running.line, selectors.EVENT_READ, running)
    return True


def _be_the_child(request: int, answer: int, nursery: int) -> None:
    """Keep nothing of the nursery but its modules, and do the task; never returns."""
    status = 1
    try:
        os.setsid()
        os.dup2(request, 0)
        os.dup2(answer, 1)
        # Lines and answers of other tasks among them.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        from mapper import sandbox_child

        sandbox_child.main(nursery)
        status = 0
    finally:
        os._exit(status)


def _end(running: _Running, waiting: selectors.BaseSelector) -> None:
    """End a child's whole session, and say how it ended to whoever still listens."""
    waiting.unregister(running.ended)
    waiting.unregister(running.line)
    # Both numbers are its own until it is waited for; it may not have its session yet.
    os.kill(running.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    _pid, status = os.waitpid(running.pid, 0)
    with contextlib.suppress(OSError), running.line as line:
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
    os.close(running.ended)


if __name__ == "__main__":
    sys.exit(main())
