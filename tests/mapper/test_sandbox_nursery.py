"""What the nursery forks knows nothing of other tasks, and outlives nobody who asked for it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mapper import sandbox
from tests.sandbox_tasks import LIMITS, ROOT

WHERE = "return {'pid': os.getpid(), 'nursery': os.getppid()}"


def soon(check):
    """Return whether something becomes true within five seconds."""
    until = time.monotonic() + 5
    while not check() and time.monotonic() < until:
        time.sleep(0.02)
    return check()


def test_tasks_share_the_nursery_and_nothing_else(tasks):
    count = tasks.make("SEEN.append(data.decode()); return {'seen': SEEN}", before="SEEN = []")
    assert tasks.run(count, b"a").values == {"seen": ["a"]}
    assert tasks.run(count, b"b").values == {"seen": ["b"]}
    one, other = tasks(WHERE).values, tasks(WHERE).values
    assert one["nursery"] == other["nursery"] != os.getpid()
    assert one["pid"] != other["pid"]


def test_a_module_is_loaded_once(tasks):
    task = tasks.make("return {'loaded_by': LOADED_BY}", before="LOADED_BY = os.getpid()")
    assert len({tasks.run(task).values["loaded_by"] for _ in range(3)}) == 1


def test_tasks_run_side_by_side(tasks):
    task = tasks.make("time.sleep(0.3); return {'size': len(data)}")
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda size: tasks.run(task, bytes(size)), range(8))
        assert [answer.values["size"] for answer in answers] == list(range(8))
    assert time.monotonic() - begun < 2


def test_a_child_holds_no_descriptor_but_its_own_three(tasks):
    slow = tasks.make("time.sleep(0.5); return {}")
    code = """
held = []
for number in range(64):
    try:
        os.fstat(number)
        held.append(number)
    except OSError:
        pass
return {'held': held}
"""
    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(tasks.run, slow)
        assert tasks(code).values == {"held": [0, 1, 2]}
        other.result()


def test_what_a_task_left_running_ends_with_it(tasks):
    pid = tasks("pid = os.fork()\nif not pid: time.sleep(60)\nreturn {'pid': pid}").values["pid"]
    assert pid
    assert soon(lambda: len(tasks.pids()) == 1)


def test_another_one_starts_where_the_nursery_was_killed(tasks):
    first = tasks(WHERE).values["nursery"]
    (pid,) = tasks.pids()
    os.kill(pid, signal.SIGKILL)
    assert soon(lambda: not tasks.pids())
    assert tasks(WHERE).values["nursery"] != first


def test_a_task_whose_nursery_is_killed_is_a_crash_and_over(tasks):
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(tasks, "time.sleep(60)")
        assert soon(lambda: len(tasks.pids()) == 2)
        os.kill(min(tasks.pids()), signal.SIGKILL)
        with pytest.raises(sandbox.SandboxCrash):
            slow.result()
    assert soon(lambda: not tasks.pids())


def test_a_child_that_a_signal_ended_ends_its_nursery_too(tasks):
    first = tasks(WHERE).values["nursery"]
    with pytest.raises(sandbox.SandboxCrash, match="status -11"):
        tasks("os.kill(os.getpid(), 11)")
    assert tasks(WHERE).values["nursery"] != first
    # A task that was refused, or took too long, says nothing of the memory.
    second = tasks(WHERE).values["nursery"]
    with pytest.raises(sandbox.SandboxTimeout):
        tasks("time.sleep(60)", wall_s=0.3)
    assert tasks(WHERE).values["nursery"] == second


def test_an_idle_nursery_ends_and_the_next_task_starts_one(tasks):
    program = tasks.program.read_text()
    assert "_IDLE_S = 60.0" in program
    tasks.program.write_text(program.replace("_IDLE_S = 60.0", "_IDLE_S = 0.2"))
    first = tasks(WHERE).values["nursery"]
    assert tasks("time.sleep(0.5); return {'done': 1}").values == {"done": 1}
    assert soon(lambda: not tasks.pids())
    assert tasks(WHERE).values["nursery"] != first


def test_many_at_the_moment_when_it_ends_are_all_answered(tasks):
    program = tasks.program.read_text()
    tasks.program.write_text(program.replace("_IDLE_S = 60.0", "_IDLE_S = 0.01"))
    task = tasks.make("return {'size': len(data)}")
    for size in range(30):
        assert tasks.run(task, bytes(size)).values["size"] == size
        time.sleep(size % 5 / 200)


def test_it_ends_with_the_process_that_asked(tasks):
    task = tasks.make("time.sleep(60)")
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from mapper import sandbox
sandbox.TASK_MODULES = {{{task.partition(":")[0]!r}}}
sandbox._nursery = sandbox.Nursery(Path({str(tasks.program)!r}))
sandbox.call({task!r}, b"", **{LIMITS | {"wall_s": 60.0}!r})
"""
    with subprocess.Popen([sys.executable, "-I", "-c", code]) as asking:
        assert soon(lambda: len(tasks.pids() - {asking.pid}) == 2)
        asking.kill()
    assert soon(lambda: not tasks.pids())


def test_a_fork_of_ours_has_one_of_its_own(tasks):
    first = tasks(WHERE).values["nursery"]
    answer, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        sandbox._nursery.leave_to_parent()
        os.write(said, str(tasks(WHERE).values["nursery"]).encode())
        tasks.nursery.close()
        os._exit(0)
    os.close(said)
    with os.fdopen(answer, "rb") as text:
        other = int(text.read())
    os.waitpid(pid, 0)
    assert other != first
    assert tasks(WHERE).values["nursery"] == first
