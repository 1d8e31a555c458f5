"""What every test may ask for; and no test reaches the network."""

import os
import socket
from pathlib import Path

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.people", "tests.sandbox_tasks"]

REPOSITORY = Path(__file__).resolve().parent.parent
# Real data of the workshop, beside the checkout and never in it.
SHARED_DATA = Path(os.environ.get("SHARED_DATA", REPOSITORY.parent / "shared" / "data"))


# Two shared cores: how long one example takes says nothing about the code. The examples are the
# same each time, so that a run says something of the change before it; to look for new ones:
# `pytest --hypothesis-profile=search`.
_PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("house", _PATIENT, derandomize=True, database=None)
hypothesis_settings.register_profile("search", _PATIENT, print_blob=True)
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data, or skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real data is not on this machine")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Give each test folders of its own."""
    settings.DATA_ROOT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.QUARANTINE_ROOT = tmp_path / "quarantine"
    settings.EXPORT_ROOT = tmp_path / "exports"
    settings.BASEMAP_ROOT = tmp_path / "basemap"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "spool")
    (tmp_path / "spool").mkdir()
    settings.BUCKET_SALT_FILE = str(tmp_path / "salt")
    # Searching each photo would take half of all the time; what is about photos turns it on again.
    settings.REDACTION_THREADS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _cheap_proofs(settings):
    """Let a proof of work cost a test little; what it costs a phone is measured by its trial."""
    settings.PROOF_TRIES = 3


@pytest.fixture(autouse=True)
def _default_language():
    """Begin in the default language: the last request left its own behind in the thread."""
    translation.deactivate()


# Streamed answers that a test did not read to the end.
_unread: list[StreamingHttpResponse] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Close what a test left unread, as a web server does, before its database is taken away.

    Left to the garbage collector, a download ends its transaction at any moment, in the middle
    of another statement on the same connection too, and both wait for ever.
    """
    try:
        return (yield)
    finally:
        # As Django's own test client does: the test's connection is not the answer's to close.
        request_finished.disconnect(close_old_connections)
        while _unread:
            _unread.pop().close()
        request_finished.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _unread_answers_are_closed(monkeypatch):
    """Remember streamed answers."""
    ask = Client.request

    def remembering(self, **request):
        answer = ask(self, **request)
        if answer.streaming:
            _unread.append(answer)
        return answer

    monkeypatch.setattr(Client, "request", remembering)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Refuse every connection but to this machine and to Unix sockets."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _jobs_go_too(request):
    """Clear what Django's flush leaves after a test that commits: these tables are not its own."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if not commits and "transactional_db" not in request.fixturenames:
        yield
        return
    # Set up first, so that it is there when this is taken down.
    request.getfixturevalue("transactional_db")
    yield
    with connection.cursor() as cursor:
        for table in ("jobs", "workers", "periodic_defers"):
            cursor.execute(f"DELETE FROM procrastinate_{table}")
