"""Walkers who report, and the hours that pass."""

import datetime

import pytest
from django.utils import timezone, translation

from mapper.intake.actions import submit_report
from mapper.intake.report import parse_report
from mapper.sightings.models import Sighting
from mapper.trust.actions import publish_due
from tests.factories import LAT, LON


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _own_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)


def report(step=0, **fields):
    """Take a report, each step 80 m further north; return it with its code."""
    said = {
        "lat": f"{LAT + step * 0.0007:.7f}",
        "lon": f"{LON:.7f}",
        "kind": "camera",
        "camera_type": "dome",
        "mount": "pole",
        "direction": "90",
        "operator": "The neighbour at number 12",
        "note": "On my way to the meeting",
        **fields,
    }
    return submit_report(report=parse_report(said))


def on_map(count=5, **fields):
    """Take reports and put them on the map; return them as they are then."""
    ids = [report(step, **fields).sighting.id for step in range(count)]
    assert publish_due(now=in_hours(7)) == count
    return [Sighting.objects.get(id=key) for key in ids]


def in_hours(hours):
    return timezone.now() + datetime.timedelta(hours=hours)
