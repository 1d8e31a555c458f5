"""Many devices, committed, so that peers in other processes see them; and how ratios are taken."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

DEVICES = 100_000
ROUNDS = 5
_TABLES = (
    "osm_element, sightings_attachment, sightings_sighting, sightings_devicecapability, "
    "sightings_device, sightings_claim"
)


@pytest.fixture(scope="module")
def many_devices(django_db_setup, django_db_blocker):
    """Fill the test database with made-up devices, and empty it after the module."""
    population = (Path(__file__).parent / "sql" / "population.sql").read_text()
    with django_db_blocker.unblock():
        # Without a test marked django_db there would be no test database, and this is no guest.
        assert connection.settings_dict["NAME"].startswith("test_")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(population, {"devices": DEVICES})
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sightings_device, sightings_claim, sightings_sighting")
            cursor.execute("ANALYZE osm_element, places_city, photos_photo, documents_citation")
        yield DEVICES
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES} CASCADE")


@pytest.fixture
def measured(many_devices, record_property):
    """Return what measures one thing against another and records the ratio.

    The two take turns, so that whatever else the machine does meets both; medians are compared.
    """

    def measure(name: str, ours: Callable[[], object], peer: Callable[[], object], *, goal: str):
        ours(), peer()
        taken = [(_seconds(ours), _seconds(peer)) for _ in range(ROUNDS)]
        our_s = statistics.median(mine for mine, _ in taken)
        peer_s = statistics.median(theirs for _, theirs in taken)
        record_property(name, f"{peer_s / our_s:.2f} x ({goal})")
        record_property("ours", f"{our_s * 1000:.1f} ms")
        record_property("peer", f"{peer_s * 1000:.1f} ms")

    return measure


def _seconds(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start
