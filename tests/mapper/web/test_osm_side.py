"""A device's OSM side: what we saw change, and where our evidence differs."""

import datetime

import pytest

from geo.position import LonLat
from mapper.osm.actions import load_objects
from mapper.osm.models import Element
from mapper.osm.objects import OsmObject
from mapper.sightings.actions import attach_claim
from tests.factories import LAT, LON, ClaimFactory

pytestmark = pytest.mark.django_db

CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}


def load(version, tags, *, lat=LAT, visible=True):
    load_objects(
        objects=[
            OsmObject(
                osm_type="node",
                osm_id=7,
                version=version,
                timestamp=datetime.datetime(2026, 5, 12, tzinfo=datetime.UTC),
                tags=tags if visible else {},
                position=LonLat(LON, lat) if visible else None,
                is_visible=visible,
            )
        ],
        is_quiet=True,
    )


def test_each_version_leaves_the_names_of_what_it_changed():
    load(1, CAMERA | {"operator": "M. X"})
    load(2, CAMERA | {"camera:mount": "pole", "surveillance:type": "ALPR"}, lat=LAT + 0.0001)
    load(2, CAMERA | {"camera:mount": "pole", "surveillance:type": "ALPR"}, lat=LAT + 0.0001)
    load(4, {}, visible=False)

    fourth, second = Element.objects.get().history
    assert second == {
        "version": 2,
        "month": "2026-05",
        "added": ["camera:mount"],
        "changed": ["surveillance:type"],
        "removed": ["operator"],
        "moved_m": pytest.approx(11.1, abs=0.1),
    }
    assert fourth == {"version": 4, "month": "2026-05", "is_deleted": True}


def test_the_last_versions_are_remembered_and_what_says_nothing_new_is_none():
    for version in range(1, 31):
        load(version, CAMERA | {"ref": str(version)})
    load(30, CAMERA | {"ref": "30"})
    history = Element.objects.get().history
    assert [change["version"] for change in history] == list(range(30, 10, -1))
    assert all(change["changed"] == ["ref"] for change in history)


def test_no_value_of_a_tag_is_in_the_history():
    load(1, CAMERA | {"operator": "M. X"})
    load(2, CAMERA)

    assert "M. X" not in str(Element.objects.get().history)


def test_the_page_tells_both(client):
    load(1, CAMERA)
    load(2, CAMERA | {"camera:mount": "wall"}, lat=LAT + 0.0001)
    device = Element.objects.get().claim.device
    attach_claim(
        claim=ClaimFactory(attributes={"kind": "camera", "mount": "pole"}),
        device=device,
        decision=None,
    )

    said = client.get(f"/en/devices/{device.id}/").content.decode()

    assert "What we saw change there" in said
    assert "<code>camera:mount</code>" in said
    assert "moved by 11 m" in said
    assert "Where our evidence differs" in said


def test_a_device_that_osm_agrees_with_tells_nothing(client):
    load(1, CAMERA)
    device = Element.objects.get().claim.device

    said = client.get(f"/en/devices/{device.id}/").content.decode()

    assert "What we saw change there" not in said
    assert "Where our evidence differs" not in said
