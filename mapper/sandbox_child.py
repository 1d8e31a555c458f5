"""The other end of `mapper.sandbox`: takes away its own process's rights, then runs one task.

A fork of `mapper.sandbox_nursery` calls it. It imports nothing of Django. What the kernel does not
offer (name spaces, Landlock) is left out; the resource limits and the wall clock of the parent
always hold, and on x86_64 and aarch64 the ban on sockets.
"""

import contextlib
import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

_ROOT = Path(__file__).resolve().parent.parent
_LENGTH_BYTES = 4
_OPEN_FILES = 64
_THREADS = 8

# <linux/prctl.h>, <linux/sched.h>, <linux/landlock.h>; the call numbers are the same on every
# architecture.
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_PATH_BENEATH = 1
# <linux/seccomp.h>, <linux/filter.h>, <linux/audit.h>: our architectures, each with the number of
# its call socket(2). io_uring has one number, and other ways to open a socket.
_PR_SET_SECCOMP, _SECCOMP_FILTER = 22, 2
_AUDIT_ARCH = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP = 425
_X32_CALLS = 0x40000000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
# All thirteen rights over files that Landlock's first version knows, and those that only read.
_FILE_RIGHTS = (1 << 13) - 1
_READ_RIGHTS = (1 << 2) | (1 << 3)

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("handled_access_fs", ctypes.c_uint64)]


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction))]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def main(nursery: int) -> NoReturn:
    """Read the request from standard input, run it, write the answer to standard output; end."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != nursery:
        # It ended before its end could be a signal to us.
        os._exit(1)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    # The head is ours, the rest a stranger's: it is read only after the limits are set.
    head = json.loads(stdin.read(int.from_bytes(stdin.read(_LENGTH_BYTES), "big")))
    task = getattr(importlib.import_module(head["module"]), head["function"])
    is_alone = _leave_the_network()
    _limit(cpu_s=head["cpu_s"], memory_bytes=head["memory_bytes"], is_alone=is_alone)
    _forbid_sockets()
    _leave_the_files()
    _write(stdout, *_run(task, stdin, head["options"]))
    # Not sys.exit: a decoder's clean-up at exit may hang, and there is nothing to keep.
    os._exit(0)


def _run(
    task: Callable[..., Any], stdin: BinaryIO, options: dict[str, Any]
) -> tuple[dict[str, Any], list[bytes]]:
    """Return the answer's body and its byte strings."""
    body: dict[str, Any] = {"values": {}, "refused": "", "crashed": "", "parts": []}
    try:
        result = task(stdin.read(), **options)
    except Exception as error:
        reason = getattr(error, "reason", "")
        if isinstance(reason, str) and reason and isinstance(error, ValueError):
            body["refused"] = reason
        else:
            # The class alone: a message may quote what the file holds.
            body["crashed"] = type(error).__name__
        return body, []
    values, parts = result if isinstance(result, tuple) else (result, [])
    body["values"] = values
    body["parts"] = [len(part) for part in parts]
    return body, list(parts)


def _write(stdout: BinaryIO, body: dict[str, Any], parts: list[bytes]) -> None:
    """Write the length of the body, the body, the parts."""
    text = json.dumps(body, allow_nan=False).encode()
    stdout.write(len(text).to_bytes(_LENGTH_BYTES, "big"))
    stdout.write(text)
    for part in parts:
        stdout.write(part)
    stdout.flush()


def _limit(*, cpu_s: int, memory_bytes: int, is_alone: bool) -> None:
    """Set what this process may use; none of it can be raised again."""
    limits = {
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    if is_alone:
        # Counted in our own name space; elsewhere it would count all that our user runs, and the
        # HEIC decoder needs its thread. The kernel never counts root's.
        limits[resource.RLIMIT_NPROC] = _THREADS
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _leave_the_network() -> bool:
    """Move to a network of our own with nothing in it; return whether to users of our own too."""
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        return True
    _libc.unshare(_CLONE_NEWNET)
    return False


def _forbid_sockets() -> None:
    """Have the kernel refuse every new socket: a container may lend us no name spaces."""
    if os.uname().machine not in _AUDIT_ARCH:
        return
    architecture, socket_call = _AUDIT_ARCH[os.uname().machine]
    program = (
        (_LOAD, 0, 0, 4),  # struct seccomp_data: the architecture
        (_IF_EQUAL, 0, 5, architecture),
        (_LOAD, 0, 0, 0),  # the call's number
        (_IF_EQUAL, 3, 0, socket_call),
        (_IF_EQUAL, 2, 0, _IO_URING_SETUP),
        (_IF_AT_LEAST, 1, 0, _X32_CALLS),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    instructions = (_Instruction * len(program))(*(_Instruction(*step) for step in program))
    _libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(_Program(len(program), instructions))
    )


def _leave_the_files() -> None:
    """Give up all files but reading Python's and ours, where the kernel has Landlock."""
    attributes = _Ruleset(handled_access_fs=_FILE_RIGHTS)
    size = ctypes.sizeof(attributes)
    rules = _libc.syscall(_LANDLOCK_CREATE, ctypes.byref(attributes), size, 0)
    if rules < 0:
        return
    for folder in _readable():
        with contextlib.suppress(OSError):
            opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            rule = _PathBeneath(allowed_access=_READ_RIGHTS, parent_fd=opened)
            _libc.syscall(
                _LANDLOCK_ADD, rules, _LANDLOCK_PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0)
            )
            os.close(opened)
    _libc.syscall(_LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)


def _readable() -> set[str]:
    """Return the folders that late imports read: Python's, the libraries', our two packages."""
    pythons = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return {*pythons, str(_ROOT / "geo"), str(_ROOT / "mapper"), "/usr/lib", "/lib", "/lib64"}
