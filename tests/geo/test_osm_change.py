"""What is sent to OSM's API and what it answers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OsmChangeError
from geo.osm_change import (
    OsmElement,
    Uploaded,
    read_change,
    read_diff,
    read_element,
    write_change,
    write_changeset,
)
from geo.position import LonLat

_texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40
)
_degrees = st.integers(-(10**7) * 80, 10**7 * 80).map(lambda number: number / 10**7)
_nodes = st.builds(
    OsmElement,
    osm_type=st.just("node"),
    osm_id=st.integers(-(10**9), 10**12),
    version=st.integers(0, 10**6),
    tags=st.dictionaries(_texts, _texts, max_size=5),
    position=st.builds(LonLat, _degrees, _degrees),
)
_ways = st.builds(
    OsmElement,
    osm_type=st.just("way"),
    osm_id=st.integers(1, 10**12),
    version=st.integers(1, 10**6),
    tags=st.dictionaries(_texts, _texts, max_size=5),
    nodes=st.lists(st.integers(1, 10**12), max_size=4).map(tuple),
)
_relations = st.builds(
    OsmElement,
    osm_type=st.just("relation"),
    osm_id=st.integers(1, 10**12),
    version=st.integers(1, 10**6),
    tags=st.dictionaries(_texts, _texts, max_size=5),
    members=st.lists(
        st.tuples(st.sampled_from(["node", "way"]), st.integers(1, 10**12), _texts), max_size=4
    ).map(tuple),
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["create", "modify"]), st.one_of(_nodes, _ways, _relations)),
        max_size=6,
    )
)
def test_what_is_written_reads_back_whole(changes):
    read = read_change(write_change(7, changes))

    assert sorted(read, key=repr) == sorted(changes, key=repr)


def test_white_space_in_a_value_stays_as_it_is():
    held = OsmElement("node", 1, 1, {"note": "a\nb\tc  d"}, LonLat(5, 45))

    assert read_change(write_change(7, [("modify", held)])) == [("modify", held)]


def test_deletions_stand_last_and_bare():
    gone = OsmElement("node", 1, 3, {"man_made": "surveillance"}, LonLat(5, 45))
    new = OsmElement("node", -1, 0, {}, LonLat(5, 45))

    written = write_change(7, [("delete", gone), ("create", new)])

    assert [action for action, _ in read_change(written)] == ["create", "delete"]
    assert b"<tag" not in written


@pytest.mark.parametrize("text", ["\x00", "a\x1bb", "\ud800", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused(text):
    with pytest.raises(OsmChangeError, match="can't be sent"):
        write_change(7, [("create", OsmElement("node", -1, 0, {"a": text}, LonLat(5, 45)))])
    with pytest.raises(OsmChangeError, match="can't be sent"):
        write_changeset({"comment": text})


def test_a_node_without_a_place_is_refused():
    with pytest.raises(OsmChangeError, match="no place"):
        write_change(7, [("create", OsmElement("node", -1))])


def test_a_diff_names_what_became_of_each_object():
    body = b"""<diffResult><node old_id="-1" new_id="9" new_version="1"/>
        <way old_id="4"/></diffResult>"""

    assert read_diff(body) == {("node", -1): Uploaded(9, 1), ("way", 4): Uploaded(None, None)}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"busy",
        b"<html/>",
        b"<osmChange><create><node/></create></osmChange>",
        b'<osmChange><create><node id="x"/></create></osmChange>',
        b'<osmChange><create><area id="1"/></create></osmChange>',
        b'<osmChange><rename><node id="1"/></rename></osmChange>',
        b'<osmChange><create><node id="1" lat="91" lon="5"/></create></osmChange>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><osmChange/>',
        b'<?xml version="1.0" encoding="no-such"?><osmChange/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_change_is_refused(body):
    with pytest.raises(OsmChangeError):
        read_change(body)


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused(body):
    for read in (read_change, read_diff):
        with contextlib.suppress(OsmChangeError):
            read(body)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["node", "way", "relation"]) | _json},
        optional=dict.fromkeys(
            ("id", "version", "tags", "lat", "lon", "nodes", "members", "visible"), _json
        ),
    )
)
def test_json_is_read_or_refused(said):
    with contextlib.suppress(OsmChangeError):
        read_element(said)


def test_a_recorded_changeset_reads_back(shared_data):
    recorded = shared_data / "osm_api" / "osmapi" / "tests" / "fixtures"

    found = read_change((recorded / "test_changeset_download.xml").read_bytes())

    assert [element.osm_type for _, element in found].count("node") == 12
    assert found[0][1].tags == {"tourism": "hotel"}
    assert found[-1][1].members[0] == ("way", 4295032195, "line")
