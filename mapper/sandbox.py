"""Runs one pure function on a stranger's bytes in a short-lived process that can do little else.

Every decoding of a stranger's picture or PDF goes through `call`. A process that is kept warm
(`mapper.sandbox_nursery`) forks a child for each task, and the child (`mapper.sandbox_child`) sets
its limits before it reads a byte.
"""

import atexit
import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The modules whose functions may run in there: pure, on bytes, without Django. A task is named
# "module:function"; it takes the bytes and its options by keyword, and returns a JSON-ready dict,
# or one and a list of bytes. What it refuses it raises with an attribute `reason`, a stable code.
TASK_MODULES = frozenset(
    {
        "mapper.documents.pdf",
        "mapper.photos.faces",
        "mapper.photos.metadata",
        "mapper.photos.pixels",
        "mapper.photos.redaction",
    }
)

_PROGRAM = Path(__file__).with_name("sandbox_nursery.py")
_READ_BYTES = 65_536
_LENGTH_BYTES = 4
# Nothing of ours (no database address, no key) is in the child's environment.
# Libraries start no threads of their own: each would count, and take memory for nothing.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class SandboxError(Exception):
    """The task gave no result."""


class SandboxTimeout(SandboxError):
    """The task took longer than it may, by the wall's clock or the processor's."""


class SandboxCrash(SandboxError):
    """The task broke: a fault of the decoder, or out of memory; names the exception's class."""


class SandboxRefused(SandboxError):
    """The task said what is wrong with the bytes; `reason` is a stable code."""

    def __init__(self, reason: str):
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SandboxAnswer:
    """What a task returned: JSON values, and byte strings such as re-encoded pictures."""

    values: dict[str, Any]
    parts: tuple[bytes, ...] = ()


def call(
    task: str,
    data: bytes,
    *,
    wall_s: float,
    cpu_s: int,
    memory_bytes: int,
    options: Mapping[str, Any] | None = None,
    output_bytes: int = 20_000_000,
) -> SandboxAnswer:
    """Run `task` ("module:function") on `data`; raise one of the `SandboxError` family."""
    module, _, function = task.partition(":")
    if module not in TASK_MODULES or not function.isidentifier() or function.startswith("_"):
        raise ValueError(f"{task!r} is not a sandbox task; its module is in TASK_MODULES.")
    head = json.dumps(
        {
            "module": module,
            "function": function,
            "options": dict(options or {}),
            "cpu_s": cpu_s,
            "memory_bytes": memory_bytes,
        }
    ).encode()
    with os.fdopen(os.memfd_create("sandbox"), "w+b") as request:
        request.write(len(head).to_bytes(_LENGTH_BYTES, "big") + head)
        request.write(data)
        request.flush()
        request.seek(0)
        answer, status = _run(module, request.fileno(), wall_s=wall_s, output_bytes=output_bytes)
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise SandboxTimeout(f"{task} used up its {cpu_s} s of processor time.")
    if status != 0:
        raise SandboxCrash(f"{task} ended with status {status}.")
    return _parsed(task, answer)


def _run(module: str, request: int, *, wall_s: float, output_bytes: int) -> tuple[bytes, int]:
    """Have a child forked and read what it writes until it ends, the time is up or it is too much.

    Return what it wrote, and how it ended as `subprocess` says it. When the line is closed, the
    nursery ends the child.
    """
    deadline = time.monotonic() + wall_s
    line, their_line = socket.socketpair()
    answer, their_answer = os.pipe()
    try:
        try:
            _nursery.ask(module, request, their_answer, their_line.fileno())
        finally:
            os.close(their_answer)
            their_line.close()
        text = _read(answer, deadline=deadline, most=output_bytes)
        # At its end the nursery says the status: a few digits, and closes.
        status = _read(line.fileno(), deadline=deadline, most=_READ_BYTES)
    except TimeoutError:
        raise SandboxTimeout(f"The task took longer than {wall_s} s.") from None
    finally:
        os.close(answer)
        line.close()
    if not status:
        raise SandboxCrash("The sandbox itself was killed.")
    ended = int(status)
    if ended < 0 and ended not in (-signal.SIGXCPU, -signal.SIGKILL):
        # Forks share their layout in memory: whoever broke one learns nothing for a second try.
        _nursery.close()
    return text, ended


def _read(source: int, *, deadline: float, most: int) -> bytes:
    """Return all that comes from a descriptor before the deadline (`time.monotonic`)."""
    chunks: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(source, selectors.EVENT_READ)
        while True:
            if not waiting.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            try:
                chunk = os.read(source, _READ_BYTES)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                return b"".join(chunks)
            size += len(chunk)
            if size > most:
                raise SandboxCrash(f"The task wrote more than {most} bytes.")
            chunks.append(chunk)


class Nursery:
    """The process that forks the children; started when first asked, ended when idle or closed."""

    def __init__(self, program: Path):
        """Take the program; nothing runs yet."""
        self._program = program
        self._forget()

    def _forget(self) -> None:
        # After a fork of ours too: the copy of a lock may be held by a thread that is not there.
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._processes: list[subprocess.Popen[bytes]] = []

    def ask(self, module: str, *descriptors: int) -> None:
        """Have a child forked with copies of the request, the answer and the line."""
        with self._lock:
            message = [module.encode()]
            if self._socket is not None:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    socket.send_fds(self._socket, message, descriptors)
                    return
                self._socket.close()
            self._socket = self._started()
            socket.send_fds(self._socket, message, descriptors)

    def _started(self) -> socket.socket:
        # Those that are over are waited for here.
        self._processes = [process for process in self._processes if process.poll() is None]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", str(self._program)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
            )
        self._processes.append(process)
        return ours

    def close(self) -> None:
        """Let the process end when what it was asked is done; the next task starts another one."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def leave_to_parent(self) -> None:
        """In a fork of this process: let the nursery be the parent's alone."""
        if self._socket is not None:
            self._socket.close()
        self._forget()


_nursery = Nursery(_PROGRAM)
os.register_at_fork(after_in_child=_nursery.leave_to_parent)
atexit.register(_nursery.close)


def _parsed(task: str, answer: bytes) -> SandboxAnswer:
    """Return the child's answer; a child that an attacker took over may have written anything."""
    try:
        size = int.from_bytes(answer[:_LENGTH_BYTES], "big")
        body = json.loads(answer[_LENGTH_BYTES : _LENGTH_BYTES + size])
        lengths = [int(length) for length in body["parts"]]
        values, refused, crashed = body["values"], body["refused"], body["crashed"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SandboxCrash(f"{task} gave an answer that can't be read.") from None
    if refused:
        raise SandboxRefused(str(refused)[:64])
    if crashed:
        raise SandboxCrash(f"{task} broke: {str(crashed)[:64]}.")
    rest = answer[_LENGTH_BYTES + size :]
    if not isinstance(values, dict) or min(lengths, default=0) < 0 or sum(lengths) != len(rest):
        raise SandboxCrash(f"{task} gave an answer that can't be read.")
    parts, start = [], 0
    for length in lengths:
        parts.append(rest[start : start + length])
        start += length
    return SandboxAnswer(values=values, parts=tuple(parts))
