"""The files of whole downloads: when they are true, how they are written, who writes them."""

import json
import uuid

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from mapper.errors import NotFound
from mapper.exports import actions
from mapper.exports.downloads import Download, current_file, stored_paths
from mapper.exports.jobs import write_download, write_downloads
from mapper.osm.models import Element
from mapper.sightings.actions import attach_claim, erase_device, merge_devices
from tests.factories import CityFactory, ClaimFactory, EventFactory, make_device, make_osm_device
from tests.published import accept_sighting, make_rich_device, publish_photo

pytestmark = pytest.mark.django_db

DEVICES = Download("devices", "geojson")


def test_a_written_file_is_current_and_has_the_bytes_of_the_stream():
    make_rich_device()
    path = actions.write_file(download=DEVICES)
    assert current_file(DEVICES).path == path
    assert path.read_bytes() == b"".join(DEVICES.chunks())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_does_not_tell_the_hour_at_which_it_was_written():
    path = actions.write_file(download=DEVICES)
    assert path.stat().st_mtime % 86_400 == 0


def test_without_a_file_there_is_no_current_one():
    assert current_file(DEVICES) is None


def test_the_last_file_replaces_the_one_before():
    actions.write_file(download=DEVICES)
    make_device()
    path = actions.write_file(download=DEVICES)
    assert stored_paths(DEVICES) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(settings, monkeypatch):
    path = actions.write_file(download=DEVICES)
    make_device()

    def broken(self):
        yield b"{"
        raise OSError("disk full")

    monkeypatch.setattr(Download, "chunks", broken)
    with pytest.raises(OSError, match="disk full"):
        actions.write_file(download=DEVICES)
    assert list(settings.EXPORT_ROOT.iterdir()) == [path]


def _changes():
    device, other = make_rich_device(), make_osm_device(-1.67)
    sighting = device.claims.get(source="walker").sighting
    yield "a new device", make_device
    yield (
        "a new claim",
        lambda: attach_claim(
            claim=ClaimFactory(attributes={"kind": "alpr"}), device=other, decision=uuid.uuid4()
        ),
    )
    yield "a published photo", lambda: publish_photo(sighting, "another.jpg")
    yield "a hidden photo", lambda: sighting.photos.filter(public_name="another.jpg").delete()
    yield (
        "a tag of OSM",
        lambda: Element.objects.filter(claim__device=other).update(tags={"a": "b"}),
    )
    yield "a version of OSM", lambda: Element.objects.filter(claim__device=other).update(version=9)
    yield (
        "a deleted element",
        lambda: Element.objects.filter(claim__device=other).update(is_visible=False),
    )
    from mapper.documents.models import Document

    yield "a hidden document", lambda: Document.objects.update(is_public=False)
    yield "a renamed city", lambda: type(CITY[0]).objects.update(name="Roazhon")
    yield "a merge", lambda: merge_devices(survivor=device, other=other, decision=uuid.uuid4())
    yield "an erasure", lambda: erase_device(device=device, decision=uuid.uuid4())


CITY = []


@pytest.mark.parametrize("scope", ["whole", "city"])
def test_every_change_of_what_is_published_makes_the_file_stale(scope):
    CITY[:] = [CityFactory()]
    download = DEVICES if scope == "whole" else Download("devices", "csv", CITY[0])
    for what, change in _changes():
        before = download.stamp()
        change()
        assert download.stamp() != before, what


def test_what_is_not_published_leaves_the_file_true():
    make_rich_device()
    before = DEVICES.stamp()
    accept_sighting(ClaimFactory(), state="received", kind="alpr")
    ClaimFactory(is_verified=False)
    assert DEVICES.stamp() == before


def test_the_file_of_a_city_stays_true_when_another_city_changes():
    city = CityFactory()
    download = Download("devices", "geojson", city)
    make_osm_device()
    before = download.stamp()
    make_osm_device(5.0, 45.0)
    assert download.stamp() == before


def test_an_event_makes_the_file_of_events_stale_when_it_becomes_public():
    events = Download("events", "csv")
    before = events.stamp()
    event = EventFactory()
    shown = events.stamp()
    assert shown != before
    type(event).objects.update(operator="Prefecture")
    assert events.stamp() not in (before, shown)


def test_another_address_of_the_site_makes_files_stale(settings):
    before = DEVICES.stamp()
    settings.SITE_URL = "https://carte.example.org"
    assert DEVICES.stamp() != before


def test_an_unknown_format_is_refused_by_name():
    with pytest.raises(NotFound, match=r"xlsx.*geojson csv"):
        Download("devices", "xlsx")


def test_a_file_is_asked_for_once_however_often_it_is_missed():
    actions.request_file(download=DEVICES)
    actions.request_file(download=DEVICES)
    actions.request_file(download=Download("devices", "csv"))
    jobs = ProcrastinateJob.objects.filter(task_name="write_download")
    assert sorted(job.args["format"] for job in jobs) == ["csv", "geojson"]


def test_the_periodic_job_writes_the_whole_files_and_the_cities_somebody_asked_for(settings):
    city, _quiet = CityFactory(), CityFactory()
    make_osm_device()
    write_downloads(0)
    assert {path.name.split(".")[0] for path in settings.EXPORT_ROOT.iterdir()} == {
        "devices",
        "events",
    }
    write_download("devices", "csv", city.slug)
    make_osm_device()
    write_downloads(0)
    assert current_file(Download("devices", "csv", city)) is not None
    assert len(list(settings.EXPORT_ROOT.iterdir())) == 5


def test_the_file_of_a_city_that_is_gone_goes_too(settings):
    city = CityFactory()
    write_download("devices", "csv", city.slug)
    slug = city.slug
    city.delete()
    write_download("devices", "csv", slug)
    actions.write_files()
    assert not [path for path in settings.EXPORT_ROOT.iterdir() if slug in path.name]


@pytest.mark.django_db(transaction=True)
def test_a_download_is_one_state_of_the_data_however_long_it_takes():
    from mapper.exports.snapshot import snapshot

    for _ in range(3):
        make_osm_device()
    with snapshot():
        chunks = DEVICES.chunks()
        head = next(chunks)
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("UPDATE sightings_device SET updated_on = '2031-01-01'")
        finally:
            other.close()
        collection = json.loads(head + b"".join(chunks))
    days = {feature["properties"]["updated_on"] for feature in collection["features"]}
    assert days == {collection["data_date"]} != {"2031-01-01"}
