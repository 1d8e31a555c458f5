import contextlib
import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import GeoJSONError
from geo.geojson import (
    feature,
    feature_collection,
    geometry,
    invalid_rings,
    point,
    repair_polygon,
)
from geo.position import LonLat

AREAS = json.loads(
    (Path(__file__).resolve().parents[2] / "fixtures/geometry/areas.json").read_text("utf-8")
)

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)
coordinates = st.lists(
    st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)).map(list), max_size=8), max_size=3
)


@pytest.mark.parametrize("case", AREAS, ids=lambda case: case["name"])
def test_an_area_is_taken_repaired_or_refused_by_name(case):
    if "error" in case:
        with pytest.raises(GeoJSONError, match=case["error"]):
            repair_polygon(case["geometry"])
        return
    area, was_repaired = repair_polygon(case["geometry"])
    assert area.is_valid
    assert was_repaired == case["repaired"]
    assert area.area == pytest.approx(case["area_deg2"])
    assert all(part.exterior.is_ccw for part in area.geoms)
    names = [line.split(":")[0] for line in invalid_rings(case["geometry"])]
    assert names == case.get("invalid", [])


@given(json_values)
def test_any_json_is_an_area_or_a_clear_error(value):
    with contextlib.suppress(GeoJSONError):
        repair_polygon(value)
    with contextlib.suppress(GeoJSONError):
        repair_polygon({"type": "Polygon", "coordinates": value})
    with contextlib.suppress(GeoJSONError):
        repair_polygon({"type": "MultiPolygon", "coordinates": value})


@given(coordinates)
def test_any_rings_become_a_valid_area_or_a_clear_error(rings):
    try:
        area, _ = repair_polygon({"type": "Polygon", "coordinates": rings})
    except GeoJSONError:
        return
    assert area.is_valid
    assert not area.is_empty
    assert not area.has_z


def test_decimal_numbers_of_a_streaming_parser_are_taken():
    ring = [[Decimal("2.0"), Decimal(48)], [Decimal(3), Decimal(48)], [3, 49], [2, 48]]
    assert repair_polygon({"type": "Polygon", "coordinates": [ring]})[0].area == pytest.approx(0.5)


def test_a_nest_of_lists_is_refused_and_not_followed():
    nest = []
    for _ in range(100_000):
        nest = [nest]
    with pytest.raises(GeoJSONError):
        repair_polygon({"type": "Polygon", "coordinates": nest})
    with pytest.raises(GeoJSONError):
        repair_polygon(nest)
    while nest:  # taken apart by hand, so that freeing it does not recurse
        nest = nest[0]


def test_a_point_has_seven_decimals_and_lon_first():
    assert point(LonLat(2.123456789, 48.5)) == {
        "type": "Point",
        "coordinates": [2.1234568, 48.5],
    }


def test_a_polygon_is_written_by_the_right_hand_rule():
    shape = shapely.Polygon([(0, 0), (0, 3), (3, 3), (3, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    written = geometry(shape)
    outer, hole = (shapely.LinearRing(ring) for ring in written["coordinates"])
    assert outer.is_ccw
    assert not hole.is_ccw
    assert geometry(shapely.MultiPolygon([shape]))["coordinates"] == [written["coordinates"]]
    assert json.loads(json.dumps(written)) == written


def test_heights_are_left_out():
    assert geometry(shapely.Point(2, 48, 35)) == {"type": "Point", "coordinates": [2.0, 48.0]}


@pytest.mark.parametrize(
    "shape", [shapely.Point(), shapely.Polygon(), shapely.GeometryCollection([shapely.Point(1, 1)])]
)
def test_what_is_empty_or_mixed_is_not_written(shape):
    with pytest.raises(GeoJSONError):
        geometry(shape)


def test_a_feature_without_a_place_has_a_null_geometry():
    assert feature(None, {"kind": "camera"}) == {
        "type": "Feature",
        "geometry": None,
        "properties": {"kind": "camera"},
    }
    assert feature(point(LonLat(2, 48)), {}, id="abc")["id"] == "abc"


def test_a_collection_carries_its_licence_before_its_features():
    made = feature_collection([feature(None, {})], license="ODbL-1.0")
    assert list(made) == ["type", "license", "features"]
    with pytest.raises(GeoJSONError):
        feature_collection([], coordinates=[])


def test_real_communes_are_taken_and_the_invalid_one_is_repaired_and_named(shared_data):
    repaired = {}
    for name in ("14-calvados", "35-ille-et-vilaine"):
        path = shared_data / f"france/communes_ign_2018/communes-{name}.geojson.gz"
        for commune in json.loads(gzip.decompress(path.read_bytes()))["features"]:
            area, was_repaired = repair_polygon(commune["geometry"])
            assert area.is_valid
            if was_repaired:
                repaired[commune["properties"]["code"]] = invalid_rings(commune["geometry"])
    assert list(repaired) == ["14174"]
    assert repaired["14174"]


def test_hostile_geojson_is_taken_or_refused(shared_data):
    for path in sorted((shared_data / "hostile").glob("geojson_*/**/*.*json")):
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            continue
        for found in document.get("features") or [document]:
            with contextlib.suppress(GeoJSONError):
                repair_polygon(found.get("geometry", found) if isinstance(found, dict) else found)
