"""How long a million nodes take to load, first and with one in twenty changed, against peers.

osm2pgsql reloads the whole file into one table of its own in the same database; Django upserts
elements alone, without claims or devices.
"""

import os
import random
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import osmium
import pytest
from django.core.management import call_command
from django.db import connection

from mapper.osm.models import Element
from tests.benchmarks.conftest import _TABLES
from tests.memory import Meter

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
NODES, EVERY, SAMPLE = 1_000_000, 20, 20_000
FIRST_GOAL, SECOND_GOAL, UPSERT_GOAL, MEMORY_GOAL_MB = 2.0, 0.8, 25, 1000
# Under which something is broken, however busy the machine is.
UPSERT_FLOOR = 10
_ROWS = ("osm_element", "sightings_claim", "sightings_device")
_STYLE = Path(__file__).parent / "osm2pgsql" / "devices.lua"


@dataclass
class Loads:
    """What the two loads took, and which rows the second one wrote."""

    second_file: Path
    first_s: float
    second_s: float
    peak_mb: float
    written: dict[str, int]


def some_nodes():
    """Yield id, version, position and tags: as many different sets of tags as real devices have."""
    chance = random.Random(NODES)
    for key in range(1, NODES + 1):
        kind = chance.choice(["camera", "camera", "camera", "ALPR", "guard"])
        tags = {"man_made": "surveillance", "surveillance:type": kind}
        for share, name, values in (
            (0.8, "camera:type", ["dome", "fixed", "panning"]),
            (0.6, "camera:mount", ["wall", "pole", "ceiling", "street_lamp"]),
            (0.7, "surveillance", ["public", "outdoor", "indoor"]),
            (0.4, "camera:direction", range(0, 360, 5)),
            (0.2, "operator", range(200)),
        ):
            if chance.random() < share:
                tags[name] = str(chance.choice(values))
        yield key, 1 + key % 9, (chance.uniform(-4, 7), chance.uniform(43, 50)), tags


def write_extracts(first, second):
    with osmium.SimpleWriter(str(first)) as before, osmium.SimpleWriter(str(second)) as after:
        for key, version, place, tags in some_nodes():
            facts = {"id": key, "location": place, "timestamp": "2024-05-12T10:00:00Z"}
            node = osmium.osm.mutable.Node(version=version, tags=tags, **facts)
            before.add_node(node)
            if key % EVERY == 0:
                tags["height"] = str(3 + key % 7)
                node = osmium.osm.mutable.Node(version=version + 1, tags=tags, **facts)
            after.add_node(node)


@pytest.fixture(scope="module")
def loads(django_db_setup, django_db_blocker, tmp_path_factory):
    """Load both files, committed, and empty the test database after the module."""
    folder = tmp_path_factory.mktemp("extracts")
    first, second = folder / "first.osm.pbf", folder / "second.osm.pbf"
    write_extracts(first, second)
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_")
        with Meter(os.getpid()) as meter:
            first_s = seconds(lambda: call_command("osm_load", str(first)))
            vacuumed()
            before = writers()
            second_s = seconds(lambda: call_command("osm_load", str(second)))
        written = {
            table: sum(count for xmin, count in now.items() if xmin not in before[table])
            for table, now in writers().items()
        }
        yield Loads(second, first_s, second_s, meter.peak_bytes / 1e6, written)
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES} CASCADE")
            cursor.execute("DROP TABLE IF EXISTS peer_device")


def vacuumed():
    """Let PostgreSQL do what it does by itself in the hours between two loads."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(_ROWS)}")


def writers():
    """Return for each table: transaction that wrote -> how many rows are as it wrote them."""
    found = {}
    with connection.cursor() as cursor:
        for table in _ROWS:
            cursor.execute(f"SELECT xmin::text, count(*) FROM {table} GROUP BY 1")
            found[table] = dict(cursor.fetchall())
    return found


def seconds(what):
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def osm2pgsql(file):
    """Load a file as osm2pgsql's flex output does, into this database."""
    facts = connection.get_connection_params()
    command = ["osm2pgsql", "--output=flex", f"--style={_STYLE}", "--extra-attributes"]
    names = (("--host", "host"), ("--port", "port"), ("--user", "user"), ("--database", "dbname"))
    command += [f"{option}={facts[name]}" for option, name in names if facts.get(name)]
    subprocess.run([*command, str(file)], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("osm2pgsql") is None, reason="osm2pgsql is not installed")
def test_a_million_nodes_against_osm2pgsql(loads, record_property):
    peer_s = min(seconds(lambda: osm2pgsql(loads.second_file)) for _ in range(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM peer_device")
        assert cursor.fetchone() == (NODES,)
    second, first = loads.second_s / peer_s, loads.first_s / peer_s
    record_property("second load, 5 % changed", f"{second:.2f} of its time (goal {SECOND_GOAL})")
    record_property("first load", f"{first:.1f} of its time (goal {FIRST_GOAL})")
    record_property("ours", f"{loads.first_s:.1f} s, then {loads.second_s:.1f} s")
    record_property("peer", f"{peer_s:.1f} s")


def test_a_second_load_against_an_upsert_by_django(loads, record_property):
    elements = list(Element.objects.order_by("?")[:SAMPLE])

    def upsert():
        Element.objects.bulk_create(
            elements,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["osm_type", "osm_id"],
            update_fields=["version", "timestamp", "tags", "location", "is_visible"],
        )

    peer_s = seconds(upsert) * NODES / SAMPLE
    ratio = peer_s / loads.second_s
    record_property("speed against bulk_create", f"{ratio:.0f} x (goal {UPSERT_GOAL})")
    record_property("peer", f"{peer_s:.0f} s, from {SAMPLE} rows")
    assert ratio >= UPSERT_FLOOR


def test_a_second_load_writes_the_changed_rows_only(loads, record_property):
    record_property("rows written", ", ".join(f"{n} of {t}" for t, n in loads.written.items()))
    assert set(loads.written.values()) == {NODES // EVERY}


def test_a_million_nodes_take_less_than_a_gigabyte(loads, record_property):
    record_property("peak of both loads", f"{loads.peak_mb:.0f} MB (goal {MEMORY_GOAL_MB})")
    assert loads.peak_mb < MEMORY_GOAL_MB
