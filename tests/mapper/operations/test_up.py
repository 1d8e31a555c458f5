"""`manage.py up` as a process: it serves, stops when told to, and leaves nothing behind."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from mapper.errors import CommandFailure
from mapper.operations.management.commands import up
from mapper.operations.management.commands.up import await_port
from mapper.operations.processes import StopSignal

REPOSITORY = Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path):
    """Return the environment of an instance on the tests' database."""
    told = connection.settings_dict
    host = told["HOST"].replace("/", "%2F")
    url = f"postgis://{told['USER']}@{host}:{told['PORT'] or 5432}/{told['NAME']}"
    inherited = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    return {**inherited, "DATABASE_URL": url, "DATA_ROOT": str(tmp_path / "root"), "DEMO": "1"}


def test_what_was_built_since_is_gathered_too(settings, tmp_path, monkeypatch):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "dist"]
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "assets" / "main.1.js").touch()
    (tmp_path / "dist" / ".built").touch()
    gathered = []

    def copy(*words, environment, stop):
        gathered.append(words[0])
        hidden = shutil.ignore_patterns(".*")
        shutil.copytree(tmp_path / "dist", settings.STATIC_ROOT, ignore=hidden, dirs_exist_ok=True)

    monkeypatch.setattr(up, "run_command", copy)
    for _ in range(2):
        up.gather_static_files({}, StopSignal())
    assert gathered == ["collectstatic"]
    (tmp_path / "dist" / "assets" / "main.2.js").touch()
    up.gather_static_files({}, StopSignal())
    assert gathered == ["collectstatic"] * 2


def start(port, environment):
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port)],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def health(port):
    try:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        asked.request("GET", "/healthz")
        response = asked.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        asked.close()


def family(process):
    """Return the numbers of a process's children and theirs."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found, wave = set(), {process.pid}
    while wave:
        wave = {pid for pid, parent in pairs if parent in wave} - found
        found |= wave
    return found


def granian_workers(numbers):
    """Return those that granian forked to serve: its children, under its own name."""
    told = [Path(f"/proc/{number}").joinpath("stat").read_text() for number in numbers]
    parents = {int(line.split()[0]): int(line.rpartition(")")[2].split()[1]) for line in told}
    return [
        number
        for number, parent in parents.items()
        if parent in numbers and b"granian" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]


def gone(numbers, within_s):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{number}").exists() for number in numbers):
            return True
        time.sleep(0.1)
    return False


def wait_until_well(port, process):
    deadline = time.monotonic() + 180  # Generous: other tests share the two cores.
    while time.monotonic() < deadline:
        status, said = health(port)
        if status == 200:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    pytest.fail(f"it did not become healthy: {status} {said}")


@pytest.mark.django_db(transaction=True)
def test_it_serves_stops_on_ctrl_c_and_leaves_nothing_after_a_kill(environment, tmp_path):
    port = free_port()
    with start(port, environment) as process:
        wait_until_well(port, process)
        assert process.stdout.readline().startswith(f"Contrechamp: http://127.0.0.1:{port}/")
        with start(port, environment) as second:
            said = second.communicate(timeout=60)[1]
        assert second.returncode == 2
        assert f"Port {port} is taken" in said
        assert "Traceback" not in said
        children = family(process)
        assert len(children) >= 4
        process.send_signal(signal.SIGINT)
        assert gone(children, 30)
        assert process.wait(10) == 0
    assert list((tmp_path / "root" / "static" / "assets").glob("main*.css"))
    assert (tmp_path / "root" / "secret_key").stat().st_mode & 0o077 == 0
    with start(port, environment) as process:
        wait_until_well(port, process)
        children = family(process)
        # One that does not hear SIGTERM, as while it still loads the site, goes all the same.
        os.kill(max(granian_workers(children)), signal.SIGSTOP)
        process.kill()
        process.wait()
        assert gone(children, 30)
        process.communicate()


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_can_not_be_is_refused(port):
    with pytest.raises(CommandFailure, match="is outside 1 to 65535"):
        await_port(port, patience_s=0)


def test_a_port_that_is_being_left_is_waited_for():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        threading.Timer(0.3, holder.close).start()
        await_port(port, patience_s=10)
