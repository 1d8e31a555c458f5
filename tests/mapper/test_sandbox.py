"""The sandbox gives an answer or an error in time, and its child can do nothing but compute."""

import os
import time

import pytest

from mapper import sandbox
from tests.sandbox_tasks import LIMITS, ROOT


def test_a_task_returns_values_and_bytes(tasks):
    answer = tasks(
        "return {'size': len(data), **options}, [data[:2], b'', data[2:]]",
        b"abcd",
        options={"side_px": 7},
    )
    assert answer.values == {"size": 4, "side_px": 7}
    assert answer.parts == (b"ab", b"", b"cd")


def test_a_refusal_keeps_its_reason_and_nothing_else(tasks):
    code = """
class Refused(ValueError):
    reason = 'too_odd'
raise Refused('the secret in the file')
"""
    with pytest.raises(sandbox.SandboxRefused) as caught:
        tasks(code)
    assert caught.value.reason == str(caught.value) == "too_odd"


def test_a_crash_names_the_class_and_not_the_message(tasks):
    with pytest.raises(sandbox.SandboxCrash, match="KeyError") as caught:
        tasks("raise KeyError('the secret in the file')")
    assert "secret" not in str(caught.value)


def test_a_hanging_task_is_killed_by_the_wall_clock(tasks):
    started = time.monotonic()
    with pytest.raises(sandbox.SandboxTimeout):
        tasks("time.sleep(60)", wall_s=0.8)
    assert time.monotonic() - started < 3


def test_a_spinning_task_is_killed_by_the_processor_clock(tasks):
    with pytest.raises(sandbox.SandboxTimeout):
        tasks("while True: pass", cpu_s=1, wall_s=20)


def test_a_greedy_task_gets_no_memory(tasks):
    with pytest.raises(sandbox.SandboxCrash, match="MemoryError"):
        tasks("return {'size': len(bytearray(2_000_000_000))}")


def test_a_killed_child_is_a_crash(tasks):
    with pytest.raises(sandbox.SandboxCrash, match="status"):
        tasks("os.kill(os.getpid(), 11)")


def test_an_endless_answer_is_cut_off(tasks):
    with pytest.raises(sandbox.SandboxCrash, match="wrote more"):
        tasks("return {}, [bytes(5_000_000)]", output_bytes=1_000_000)


@pytest.mark.parametrize(
    "answer",
    [b"", b"\0\0\0\2{}", b"\xff\xff\xff\xff", b"\0\0\0\4null", b"\0\0\0\1[" * 9],
)
def test_a_child_that_was_taken_over_can_only_crash(tasks, answer):
    with pytest.raises(sandbox.SandboxCrash):
        tasks(f"os.write(1, {answer!r}); os._exit(0)")


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd').read()",
        "open('{tmp}/root/secret').read()",
        "open('{tmp}/root/mapper/made', 'wb').write(b'x')",
        "os.unlink('{tmp}/root/mapper/sandbox_child.py')",
        "[open('/dev/null') for _ in range(200)]",
    ],
)
def test_the_child_reads_and_writes_no_file_of_ours(tasks, tmp_path, code):
    (tmp_path / "root" / "secret").write_text("key")
    with pytest.raises(sandbox.SandboxCrash, match=r"PermissionError|OSError"):
        tasks(code.replace("{tmp}", str(tmp_path)) + "\nreturn {}")


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('127.0.0.1', 9), timeout=1)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.if_nameindex()",
    ],
)
def test_the_child_has_no_network(tasks, code):
    with pytest.raises(sandbox.SandboxCrash, match="PermissionError"):
        tasks(code)


def test_the_child_has_no_network_by_other_calls_either(tasks):
    code = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
io_uring_setup, x32_socket = 425, 0x40000000 + 41
return {"refused": [
    (libc.syscall(number, 1, 1, 0), errno.errorcode[ctypes.get_errno()])
    for number in (io_uring_setup, x32_socket)
]}
"""
    assert tasks(code).values["refused"] == [[-1, "EACCES"], [-1, "EACCES"]]


def test_the_child_sees_none_of_our_environment(tasks, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not-for-children")
    answer = tasks("return {'names': sorted(os.environ)}")
    assert set(answer.values["names"]) <= {
        *("LANG", "PATH", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    }


def test_only_listed_modules_are_tasks():
    for task in ("os:system", "mapper.settings:BASE_DIR", "mapper.photos.pixels:_srgb", "x"):
        with pytest.raises(ValueError, match="not a sandbox task"):
            sandbox.call(task, b"", **LIMITS)


def test_no_child_is_left_behind(tasks):
    with pytest.raises(sandbox.SandboxTimeout):
        tasks("time.sleep(60)", wall_s=0.5)
    tasks.end()
    assert tasks.pids() == set()


def test_the_real_tasks_load_without_django():
    for module in (*sandbox.TASK_MODULES, "mapper.sandbox_child"):
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}; "
        code += "print('django' in sys.modules)"
        with os.popen(f'{sandbox.sys.executable} -I -c "{code}"') as out:
            assert out.read().strip() == "False"
