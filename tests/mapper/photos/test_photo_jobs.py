"""The queue of photos, run by a real worker."""

import datetime
import os

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from mapper.photos import actions, jobs, storage
from mapper.photos.models import Photo
from mapper.photos.reading import PhotoFacts
from mapper.sightings.models import Sighting
from tests import pictures


@pytest.fixture
def run_worker(monkeypatch):
    """Return a function that does what is due in the queue, as a worker does it."""
    # Jobs run in threads of their own: each closes the connection that it opened.
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)

    def run():
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(
                queues=["photos"],
                wait=False,
                install_signal_handlers=False,
                delete_jobs="successful",
            )

    return run


@pytest.mark.django_db(transaction=True)
def test_a_worker_cleans_what_was_received_and_leaves_no_job(run_worker):
    sighting = Sighting.objects.create(arrived_at=timezone.now())
    name = actions.keep_upload(data=pictures.phone_photo())
    photo = actions.receive_photo(
        sighting=sighting, upload_name=name, facts=PhotoFacts(), may_be_public=False
    )
    run_worker()
    photo.refresh_from_db()
    assert photo.state == "awaiting_review"
    assert {path.suffix for path in storage.quarantine().folder.iterdir()} == {".jpg"}
    assert not ProcrastinateJob.objects.filter(task_name="photos.clean").exists()


@pytest.mark.django_db(transaction=True)
def test_the_periodic_job_cleans_what_is_stuck_and_sweeps(run_worker):
    sighting = Sighting.objects.create(arrived_at=timezone.now())
    name = actions.keep_upload(data=pictures.phone_photo())
    photo = actions.receive_photo(
        sighting=sighting, upload_name=name, facts=PhotoFacts(), may_be_public=False
    )
    Photo.objects.update(arrived_at=timezone.now() - datetime.timedelta(minutes=5))
    left = actions.keep_upload(data=b"nobody's")
    long_ago = timezone.now().timestamp() - 601
    os.utime(storage.quarantine().folder / left, (long_ago, long_ago))
    jobs.purge.defer(timestamp=0)
    run_worker()
    photo.refresh_from_db()
    assert photo.state == "awaiting_review"
    assert {path.suffix for path in storage.quarantine().folder.iterdir()} == {".jpg"}
