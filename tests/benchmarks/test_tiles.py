"""How fast tiles and lists are: against the same SQL alone, and against DRF-GIS with its box."""

import psycopg
import pytest
from django.db import connection
from django.test import RequestFactory
from rest_framework.renderers import JSONRenderer

from geo.position import LonLat
from geo.tiles import tile_at, tile_bbox
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device
from mapper.sql import composed
from mapper.tiles import tile as tiles
from mapper.web.tiles import tile as tile_view
from tests.benchmarks.test_downloads import PlainFeature

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

# Where the made-up devices are dense.
CENTRE = LonLat(2.03, 46.5)
_REQUESTS = RequestFactory()


def view(z):
    address = tile_at(CENTRE, z)
    request = _REQUESTS.get("/tiles/")
    return tile_view(request, str(address.z), str(address.x), str(address.y))


def prepared(query, times=20):
    """Return what runs a query as a loaded pgbench would: prepared, nothing else around it."""

    def run():
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            for _ in range(times):
                cursor.execute(query, prepare=True, binary=True).fetchall()

    return run


@pytest.mark.parametrize("z", [16, 14, 12])
def test_a_tile_against_its_sql_prepared_and_alone(measured, z):
    address = tile_at(CENTRE, z)
    everything = DeviceFilter.parse({})
    near = z >= tiles.NEAR_ZOOM
    placed = tiles._placed(address, everything, 1 / 64 if near else 1e-6)
    more = {"buffer": tiles.BUFFER_UNITS} if near else {"cells": tiles.CELLS}
    name = "devices" if near else "clusters"
    query = composed("tiles", name, tiles._of(address, **more), placed=placed)
    measured(
        f"z{z}, speed against prepared SQL",
        lambda: [view(z) for _ in range(20)],
        prepared(query),
        goal="goal 0.25",
    )


@pytest.mark.parametrize("z", [0, 6, 10])
def test_a_tile_far_out_against_a_scan_of_the_devices_in_it(measured, z):
    west, south, east, north = tile_bbox(tile_at(CENTRE, z)).as_tuple()
    box = f"ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326)"
    count = f"SELECT count(*) FROM sightings_device WHERE location && {box}"
    measured(
        f"z{z}, speed against counting",
        lambda: view(z),
        prepared(count, 1),
        goal="a floor",
    )


def test_a_list_of_a_box_against_drf_gis(measured, client):
    def ours():
        answer = client.get("/api/v1/devices/", {"bbox": "2,46,2.2,46.6", "limit": "1000"})
        assert answer.status_code == 200

    def theirs():
        rows = DeviceFilter.parse({"bbox": "2,46,2.2,46.6"}).apply(Device.objects.all())
        JSONRenderer().render(PlainFeature(rows.order_by("id")[:1000], many=True).data)

    measured("1000 rows, speed against DRF-GIS", ours, theirs, goal="goal 8")
