"""The table of spellings: reviewed, unambiguous, and silent about what it does not know."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import osm_aliases
from geo.osm_aliases import keys, meaning, reader, unknown_items
from geo.osm_tags import TAG_RULES, apply_attributes, device_attributes
from mapper.sightings import vocabulary

TABLE = Path(osm_aliases.__file__).with_name("osm_aliases.toml")
ROWS = tomllib.loads(TABLE.read_text(encoding="utf-8"))["value"]
OFFERED = {
    "camera:type": vocabulary.CameraType,
    "camera:mount": vocabulary.Mount,
    "surveillance": vocabulary.Surveillance,
    "surveillance:zone": vocabulary.Zone,
}


def test_each_row_has_a_source_and_each_value_one_row():
    assert all(row["source"] for row in ROWS)
    meanings = Counter((row["key"], row["means"]) for row in ROWS)
    assert max(meanings.values()) == 1
    written = Counter((row["key"], text.casefold()) for row in ROWS for text in row["written"])
    assert max(written.values()) == 1


def test_what_our_forms_offer_is_known_and_means_itself():
    for key, words in OFFERED.items():
        assert all(meaning(key, value) == value for value in words.values)
    assert set(OFFERED) < set(keys()) <= {key for rule in TAG_RULES for key in rule.keys}


@pytest.mark.parametrize(
    ("key", "text", "read"),
    [
        ("surveillance:type", "Flock Safety", "alpr"),
        ("camera:mount", "traffic_signal", "traffic_signals"),
        ("camera:mount", "Street Lamp; pole", "street_lamp;pole"),
        ("camera:type", "dome;fixed", "dome;fixed"),
        ("camera:type", "static", "fixed"),
        ("camera:type", "dome;sphere", "dome;sphere"),
        ("camera:type", " sphere", " sphere"),
        ("surveillance:zone", "area,street", "area;street"),
        ("surveillance", "indoor/outdoor", "indoor;outdoor"),
        ("surveillance", "; ", "; "),
        ("camera:mount", "wall;wall", "wall"),
    ],
)
def test_what_is_meant_is_read(key, text, read):
    assert reader(key)(text) == read


@given(st.sampled_from(keys()), st.text(max_size=30) | st.sampled_from(["wall;", "a/b", "DOME"]))
def test_any_text_is_read_and_reading_twice_is_reading_once(key, text):
    read = reader(key)
    once = read(text)
    assert (once is None) == (not text.strip())
    if once is not None:
        assert read(once) == once
        assert set(unknown_items(key, once)) <= set(unknown_items(key, text))


@given(st.sampled_from(ROWS).flatmap(lambda row: st.tuples(
    st.just(row), st.sampled_from(row["written"]), st.booleans()
)))  # fmt: skip
def test_a_spelling_stays_in_the_tags_when_the_meaning_is_written_back(drawn):
    row, text, is_upper = drawn
    text = text.upper() if is_upper else text
    tags = {"man_made": "surveillance", row["key"]: text}
    assert apply_attributes(tags, device_attributes(tags).as_dict()) == tags


def test_most_of_what_is_in_the_wild_is_known(shared_data):
    text = (shared_data / "osm_devices/switzerland_overpass.json").read_text(encoding="utf-8")
    for key in ("camera:type", "camera:mount"):
        found = re.findall(rf'"{key}": ?"([^"]*)"', text)
        unknown = [value for value in found if unknown_items(key, value)]
        assert len(unknown) < 0.02 * len(found), Counter(unknown)
