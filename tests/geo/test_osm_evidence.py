"""What our evidence adds to an OSM object, and what is mere noise."""

import json
from datetime import date

import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import TagError
from geo.osm_evidence import Difference, differences, is_move, new_object
from geo.osm_tags import apply_attributes, device_attributes
from geo.position import LonLat

CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}
NORTH_EAST = [{"from": 45, "to": 45}]


def test_what_osm_lacks_is_a_difference():
    assert differences(CAMERA, {"kind": "camera", "mount": "pole"}) == [
        Difference("mount", None, "pole")
    ]


def test_an_octant_is_written_as_letters():
    (found,) = differences(CAMERA, {"directions": NORTH_EAST})

    assert found.is_new
    assert apply_attributes(CAMERA, {found.field: found.ours})["camera:direction"] == "NE"


@pytest.mark.parametrize("held", ["45", "NE", "NNE", "80", "0-90", "50;180"])
def test_a_bearing_within_half_an_octant_is_the_same(held):
    assert differences(CAMERA | {"camera:direction": held}, {"directions": NORTH_EAST}) == []


def test_another_bearing_is_a_difference_that_replaces():
    (found,) = differences(CAMERA | {"camera:direction": "180"}, {"directions": NORTH_EAST})

    assert not found.is_new


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "unknown"},
        {"kind": "drone"},
        {"kind": "sensor"},
        {"kind": "speed_camera"},
        {"capabilities": ["face_recognition"]},
        {"directions": []},
        {"operator_type": "unknown"},
        {"mount": ""},
        {"operator": "ville  de LYON"},
        {"last_seen": "2026-05"},
        {"status": "removed"},
    ],
)
def test_what_is_unknown_or_has_no_tag_is_none(said):
    assert differences(CAMERA | {"operator": "Ville de Lyon"}, said) == []


def test_no_device_differs_in_nothing():
    assert differences({"amenity": "bench"}, {"mount": "pole"}) == []


def test_six_metres_are_no_move_nor_is_what_the_report_can_not_tell():
    here = LonLat(4.835, 45.764)

    assert not is_move(here, LonLat(4.835, 45.764054))
    assert is_move(here, LonLat(4.835, 45.7642))
    assert not is_move(here, LonLat(4.835, 45.7642), accuracy_m=50)


def test_a_new_object_says_what_is_known_and_nothing_else():
    said = {"kind": "alpr", "directions": NORTH_EAST, "operator_type": "unknown", "mount": None}

    assert new_object(said) == {
        "man_made": "surveillance",
        "surveillance:type": "ALPR",
        "camera:direction": "NE",
    }
    assert new_object({"kind": "unknown"}) == {"man_made": "surveillance"}
    with pytest.raises(TagError):
        new_object({"kind": "drone"})


@given(
    st.dictionaries(
        st.sampled_from(
            ["surveillance:type", "camera:type", "camera:mount", "direction", "operator", "height"]
        ),
        st.sampled_from(["camera", "dome", "pole", "45", "NE;90", "x", " ", "3 m", "ALPR;camera"]),
    )
)
def test_what_osm_says_itself_differs_in_nothing(tags):
    tags = {"man_made": "surveillance"} | tags
    said = device_attributes(tags).as_dict()

    assert differences(tags, said) == []


def _real_tags(shared_data):
    """Yield the tags of every object of the real sets."""
    for path in sorted((shared_data / "osm_devices").glob("*.json")):
        for said in json.loads(path.read_text(encoding="utf-8")):
            # One of the sets is cut to the tags that vary.
            yield {"man_made": "surveillance"} | said.get("tags", {})
    for path in sorted((shared_data / "osm_extracts").rglob("*.osm.pbf")):
        for found in osmium.FileProcessor(str(path)).with_filter(osmium.filter.EmptyTagFilter()):
            yield {tag.k: tag.v for tag in found.tags}


def test_real_objects_differ_in_nothing_from_what_they_say(shared_data):
    """Every object of the real sets: nothing to propose, and nothing written changes a byte."""
    count = 0
    for tags in _real_tags(shared_data):
        attributes = device_attributes(tags, today=date(2026, 5, 12))
        if attributes is None:
            continue
        count += 1
        assert differences(tags, attributes.as_dict()) == []
        assert apply_attributes(tags, {}) == tags
    assert count > 7000
