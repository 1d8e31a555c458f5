"""/healthz: 200, or 503 and which part."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from procrastinate.contrib.django import app

from mapper.operations import health
from mapper.operations.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_job_of_another_test(db):
    """Clear the queue: its tables are not Django's, and a test that commits leaves rows there."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def worker_alive():
    Heartbeat.objects.create(name="here", beaten_at=timezone.now())


def asked(client):
    response = client.get("/healthz")
    return response.status_code, response.json()["failing"]


def test_all_is_well(client, worker_alive):
    assert asked(client) == (200, {})


def test_a_silent_worker_is_named(client):
    Heartbeat.objects.create(name="here", beaten_at=timezone.now() - timedelta(seconds=61))
    status, failing = asked(client)
    assert (status, list(failing)) == (503, ["worker"])


@pytest.mark.parametrize(("waiting_s", "status"), [(290, 200), (301, 503)])
def test_a_job_that_waits_too_long_is_named(client, worker_alive, waiting_s, status):
    app.configure_task("purge_finished_jobs").defer(timestamp=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(secs => %s)", [waiting_s]
        )
    assert asked(client)[0] == status


def test_a_job_of_tomorrow_is_not_late(client, worker_alive):
    app.configure_task("purge_finished_jobs", schedule_at=timezone.now() + timedelta(days=1)).defer(
        timestamp=1
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '1 hour'")
    assert asked(client)[0] == 200


def test_a_full_disk_is_named(client, worker_alive, monkeypatch):
    monkeypatch.setattr(health, "free_disk_percent", lambda folder: 4.9)
    assert list(asked(client)[1]) == ["disk"]


def test_a_silent_database_is_the_only_thing_named(client, monkeypatch):
    def silent():
        raise DatabaseError

    monkeypatch.setattr(health, "database_fault", silent)
    assert list(asked(client)[1]) == ["database"]


def test_nothing_of_the_machine_is_told(client):
    assert client.get("/healthz")["Cache-Control"] == "no-store"
    assert client.post("/healthz").status_code == 405
