"""The project's own cluster: made, entered by its two roles only, killed, started again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from mapper.errors import CommandFailure
from mapper.operations import cluster as module
from mapper.operations.cluster import OWNER_ROLE, SERVING_ROLE, Cluster
from mapper.operations.cluster_settings import identities

pytestmark = pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="PostgreSQL is not installed"
)


def remove(cluster):
    """Stop a cluster and delete its files, wherever they lie."""
    cluster.stop()
    shutil.rmtree(cluster.folder, ignore_errors=True)
    if cluster.socket.parent == Path("/tmp"):
        shutil.rmtree(cluster.socket, ignore_errors=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Run one cluster for the tests that only look at it."""
    cluster = Cluster(tmp_path_factory.mktemp("own"), is_durable=False)
    cluster.start()
    yield cluster
    remove(cluster)


@pytest.fixture
def made(tmp_path):
    """Make clusters that are gone afterwards."""
    clusters = []

    def make(folder=tmp_path, **options):
        clusters.append(Cluster(folder, **({"is_durable": False} | options)))
        return clusters[-1]

    yield make
    for cluster in clusters:
        remove(cluster)


def ask(cluster, role, statement, database="contrechamp"):
    with cluster.connect(role, database) as connection:
        return connection.execute(statement).fetchone()[0]


def test_nobody_who_can_enter_is_a_superuser(running):
    for role in (OWNER_ROLE, SERVING_ROLE):
        assert ask(running, role, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is (
            False
        )
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        running.connect("postgres")


def test_another_user_of_the_machine_does_not_get_in(running):
    if os.geteuid() != 0:
        pytest.skip("only root can try as another user")
    psql = ["psql", "-h", str(running.socket), "-U", SERVING_ROLE, "-c", "SELECT 1", "contrechamp"]
    done = subprocess.run(
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *psql],
        capture_output=True,
        cwd="/",
        check=False,
    )
    assert done.returncode != 0


def test_it_listens_on_no_port(running):
    assert ask(running, OWNER_ROLE, "SHOW listen_addresses") == ""
    assert running.socket.stat().st_mode & 0o077 == 0


def test_it_carries_postgis_into_new_databases(running):
    assert ask(running, OWNER_ROLE, "SELECT postgis_lib_version()") >= "3.3"
    with running.connect(OWNER_ROLE, "postgres") as connection:
        connection.autocommit = True
        connection.execute("CREATE DATABASE another")
    assert ask(running, OWNER_ROLE, "SELECT similarity('rue', 'rues')", "another") > 0


def test_a_failing_statement_leaves_no_value_in_its_log(running):
    canary = "a-walkers-word-4711"
    for statement in (f"SELECT '{canary}'::int", f"SELECT {canary.replace('-', '_')}"):
        with pytest.raises(psycopg.Error):
            ask(running, SERVING_ROLE, statement)
    text = running.log.read_text()
    assert "4711" not in text
    assert "ready to accept connections" in text


def test_a_second_one_of_the_same_checkout_is_refused(running):
    with pytest.raises(CommandFailure, match=f"in use by process {os.getpid()}"):
        Cluster(running.data_root).start()


def test_it_starts_again_at_once_after_a_kill_and_loses_nothing(made):
    cluster = made(is_durable=True)
    cluster.start()
    folder = cluster.folder
    with cluster.connect(OWNER_ROLE) as connection:
        connection.execute("CREATE TABLE kept (x int)")
    server = cluster._server.pid
    os.kill(server, signal.SIGKILL)
    cluster.start()
    assert cluster.folder == folder
    assert ask(cluster, OWNER_ROLE, "SELECT count(*) FROM kept") == 0


def test_a_cut_off_first_start_leaves_nothing_in_the_way(made):
    cluster = made()
    user = module.ServiceUser.of_folder(cluster.folder)
    user.make_folder(cluster.folder)
    user.run("mkdir", cluster.folder / "data.new")
    cluster.start()
    assert cluster.is_alive


def test_it_ends_with_whoever_started_it(tmp_path, made):
    cluster = made()
    script = (
        "import django, sys, time; from pathlib import Path; "
        "from mapper.operations.cluster import Cluster; "
        f"c = Cluster(Path({str(tmp_path)!r}), is_durable=False); c.start(); "
        "print(c._server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        server = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    for _ in range(100):
        if not Path(f"/proc/{server}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{server}").exists()
    cluster.start()


def test_two_checkouts_stand_side_by_side(made, tmp_path):
    one, other = made(tmp_path / "one"), made(tmp_path / "other")
    one.start()
    other.start()
    with one.connect(OWNER_ROLE) as connection:
        connection.execute("CREATE TABLE only_here (x int)")
    assert ask(other, OWNER_ROLE, "SELECT to_regclass('only_here') IS NULL") is True


def test_a_long_path_is_no_obstacle(made, tmp_path):
    folder = tmp_path / "a-folder-with-a-long-name" / ("x" * 90) / "é è"
    cluster = made(folder)
    cluster.start()
    assert len(os.fsencode(cluster.socket)) < 93
    assert ask(cluster, SERVING_ROLE, "SELECT 1") == 1


def test_a_missing_program_is_named_with_its_remedy(made, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_PROGRAMS", tmp_path)
    with pytest.raises(CommandFailure, match="apt-get install postgresql-15-postgis-3"):
        made().start()


def test_user_names_can_not_slip_lines_into_the_map():
    assert identities(['a"b c']).splitlines()[1] == 'contrechamp "a""b c" contrechamp_owner'
