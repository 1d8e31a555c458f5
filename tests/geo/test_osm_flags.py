"""Flags: what is watched or enforced without being a device."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.osm_flags import FLAG_KINDS, flag_of
from geo.osm_tags import is_device


@pytest.mark.parametrize(
    ("osm_type", "tags", "kind"),
    [
        ("relation", {"type": "enforcement", "enforcement": "maxspeed"}, "enforcement"),
        ("relation", {"type": "enforcement"}, "enforcement"),
        ("node", {"type": "enforcement", "enforcement": "maxspeed"}, None),
        ("relation", {"type": "route", "enforcement": "maxspeed"}, None),
        ("way", {"amenity": "parking", "surveillance": "outdoor"}, "car_park"),
        ("node", {"amenity": "parking;fuel", "surveillance:ALPR": "yes"}, "car_park"),
        ("way", {"amenity": "parking", "surveillance:type": "camera"}, "car_park"),
        ("way", {"amenity": "parking", "surveillance": "no", "surveillance:ALPR": "no"}, None),
        ("way", {"amenity": "parking", "surveillance": ""}, None),
        ("way", {"amenity": "parking"}, None),
        ("way", {"amenity": "bicycle_parking", "surveillance": "yes"}, None),
        ("way", {"shop": "supermarket", "surveillance": "indoor"}, None),
        (
            "way",
            {"amenity": "parking", "man_made": "surveillance", "surveillance": "outdoor"},
            None,
        ),
        ("node", {}, None),
    ],
)
def test_what_is_flagged(osm_type, tags, kind):
    found = flag_of(osm_type, tags)
    assert (found.kind if found else None) == kind


def test_neither_names_nor_operators_are_kept():
    tags = {
        "amenity": "parking",
        "surveillance": "outdoor",
        "name": "Jeanne Example",
        "operator": "Jeanne Example",
    }
    assert flag_of("way", tags).tags == {"surveillance": "outdoor"}
    tags = {"type": "enforcement", "enforcement": "maxspeed", "maxspeed": "50", "note": "x"}
    assert flag_of("relation", tags).tags == {"enforcement": "maxspeed", "maxspeed": "50"}


_WORDS = st.sampled_from(
    ["type", "enforcement", "amenity", "parking", "surveillance", "man_made", "no", "yes", ";", ""]
)


@given(
    st.sampled_from(["node", "way", "relation", "area"]),
    st.dictionaries(_WORDS | st.text(), _WORDS | st.text()),
)
def test_whatever_the_tags_nothing_is_raised_and_no_device_is_a_flag(osm_type, tags):
    found = flag_of(osm_type, tags)
    assert found is None or (found.kind in FLAG_KINDS and not is_device(tags))
    assert found is None or found.tags.items() <= tags.items()
