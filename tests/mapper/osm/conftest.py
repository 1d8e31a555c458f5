"""Loads of small files, and a snapshot of every row that a load may write."""

import osmium
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from mapper.osm.models import Element
from tests.conftest import REPOSITORY
from tests.fake_osm.overpass import Reply, running

FIXTURES = REPOSITORY / "fixtures" / "osm"
_TABLES = (
    "osm_element",
    "sightings_claim",
    "sightings_attachment",
    "sightings_device",
    "sightings_devicecapability",
)


@pytest.fixture
def town():
    return FIXTURES / "town.osm"


@pytest.fixture
def load(capsys):
    """Load a file and return what was said."""

    def run(path, **options):
        call_command("osm_load", str(path), **options)
        return capsys.readouterr().out

    return run


@pytest.fixture
def rows():
    """Return every row of the tables, with the place where PostgreSQL keeps it."""

    def read():
        found = {}
        with connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"SELECT ctid::text, t.*::text FROM {table} AS t ORDER BY 2")
                found[table] = cursor.fetchall()
        return found

    return read


@pytest.fixture
def write_pbf(tmp_path):
    """Write nodes `(id, version, lon, lat, tags)` as an extract."""

    def write(nodes, name="some.osm.pbf"):
        path = tmp_path / name
        writer = osmium.SimpleWriter(str(path), overwrite=True)
        for key, version, lon, lat, tags in nodes:
            node = osmium.osm.mutable.Node(
                id=key,
                version=version,
                location=(lon, lat),
                tags=tags,
                timestamp="2024-05-12T10:00:00Z",
            )
            writer.add_node(node)
        writer.close()
        return path

    return write


@pytest.fixture
def overpass(settings):
    # The day of the answers: they would be stale on any later one.
    with time_machine.travel("2026-11-20T10:00:00Z"), running() as fake:
        settings.OVERPASS_URLS = [fake.url]
        # Nobody answers there, so nothing is confirmed to be deleted.
        settings.OSM_API_URL = "http://127.0.0.1:9"
        fake.replies = [Reply((FIXTURES / "answer.json").read_bytes())]
        yield fake


def element(name):
    """Return our mirror of `node/1`."""
    osm_type, osm_id = name.split("/")
    return Element.objects.select_related("claim__device").get(osm_type=osm_type, osm_id=osm_id)
