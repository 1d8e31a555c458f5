"""How long a minute and a day of the planet's changes take, beside a mirror of 100,000 devices."""

import time

import osmium
import pytest
from django.core.management import call_command

from tests.mapper.osm.replication_server import camera, serving

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
# What planet.openstreetmap.org publishes, rounded up: objects in a minute and in an hour, and how
# many of 10,000 are cameras.
MINUTE, HOUR, CAMERAS = 10_000, 400_000, 5
MINUTE_GOAL_S, DAY_GOAL_S = 5, 600


def changes(count):
    """Return so many changed nodes, some of them cameras."""
    plain = (
        '<modify><node id="{id}" version="3" timestamp="2026-05-12T10:00:00Z" user="a" uid="1" '
        'changeset="7" lon="{lon:.7f}" lat="48.1"/></modify>'
    )
    every = 10_000 // CAMERAS
    return "".join(
        camera(10**9 + number, 1, act="create", lon=number % 100)
        if number % every == 0
        else plain.format(id=number, lon=number % 180)
        for number in range(1, count + 1)
    )


@pytest.fixture
def published(tmp_path, many_devices):
    folder = tmp_path / "replication"
    folder.mkdir()
    with serving(folder) as made:
        call_command("osm_follow", url=made.url, once=True)
        yield made


def seconds(what):
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def test_a_minute_of_the_planet(published, record_property):
    published.publish(changes(MINUTE))
    taken_s = seconds(lambda: call_command("osm_follow", url=published.url, once=True))
    record_property("a minute", f"{taken_s:.1f} s (goal {MINUTE_GOAL_S})")
    assert taken_s < MINUTE_GOAL_S


def test_a_day_of_the_planet_by_the_hour(published, record_property, tmp_path):
    first = published.publish(changes(HOUR))
    body = published.path(first, "osc.gz").read_bytes()
    for _ in range(23):
        published.path(published.publish(""), "osc.gz").write_bytes(body)
    file = tmp_path / "hour.osc.gz"
    file.write_bytes(body)
    nothing = osmium.filter.KeyFilter("no such key")
    floor_s = 24 * seconds(lambda: list(osmium.FileProcessor(str(file)).with_filter(nothing)))
    taken_s = seconds(lambda: call_command("osm_follow", url=published.url, once=True))
    record_property("24 hours", f"{taken_s:.0f} s (goal {DAY_GOAL_S})")
    record_property("against osmium reading them", f"{taken_s / floor_s:.1f} x its time (a floor)")
    assert taken_s < DAY_GOAL_S
