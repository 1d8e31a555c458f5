"""The order in which reports came can't be read off what they became."""

import datetime

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from mapper.sightings.models import Device, Sighting
from mapper.trust.actions import enter, publish_due
from tests.factories import LAT, LON, SightingFactory, point

pytestmark = pytest.mark.django_db


def kendall_tau(ranks):
    """Return the rank correlation with 0, 1, 2…"""
    values = np.asarray(ranks)
    pairs = np.sign(values[None, :] - values[:, None])
    upper = pairs[np.triu_indices(len(values), 1)]
    return float(upper.mean())


def orders():
    """Return each order that an outsider, or whoever holds the disk, could read."""
    tables = {"device": "sightings_device", "claim": "sightings_claim"}
    with connection.cursor() as cursor:
        for name, table in tables.items():
            column = "id" if name == "device" else "device_id"
            cursor.execute(f"SELECT {column} FROM {table} ORDER BY ctid")
            yield f"{name} on disk", [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT device_id FROM sightings_attachment ORDER BY ctid")
        yield "attachment on disk", [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT device_id FROM sightings_claim ORDER BY id")
        yield "ids of claims", [row[0] for row in cursor.fetchall()]
    yield "ids of devices", list(Device.objects.order_by("id").values_list("id", flat=True))
    yield "the list", list(Device.objects.shown().values_list("id", flat=True))


@pytest.mark.parametrize(
    ("count", "most"), [(200, 0.25), pytest.param(1000, 0.1, marks=pytest.mark.trial)]
)
def test_a_batch_forgets_the_order_of_its_reports(count, most, settings):
    arrival = {}
    start = timezone.now()
    for number in range(count):
        with time_machine.travel(start + datetime.timedelta(seconds=10 * number), tick=False):
            north, east = divmod(number, 40)
            sighting = SightingFactory(location=point(LON + east / 1000, LAT + north / 1000))
            enter(sighting=sighting)
            arrival[sighting.id] = number
    published = publish_due(now=start + datetime.timedelta(hours=12))
    assert published == count
    rank = dict(Sighting.objects.values_list("claim__device_id", "id"))
    for name, devices in orders():
        assert len(devices) == count
        tau = kendall_tau([arrival[rank[device]] for device in devices])
        assert abs(tau) < most, name
    assert len(set(Device.objects.values_list("updated_on", "version"))) == 1
