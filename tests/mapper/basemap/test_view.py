"""Pixels and positions of a map picture: each is the other's inverse."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.bbox import BBox
from geo.geodesy import distance_m
from geo.position import LonLat
from mapper.basemap.picture import pixel_of, position_at
from mapper.basemap.view import MapView

centers = st.builds(LonLat, st.floats(-180, 180), st.floats(-84, 84))
zooms = st.floats(1, 20)


@settings(max_examples=200, deadline=None)
@given(centers, zooms, st.floats(0, 1), st.floats(0, 1))
def test_the_position_of_a_pixel_is_at_that_pixel(center, zoom, across, down):
    view = MapView(center, zoom, 320, 240)
    x, y = across * 320, down * 240
    position = view.position_at(x, y)
    back_x, back_y = view.pixel_of(position)
    # Round the world the pixel may come back one world further.
    assert abs((back_x - x + view.world_px / 2) % view.world_px - view.world_px / 2) < 0.01
    assert abs(back_y - y) < 0.01 or abs(position.lat) > 85.05


def test_the_middle_pixel_is_the_centre():
    center = LonLat(2.35, 48.85)
    found = position_at(center, 16, 320, 320, 160, 160)
    assert distance_m(found, center) < 0.001
    assert pixel_of(center, 16, 320, 320, center) == pytest.approx((160, 160))


def test_a_tap_is_as_exact_as_a_pixel():
    center = LonLat(2.35, 48.85)
    east = position_at(center, 17, 320, 320, 161, 160)
    expected_m = 156_543.034 * math.cos(math.radians(48.85)) / 2**17
    assert distance_m(center, east) == pytest.approx(expected_m, rel=0.003)
    assert east.lon > center.lon
    assert position_at(center, 17, 320, 320, 160, 161).lat < center.lat


def test_a_picture_across_the_antimeridian_is_whole():
    view = MapView(LonLat(179.999, 0), 15, 400, 200)
    assert view.bbox.crosses_antimeridian
    assert view.bbox.contains(LonLat(-179.9995, 0))
    assert 200 < view.pixel_of(LonLat(-179.9995, 0))[0] < 400


def test_a_picture_wider_than_the_world_shows_all_meridians():
    assert MapView(LonLat(0, 0), 0, 720, 480).bbox.width_deg == 360


@settings(max_examples=100, deadline=None)
@given(st.floats(-179, 170), st.floats(-80, 70), st.floats(0.001, 8), st.floats(0.001, 8))
def test_a_view_of_a_box_shows_all_of_it(west, south, width, height):
    bbox = BBox(west, south, west + width, south + height)
    view = MapView.of_bbox(bbox, 720, 480)
    assert 0 <= view.zoom <= 20
    for corner in (LonLat(bbox.west, bbox.south), LonLat(bbox.east, bbox.north)):
        x, y = view.pixel_of(corner)
        assert -0.01 <= x <= 720.01
        assert -0.01 <= y <= 480.01


def test_a_view_of_a_box_across_the_antimeridian_is_near():
    view = MapView.of_bbox(BBox(179, -1, -179, 1), 400, 400)
    assert abs(view.center.lon) == pytest.approx(180)
    assert view.zoom > 6
