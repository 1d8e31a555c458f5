"""How fast the downloads are: against psql sending the same text, and against DRF-GIS."""

import shutil
import statistics
import subprocess
import time
import tracemalloc

import pytest
from django.db import connection
from rest_framework.renderers import JSONRenderer
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from mapper.exports.devices import device_geojson, features_query
from mapper.exports.downloads import Download
from mapper.exports.snapshot import snapshot
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

_SLOW_ROWS = 5_000


def devices():
    return DeviceFilter().apply(Device.objects.public())


def drain(format_):
    with snapshot():
        for _ in Download("devices", format_).chunks():
            pass


def psql(statement):
    """Run a statement in psql under the settings of a snapshot, its output thrown away."""
    facts = connection.get_connection_params()
    command = [
        shutil.which("psql") or "/usr/lib/postgresql/15/bin/psql",
        "-qAt",
        "-v",
        "ON_ERROR_STOP=1",
    ]
    for option, name in (("-h", "host"), ("-p", "port"), ("-U", "user"), ("-d", "dbname")):
        if facts.get(name):
            command += [option, str(facts[name])]
    script = f"SET jit = off; SET work_mem = '64MB';\n{statement};\n"
    subprocess.run(command, input=script.encode(), stdout=subprocess.DEVNULL, check=True)


def test_geojson_of_all_devices_against_psql_copy_of_the_same_features(measured):
    query = features_query(devices())
    measured(
        "speed against psql",
        lambda: drain("geojson"),
        lambda: psql(f"COPY ({query}) TO STDOUT"),
        goal="goal 0.9",
    )


def test_geojson_of_all_devices_against_psql_copy_of_the_bare_table(measured):
    measured(
        "speed against psql",
        lambda: drain("geojson"),
        lambda: psql("COPY (SELECT * FROM sightings_device) TO STDOUT"),
        goal="a floor: no joins, no JSON",
    )


class PlainFeature(GeoFeatureModelSerializer):
    """What DRF-GIS writes of the table alone: no evidence is counted, no OSM tags are read."""

    class Meta:
        model = Device
        geo_field = "location"
        fields = (
            "id", "location", "kind", "camera_type", "mount", "directions", "height_m",
            "surveillance", "zone", "operator", "operator_type", "manufacturer", "model", "status",
            "verification", "sources", "first_seen", "last_seen", "updated_on",
        )  # fmt: skip


def test_rows_a_second_against_a_drf_gis_serializer(measured):
    def ours():
        with snapshot():
            for _ in device_geojson(devices().order_by("id")[:_SLOW_ROWS]):
                pass

    def theirs():
        rows = Device.objects.public().order_by("id")[:_SLOW_ROWS]
        JSONRenderer().render(PlainFeature(rows, many=True).data)

    measured(f"speed against DRF-GIS, {_SLOW_ROWS} rows", ours, theirs, goal="goal 10")


def test_csv_of_all_devices_against_psql_copy_of_the_bare_table(measured):
    measured(
        "speed against psql",
        lambda: drain("csv"),
        lambda: psql("COPY (SELECT * FROM sightings_device) TO STDOUT WITH (FORMAT csv)"),
        goal="a floor: no joins, no lists",
    )


def test_time_to_know_whether_the_file_is_still_true(many_devices, record_property):
    taken = []
    for _ in range(7):
        start = time.perf_counter()
        Download("devices", "geojson").stamp()
        taken.append(time.perf_counter() - start)
    per_100k = statistics.median(taken) * 1000 * 100_000 / many_devices
    record_property("stamp", f"{per_100k:.0f} ms for 100,000 devices (goal 50)")


def test_memory_does_not_grow_with_the_number_of_rows(many_devices, record_property):
    grown = []
    for part in (many_devices // 10, many_devices):
        tracemalloc.start()
        with snapshot():
            for _ in device_geojson(devices().order_by("id")[:part]):
                pass
        grown.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    record_property(
        "peak for a tenth and for all", f"{grown[0] / 1e6:.1f} and {grown[1] / 1e6:.1f} MB"
    )
    assert grown[1] < grown[0] + 20_000_000
