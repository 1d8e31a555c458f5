"""Photos in private buckets of a real store: the same life, and gone everywhere when deleted."""

import datetime
import time

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from mapper import environment
from mapper.errors import Unavailable
from mapper.moderation import actions as decisions
from mapper.operations import doctor_buckets
from mapper.photos import actions, storage
from mapper.photos.models import GATE
from mapper.photos.reading import PhotoFacts
from mapper.sightings.models import Device, Sighting
from tests import pictures
from tests.factories import SightingFactory
from tests.object_store import Store

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"), ("quarantine", "photos"))
    yield store
    store.end()


@pytest.fixture
def store(running, settings):
    running.is_down = False
    settings.STORAGES = settings.STORAGES | {
        place: {"BACKEND": "mapper.photos.buckets.Bucket", "OPTIONS": running.options(place)}
        for place in ("quarantine", "photos")
    }
    settings.REDACTION_THREADS = 0
    yield running
    for place in (storage.quarantine(), storage.media()):
        for name in list(storage.older_than(place, -3600)):
            place.delete(name)


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def received(data=None):
    return actions.receive_photo(
        sighting=Sighting.objects.create(arrived_at=timezone.now()),
        upload_name=actions.keep_upload(data=data or pictures.phone_photo()),
        facts=PhotoFacts(),
        may_be_public=True,
    )


def test_a_photo_lives_and_goes_in_buckets_as_on_a_disk(store, on_commit, tmp_path):
    photo = received()
    assert store.held("quarantine") == {photo.upload_name}
    with on_commit():
        photo = actions.clean_photo(photo_id=photo.id)
    private = {photo.pixel_name, photo.covered_name, photo.covered_thumbnail_name}
    assert store.held("quarantine") == private
    with on_commit():
        photo = actions.publish_photo(photo=photo, gate=GATE)
    public = {photo.public_name, photo.public_thumbnail_name}
    assert store.held("photos") == public
    with on_commit():
        actions.delete_photo(photo=photo)
    assert store.held("quarantine") == store.held("photos") == set()
    # Nothing of it went to this machine's disk.
    assert not list(tmp_path.rglob("*.jpg"))


def test_a_visitor_gets_a_photo_from_us_and_never_hears_of_the_store(store, on_commit, alice):
    sighting = SightingFactory(photo_use="public")
    photo = actions.receive_photo(
        sighting=sighting,
        upload_name=actions.keep_upload(data=pictures.phone_photo()),
        facts=PhotoFacts(),
        may_be_public=True,
    )
    with on_commit():
        actions.clean_photo(photo_id=photo.id)
        decisions.accept_report(
            sighting=sighting, actor=alice, position=None, device=None, corrections={},
            gates={photo.id: GATE},
        )  # fmt: skip
    photo.refresh_from_db()
    answer = Client().get(f"/photos/{photo.public_name}")
    assert answer.content == storage.read(storage.media(), photo.public_name)
    page = Client().get(f"/devices/{Device.objects.get().id}/")
    assert photo.public_name in page.text
    port = store.url.rpartition(":")[2]
    assert port not in page.text + str(answer.headers) + str(page.headers)
    with on_commit():
        decisions.hide_photo(photo=photo, actor=alice)
    assert Client().get(f"/photos/{photo.public_name}").status_code in (404, 410)
    assert store.held("photos") == set()


def test_an_upload_keeps_its_age_when_it_is_taken_again(store):
    name = actions.keep_upload(data=b"nobody's")
    time.sleep(1.1)
    taken = storage.take(name)
    assert storage.take(name) is None
    assert store.held("quarantine") == {taken}
    assert list(storage.older_than(storage.quarantine(), 1)) == [taken]
    assert list(storage.older_than(storage.quarantine(), 600)) == []
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=10)):
        assert actions.purge_photos() == 1
    assert store.held("quarantine") == set()


def test_what_could_not_be_deleted_is_deleted_by_the_sweep(store, on_commit):
    with on_commit():
        photo = actions.clean_photo(photo_id=received().id)
    store.is_down = True
    with on_commit():
        actions.delete_photo(photo=photo)
    assert len(store.held("quarantine")) == 3
    store.is_down = False
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=10)):
        actions.purge_photos()
    assert store.held("quarantine") == set()


def test_a_store_that_does_not_answer_is_told_in_words(store):
    name = actions.keep_upload(data=b"x")
    store.is_down = True
    with pytest.raises(Unavailable):
        actions.keep_upload(data=b"y")
    with pytest.raises(Unavailable):
        storage.read(storage.quarantine(), name)
    store.is_down = False
    assert storage.read(storage.quarantine(), name) == b"x"
    assert storage.read(storage.quarantine(), "0" * 32 + ".upload") is None


def test_the_store_is_told_nothing_but_the_bytes_and_their_type(store):
    name = storage.write(storage.media(), pictures.saved(pictures.scene()), suffix=storage.PICTURE)
    client = storage.media().connection.meta.client
    head = client.head_object(Bucket="photos", Key=name)
    assert (head["ContentType"], head["Metadata"]) == ("image/jpeg", {})
    assert not {"ContentDisposition", "CacheControl"} & head.keys()


def test_the_doctor_finds_what_a_stranger_can_read(store, settings):
    settings.S3 = {place: store.options(place) for place in ("quarantine", "photos")}
    assert list(doctor_buckets.examine()) == []
    settings.S3["photos"]["endpoint_url"] = store.open_url
    found = [finding.what for finding in doctor_buckets.examine()]
    assert found == [
        "anybody can read the bucket quarantine without a key",
        "anybody can read the bucket photos without a key",
    ]
    store.is_down = True
    assert [finding.grade.value for finding in doctor_buckets.examine()] == ["missing"] * 2
    store.is_down = False
    assert store.held("quarantine") == set()


def test_the_doctor_finds_a_store_that_keeps_what_is_deleted(store, settings, monkeypatch):
    settings.S3 = {place: store.options(place) for place in ("quarantine", "photos")}
    # This store knows no versions; others say so.
    for place in (storage.quarantine(), storage.media()):
        client = place.connection.meta.client
        monkeypatch.setattr(client, "get_bucket_versioning", lambda **_: {"Status": "Enabled"})
    assert "keeps old versions" in "".join(finding.what for finding in doctor_buckets.examine())


WHOLE = {
    "S3_BUCKET_QUARANTINE": "private",
    "S3_BUCKET_PHOTOS": "photos",
    "S3_ENDPOINT_URL": "https://s3.example",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "secret",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"S3_BUCKET_PHOTOS": "private"}, "name one bucket"),
        ({"S3_BUCKET_PHOTOS": ""}, "S3_BUCKET_PHOTOS"),
        ({"S3_SECRET_KEY": ""}, "S3_SECRET_KEY"),
        ({"S3_ENDPOINT_URL": ""}, "S3_ENDPOINT_URL"),
    ],
)
def test_what_would_be_unsafe_does_not_start(monkeypatch, changes, words):
    for name, value in (WHOLE | changes).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=words):
        environment.buckets()


def test_without_buckets_the_disk_is_the_place(monkeypatch):
    for name in WHOLE:
        monkeypatch.delenv(name, raising=False)
    assert environment.buckets() == {}
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    assert environment.buckets()["quarantine"]["bucket_name"] == "private"
