"""Worker and web side are killed at any instant: no photo is lost, half published or left over."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mapper.operations import worker
from mapper.photos import storage
from mapper.photos.actions import clean_stuck_photos, purge_photos
from mapper.photos.models import Photo
from mapper.photos.scan import is_clean_jpeg
from mapper.sightings.models import Sighting
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.django_db(transaction=True)
DESK = Path(__file__).with_name("busy_desk.py")


@pytest.fixture
def running(tmp_path):
    """Return a function that starts a process of the service on this test's database and files."""
    known = connection.settings_dict
    url = (
        f"postgis://{quote(known['USER'] or '')}:{quote(known['PASSWORD'] or '')}"
        f"@{quote(known['HOST'] or '', safe='')}:{known['PORT']}/{known['NAME']}"
    )
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATA_ROOT": str(settings.DATA_ROOT),
        "SECRET_KEY": settings.SECRET_KEY,
        "REDACTION_THREADS": "1",
    }
    started = []

    def start(*command):
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        end(process)


def end(process):
    """Kill a process, and wait until it is over."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


class Service:
    """A worker, and the web side that says what it has done; each is started again when killed."""

    def __init__(self, running):
        self.running = running
        self.sent, self.accepted, self.refused, self.going = set(), set(), set(), set()
        self.kills = {"worker": 0, "desk": 0}
        self.start_worker()
        self.start_desk()

    def start_worker(self):
        self.worker = self.running("manage.py", "worker", "--skip-checks")

    def start_desk(self):
        self.desk = self.running(str(DESK), str(self.kills["desk"]))
        is_ready = threading.Event()
        self.listening = threading.Thread(
            target=self._listen, args=(self.desk.stdout, is_ready), daemon=True
        )
        self.listening.start()
        assert is_ready.wait(60)

    def _listen(self, stdout, is_ready):
        for line in stdout:
            word, _, sighting = line.strip().partition(" ")
            if word == "ready":
                is_ready.set()
            else:
                {"withdrawing": self.going}.get(word, getattr(self, word, set())).add(sighting)

    def kill(self, *names):
        """Kill at once, as a power cut does, or the kernel when memory is short."""
        for name in names:
            getattr(self, name).send_signal(signal.SIGKILL)
        for name in names:
            self.kills[name] += 1
            getattr(self, name).wait()
        if "desk" in names:
            self.listening.join()

    def start(self, *names):
        """Start again, as systemd does."""
        for name in names:
            getattr(self, f"start_{name}")()


def files(folder):
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def named(*columns):
    return {name for names in Photo.objects.values_list(*columns) for name in names if name}


PRIVATE = ("upload_name", "search_name", "pixel_name", "covered_name", "covered_thumbnail_name")
PUBLIC = ("public_name", "public_thumbnail_name")


WHO = (("worker",), ("desk",), ("worker",), ("desk",), ("worker", "desk"))


@pytest.mark.parametrize(
    "instants", [2, pytest.param(200, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_killed_at_any_instant_the_pipeline_goes_on_by_itself(
    alice, running, instants, record_property
):
    chance = random.Random(instants)
    service = Service(running)
    while not service.accepted:
        time.sleep(0.1)
    for number in range(instants):
        # While it starts now and then, mostly while it works.
        time.sleep(chance.choice((chance.uniform(0.1, 1), chance.uniform(1, 4))))
        service.kill(*WHO[number % len(WHO)])
        service.start(*WHO[number % len(WHO)])
    service.kill("worker", "desk")
    midway = Photo.objects.filter(state="received").count()
    rest()
    assert_nothing_is_lost(service)
    assert_nothing_is_half_published()
    left = assert_no_orphan()
    kills = f"{service.kills['worker']} of the worker, {service.kills['desk']} of the web side"
    record_property("kills", kills)
    record_property("reports", f"{len(service.sent)} sent, {len(service.accepted)} accepted")
    published = Photo.objects.filter(state="published").count()
    assert published >= len(service.accepted - service.going)
    record_property("photos published", published)
    record_property("photos midway at the last kill", midway)
    record_property("left for the sweep", f"{left} files")


def rest():
    """Let time pass in which nobody does anything but start the worker again."""
    settings.REDACTION_THREADS = 1
    for minutes in (3, 70):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            worker.run(once=True)
            while clean_stuck_photos():
                pass


def assert_nothing_is_lost(service):
    """What was said to be done is done, and every photo came to its end."""
    assert not Photo.objects.filter(state__in=["received", "failed"]).exists()
    states = {str(key): state for key, state in Sighting.objects.values_list("id", "state")}
    assert service.sent - service.going <= states.keys()
    for word in ("accepted", "refused"):
        lost = {key for key in getattr(service, word) - service.going if states[key] != word}
        assert lost == set()


def assert_nothing_is_half_published():
    """A public photo is of an accepted report and has both its files; no other has any."""
    for photo in Photo.objects.select_related("sighting"):
        parts = [storage.read(storage.media(), getattr(photo, name)) for name in PUBLIC]
        if photo.state == "published":
            assert photo.sighting.state == "accepted"
            assert all(part is not None and is_clean_jpeg(part) for part in parts)
        else:
            assert parts == [None, None]


def assert_no_orphan():
    """Ten minutes later there is no file without a row; return how many there were till then."""
    assert named(*PRIVATE) <= files(storage.quarantine().folder)
    assert named(*PUBLIC) <= files(storage.media().folder)
    left = len(files(storage.quarantine().folder) - named(*PRIVATE))
    left += len(files(storage.media().folder) - named(*PUBLIC))
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        purge_photos()
    assert files(storage.quarantine().folder) == named(*PRIVATE)
    assert files(storage.media().folder) == named(*PUBLIC)
    return left
