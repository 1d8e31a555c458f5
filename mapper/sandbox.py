"""Runs one pure function on a stranger's bytes in a short-lived process that can do little else.

Every decoding of a stranger's picture or PDF goes through `call`; `mapper.sandbox_child` is the
program at the other end, and sets its limits before it reads a byte.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
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

_CHILD = Path(__file__).with_name("sandbox_child.py")
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
        answer, status = _run(request.fileno(), wall_s=wall_s, output_bytes=output_bytes)
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise SandboxTimeout(f"{task} used up its {cpu_s} s of processor time.")
    if status != 0:
        raise SandboxCrash(f"{task} ended with status {status}.")
    return _parsed(task, answer)


def _run(request: int, *, wall_s: float, output_bytes: int) -> tuple[bytes, int]:
    """Start the child and read what it writes until it ends, the time is up or it is too much."""
    deadline = time.monotonic() + wall_s
    child = subprocess.Popen(
        [sys.executable, "-I", str(_CHILD)],
        stdin=request,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    try:
        answer = _read(child, deadline=deadline, output_bytes=output_bytes)
        return answer, child.wait(timeout=max(0.01, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise SandboxTimeout(f"The task took longer than {wall_s} s.") from None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _read(child: "subprocess.Popen[bytes]", *, deadline: float, output_bytes: int) -> bytes:
    """Return all that the child writes."""
    if child.stdout is None:
        raise SandboxCrash("The child has no output.")
    chunks: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not waiting.select(deadline - time.monotonic()):
                raise subprocess.TimeoutExpired(_CHILD.name, deadline)
            chunk = os.read(child.stdout.fileno(), _READ_BYTES)
            if not chunk:
                return b"".join(chunks)
            size += len(chunk)
            if size > output_bytes:
                raise SandboxCrash(f"The task wrote more than {output_bytes} bytes.")
            chunks.append(chunk)


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
