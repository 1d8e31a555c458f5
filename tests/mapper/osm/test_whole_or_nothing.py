"""A load of 60,000 nodes: quick enough, and nothing of it stays when it is killed."""

import os
import random
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection

from mapper.osm.models import Element
from mapper.sightings.models import Device
from tests.conftest import REPOSITORY

_LIMIT_S = 60


def some_nodes(count):
    chance = random.Random(count)
    kinds, types, ways = ["camera", "ALPR", "guard"], ["dome", "fixed"], ["NW", "90-270", "45;135"]
    for key in range(1, count + 1):
        tags = {
            "man_made": "surveillance",
            "surveillance:type": chance.choice(kinds),
            "camera:type": chance.choice(types),
            "camera:direction": chance.choice(ways),
            "operator": f"Ville {key % 500}",
        }
        yield key, 1 + key % 9, chance.uniform(-4, 7), chance.uniform(43, 50), tags


def wait_for(condition):
    for _ in range(_LIMIT_S * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def others_at_work():
    """Return how many other sessions of this database are in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND query LIKE 'COPY osm%'"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_load_that_is_killed_leaves_nothing(write_pbf):
    path = write_pbf(some_nodes(20_000))
    known = connection.settings_dict
    url = (
        f"postgis://{quote(known['USER'] or '')}:{quote(known['PASSWORD'] or '')}"
        f"@{quote(known['HOST'] or '', safe='')}:{known['PORT']}/{known['NAME']}"
    )
    process = subprocess.Popen(
        [sys.executable, "manage.py", "osm_load", str(path), "--skip-checks"],
        cwd=REPOSITORY,
        env=os.environ | {"DATABASE_URL": url},
    )
    try:
        wait_for(others_at_work)
    finally:
        process.kill()
        process.wait()
    wait_for(lambda: not others_at_work())
    assert not Element.objects.exists()
    assert not Device.objects.exists()


@pytest.mark.django_db
@pytest.mark.benchmark
def test_sixty_thousand_nodes_load_in_a_minute(write_pbf):
    path = write_pbf(some_nodes(60_000))
    started = time.monotonic()
    call_command("osm_load", str(path))
    assert time.monotonic() - started < _LIMIT_S
    assert Device.objects.count() == 60_000
