import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.bbox import BBox
from geo.errors import BBoxError
from geo.geodesy import destination
from geo.position import LonLat

lons = st.floats(-180, 180)
lats = st.floats(-90, 90)


@st.composite
def boxes(draw):
    west, east = draw(lons), draw(lons)
    south, north = sorted((draw(lats), draw(lats)))
    assume(south < north and west != east and (west, east) != (180, -180))
    return BBox(west, south, east, north)


def test_a_box_is_read_west_south_east_north():
    assert BBox.parse(" 2.2, 48.8,2.4 ,48.9") == BBox(2.2, 48.8, 2.4, 48.9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "nan,nan,nan,nan",
        "NaN,0,1,1",
        "0,0,inf,1",
        "1e1,0,11,1",
        "2,49,3,48",
        "2,48,3,48",
        "2,48,2,49",
        "180,0,-180,1",
        "-181,0,0,1",
        "0,-91,1,0",
        "0,0,1,91",
        "0;0;1;1",
        "0,0,1,",
        ",,,",
        "0,0,1,1\x00",
        "1_0,0,20,1",
    ],
)
def test_what_is_no_box_is_refused_with_a_remedy(text):
    with pytest.raises(BBoxError) as refusal:
        BBox.parse(text)
    assert "west,south,east,north" in str(refusal.value)


@given(st.text(alphabet="0123456789.,-+ eNaninf", max_size=40))
def test_any_text_is_a_box_or_a_clear_error(text):
    try:
        box = BBox.parse(text)
    except BBoxError:
        return
    assert all(math.isfinite(edge) for edge in box.as_tuple())
    assert box.south < box.north


@given(boxes(), lons, lats)
def test_the_parts_of_a_box_hold_the_same_points(box, lon, lat):
    parts = box.parts()
    assert len(parts) in (1, 2)
    assert not any(part.crosses_antimeridian for part in parts)
    position = LonLat(lon, lat)
    assert box.contains(position) == any(part.contains(position) for part in parts)
    assert math.isclose(sum(part.width_deg for part in parts), box.width_deg, abs_tol=1e-9)


def test_a_box_across_the_antimeridian_has_two_parts():
    box = BBox(170, -20, -170, -10)
    assert box.crosses_antimeridian
    assert box.parts() == (BBox(170, -20, 180, -10), BBox(-180, -20, -170, -10))
    assert box.contains(LonLat(180, -15))
    assert box.contains(LonLat(-180, -15))
    assert not box.contains(LonLat(0, -15))


def test_a_box_that_touches_the_antimeridian_has_one_part():
    assert BBox(180, 0, -170, 1).parts() == (BBox(-180, 0, -170, 1),)
    assert BBox(170, 0, -180, 1).parts() == (BBox(170, 0, 180, 1),)
    assert BBox(180, 0, -170, 1).contains(LonLat(180, 0.5))


@given(lons, lats, st.floats(0.01, 1_000_000), st.floats(0, 360), st.floats(0, 1))
def test_the_box_around_a_point_holds_its_circle(lon, lat, radius_m, bearing, share):
    center = LonLat(lon, lat)
    box = BBox.around(center, radius_m)
    assert box.contains(center)
    assert box.contains(destination(center, bearing, radius_m * share * 0.999))


def test_the_box_around_a_point_is_not_much_larger_than_its_circle():
    box = BBox.around(LonLat(2.35, 48.85), 1000)
    assert box.area_m2 < 2030**2


@pytest.mark.parametrize("radius_m", [0, -1, math.nan, math.inf, 2_000_000])
def test_a_radius_out_of_range_is_refused(radius_m):
    with pytest.raises(BBoxError):
        BBox.around(LonLat(0, 0), radius_m)


def test_the_area_of_the_whole_earth_is_known():
    assert BBox(-180, -90, 180, 90).area_m2 == pytest.approx(510_065_621_724_089, rel=1e-9)
    assert BBox(-180, -90, 180, 90).area_deg2 == 64_800


@given(boxes())
def test_areas_of_parts_add_up(box):
    assert math.isclose(sum(part.area_m2 for part in box.parts()), box.area_m2, rel_tol=1e-6)
