"""Reading OSM objects: any input ends in objects, refusals in words, or BadInput."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.osm_tags import device_attributes
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.osm.objects import OsmObject, RefusedObject
from mapper.osm.overpass import OverpassFailure, read_answer
from mapper.osm.pull import objects_of
from mapper.osm.reading import read_file
from mapper.osm.shapes import Member, Shapes, place_geojson, place_line

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["node", "way", "relation", "node/1", "way/2", "surveillance", "\ud800", "\0"]
    )
    | st.text(max_size=5)
)
# fmt: off
keys = st.sampled_from([
    "type", "id", "lat", "lon", "version", "timestamp", "tags", "nodes", "members", "geometry",
    "center", "ref", "role", "properties", "@id", "@type", "@version", "meta", "coordinates",
    "man_made", "highway",
])
# fmt: on
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=7),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=4), st.sampled_from(["elements", "features", ""]))
def test_any_json_is_read_or_refused_in_words(tmp_path_factory, items, member):
    path = tmp_path_factory.mktemp("any") / "any.json"
    path.write_text(json.dumps({member: items} if member else items), encoding="utf-8")
    try:
        found = list(read_file(path, known={"node": {1}}, is_quiet=True).objects)
    except BadInput as refused:
        assert str(path) in str(refused)  # noqa: PT017 - a refusal is fine, a traceback is not
    else:
        assert all(isinstance(item, OsmObject | RefusedObject) for item in found)


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=4))
def test_any_answer_of_overpass_is_read_or_refused_in_words(items):
    said = {"elements": items, "osm3s": {"timestamp_osm_base": "2026-11-20T08:00:00Z"}}
    try:
        found = list(objects_of(read_answer(json.dumps(said).encode()).result))
    except OverpassFailure as refused:
        assert str(refused)  # noqa: PT017 - a refusal is fine, a traceback is not
    else:
        assert all(isinstance(item, OsmObject | RefusedObject) for item in found)


tags = st.dictionaries(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=255),
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(tags)
def test_tags_pass_through_json_unchanged(tmp_path_factory, given_tags):
    path = tmp_path_factory.mktemp("tags") / "tags.json"
    said = given_tags | {"man_made": "surveillance"}
    item = {"type": "node", "id": 1, "lat": 48.0, "lon": 2.0, "tags": said}
    path.write_text(json.dumps({"elements": [item]}), encoding="utf-8")
    (found,) = read_file(path, known={}, is_quiet=True).objects
    assert found.tags == said
    assert device_attributes(found.tags) is not None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=8), st.booleans())
def test_any_line_has_a_place_unless_it_is_empty(line, is_area):
    place = place_line(line, is_area=is_area)
    assert (place is None) == (not line)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_any_geometry_is_placed_or_not_without_a_traceback(value):
    geometry = value if isinstance(value, dict) else {"type": "Polygon", "coordinates": value}
    found = place_geojson(geometry)
    assert found is None or isinstance(found, LonLat)


def test_a_relation_that_holds_itself_ends():
    shapes = Shapes(relations={1: [Member("relation", 1)]})
    assert shapes.place_relation([Member("relation", 1)]) is None


def test_a_relation_without_an_area_stands_on_its_first_line_or_node():
    shapes = Shapes(nodes={1: (2.0, 48.0), 2: (4.0, 48.0)}, ways={5: [1, 2]})
    assert shapes.place_relation([Member("way", 5)]) == LonLat(3.0, 48.0)
    assert shapes.place_relation([Member("node", 2)]) == LonLat(4.0, 48.0)
    assert shapes.place_relation([Member("way", 99)]) is None


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [2.0, 48.0]},
        {"type": "LineString", "coordinates": [[1.0, 48.0], [3.0, 48.0]]},
        {"type": "Polygon", "coordinates": [[[1, 47], [3, 47], [3, 49], [1, 49], [1, 47]]]},
    ],
)
def test_a_geometry_is_placed_on_itself(geometry):
    assert place_geojson(geometry) == LonLat(2.0, 48.0)
