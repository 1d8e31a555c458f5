"""How long it takes to search and weigh 100,000 devices of ours among a million of OSM's."""

import statistics
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.db import connection, transaction
from pyproj import Geod

from geo.matching import REACH_M
from mapper.osm.matching import match_elements, near_elements
from mapper.osm.models import Match
from mapper.sightings.models import Device

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
SQL = Path(__file__).parent / "sql"
ROUNDS = 3
OURS, THEIRS = 100_000, 1_000_000
SEARCH_GOAL_US, WHOLE_GOAL_S = 12, 60


@pytest.fixture(scope="module")
def a_million(django_db_setup, django_db_blocker):
    """Fill the test database with made-up devices, and empty it after the module."""
    population = (SQL / "matching.sql").read_text()
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT setseed(0.5)")
            cursor.execute(population, {"ours": OURS, "theirs": THEIRS})
        with connection.cursor() as cursor:
            # As autovacuum leaves a table that was loaded a day ago.
            cursor.execute("VACUUM ANALYZE sightings_device, sightings_claim, osm_element")
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE sightings_device, sightings_claim, osm_element CASCADE")


def measured_on_the_ellipsoid():
    """Return every pair within reach, by pyproj on the WGS84 ellipsoid, without PostGIS."""
    rows = list(Device.objects.values_list("id", "location", "sources"))
    lonlat = np.array([(point.x, point.y) for _, point, _ in rows])
    is_osm = np.array(["osm" in sources for *_, sources in rows])
    ours, theirs = np.flatnonzero(~is_osm), np.flatnonzero(is_osm)
    tree = shapely.STRtree(shapely.points(lonlat[theirs]))
    # No degree of latitude is shorter than 110 km, and cos 60 is one half.
    near = tree.query(
        shapely.points(lonlat[ours]), predicate="dwithin", distance=2 * REACH_M / 110_000
    )
    here, there = ours[near[0]], theirs[near[1]]
    *_, apart_m = Geod(ellps="WGS84").inv(*lonlat[here].T, *lonlat[there].T)
    within = np.flatnonzero(apart_m <= REACH_M)
    return {(rows[here[n]][0], rows[there[n]][0]) for n in within}


def searched():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(near_elements())
        return cursor.fetchall()


def seconds(what):
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def test_matching_is_exact_and_quick(a_million, record_property):
    true = measured_on_the_ellipsoid()
    assert {(row[0], row[1]) for row in searched()} == true
    record_property("pairs within reach", f"{len(true)}, all of them and no other found")
    search_s = statistics.median(seconds(searched) for _ in range(ROUNDS))
    each_us = search_s * 1e6 / OURS
    record_property("a search", f"{each_us:.1f} us, {OURS} among {THEIRS} (goal {SEARCH_GOAL_US})")
    # In one test: the tables are emptied after each.
    taken_s = seconds(lambda: match_elements(is_quiet=True))
    record_property("all in", f"{taken_s:.1f} s, {Match.objects.count()} matches ({WHOLE_GOAL_S})")
    assert Match.objects.exists()
    assert taken_s <= WHOLE_GOAL_S
