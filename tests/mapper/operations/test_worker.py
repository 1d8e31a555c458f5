"""The worker: what is due is done, what is done leaves nothing, and /healthz knows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from mapper.operations import worker
from mapper.operations.health import faults
from mapper.operations.jobs import purge_jobs
from mapper.operations.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)

DONE = []


@app.task(name="note_for_the_tests")
def note(word):
    DONE.append(word)


@app.task(name="fail_for_the_tests")
def fail(word):
    raise ValueError(f"a value that no log may hold: {word}")


@pytest.fixture(autouse=True)
def _no_jobs():
    """Clear what Django's flush leaves: these tables are not its own."""
    DONE.clear()
    yield
    run("DELETE FROM procrastinate_jobs", "DELETE FROM procrastinate_periodic_defers")


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def count(table, condition="true"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")
        return cursor.fetchone()[0]


def test_once_does_all_that_is_due_and_keeps_nothing_of_it():
    for word in ("one", "two"):
        note.defer(word=word)
    worker.run(once=True)
    assert sorted(DONE) == ["one", "two"]
    assert count("procrastinate_jobs") == 0
    assert count("procrastinate_events") == 0


def test_once_does_periodic_work_too(monkeypatch):
    done = []
    task = app.tasks["purge_finished_jobs"]

    def purge(timestamp):
        done.append(timestamp)

    monkeypatch.setattr(task, "func", purge)
    worker.run(once=True)
    assert len(done) >= 1


def test_a_failing_job_is_logged_without_its_values(caplog, capsys):
    fail.defer(word="4711")
    worker.run(once=True)
    assert count("procrastinate_jobs", "status = 'failed'") == 1
    assert "no log may hold" not in capsys.readouterr().err


def test_a_failed_job_is_kept_for_a_day_and_then_goes():
    fail.defer(word="x")
    worker.run(once=True)
    purge_jobs()
    assert count("procrastinate_jobs") == 1
    run("UPDATE procrastinate_events SET at = at - interval '25 hours'")
    purge_jobs()
    assert count("procrastinate_jobs") == 0
    assert count("procrastinate_events") == 0


def test_a_job_of_a_killed_worker_is_done_by_the_next():
    note.defer(word="again")
    run(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')",
        "UPDATE procrastinate_jobs SET status = 'doing', attempts = 1, "
        "worker_id = (SELECT max(id) FROM procrastinate_workers)",
    )
    for _ in range(3):
        worker.run(once=True)
        run("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    assert DONE == ["again"]


def test_the_worker_gives_a_sign_of_life():
    worker.run(once=True)
    assert Heartbeat.objects.filter(beaten_at__gt=timezone.now() - timedelta(seconds=30))
    assert "worker" not in faults()
