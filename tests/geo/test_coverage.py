import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point

from geo.coverage import view_sector
from geo.direction import ALL_ROUND, Arc
from geo.errors import CoverageError
from geo.geodesy import destination
from geo.position import LonLat

geod = Geod(ellps="WGS84")
positions = st.builds(LonLat, st.floats(-180, 180), st.floats(-85, 85))
arcs = st.builds(Arc, st.floats(0, 360), st.floats(0, 360))
PARIS = LonLat(2.35, 48.85)


def _parts(shape):
    return getattr(shape, "geoms", [shape])


@settings(max_examples=200)
@given(positions, arcs, st.floats(1, 10_000))
def test_a_view_has_the_area_of_its_sector(position, arc, radius_m):
    shape = view_sector(position, arc, radius_m)
    assert shape.is_valid
    for part in _parts(shape):
        assert part.exterior.is_ccw
        west, _, east, _ = part.bounds
        assert west >= -180
        assert east <= 180
    width_deg = max(arc.width_deg or 70, 1)
    area_m2 = abs(sum(geod.geometry_area_perimeter(part)[0] for part in _parts(shape)))
    # Degrees near 180 keep 3e-14: over a 1 m sector of 1 degree that is some 1e-3 of the area.
    assert area_m2 == pytest.approx(math.pi * radius_m**2 * width_deg / 360, rel=5e-3)


@given(arcs, st.floats(0.1, 0.9), st.floats(0.05, 0.95))
def test_a_point_within_the_arc_is_seen(arc, share, along):
    width_deg = max(arc.width_deg or 70, 1)
    assume(width_deg > 5)
    start = arc.from_deg + arc.width_deg / 2 - width_deg / 2
    seen = destination(PARIS, start + along * width_deg, 100 * share)
    assert view_sector(PARIS, arc, 100).contains(Point(seen.lon, seen.lat))


@given(arcs)
def test_a_point_behind_is_not_seen(arc):
    assume(arc.width_deg < 300)
    behind = destination(PARIS, arc.center_deg + 180, 50)
    assert not view_sector(PARIS, arc, 100).contains(Point(behind.lon, behind.lat))


def test_an_all_round_view_is_a_circle_without_its_centre_as_a_corner():
    circle = view_sector(PARIS, ALL_ROUND, 50)
    assert circle.contains(Point(PARIS.lon, PARIS.lat))
    assert len(circle.exterior.coords) == 73


def test_a_bearing_is_drawn_as_wide_as_asked():
    narrow = view_sector(PARIS, Arc(0, 0), 50, indicative_width_deg=20)
    wide = view_sector(PARIS, Arc(0, 0), 50, indicative_width_deg=90)
    assert wide.contains(narrow)


def test_a_view_across_the_antimeridian_has_two_parts():
    shape = view_sector(LonLat(180, 10), ALL_ROUND, 100)
    assert [part.bounds[0] < 0 for part in shape.geoms] == [False, True]


@pytest.mark.parametrize("radius_m", [0, 0.5, -1, math.nan, math.inf, 10_001])
def test_a_radius_out_of_range_is_refused(radius_m):
    with pytest.raises(CoverageError):
        view_sector(PARIS, ALL_ROUND, radius_m)


@pytest.mark.parametrize("width_deg", [0, -5, 360, math.nan])
def test_a_width_out_of_range_is_refused(width_deg):
    with pytest.raises(CoverageError):
        view_sector(PARIS, Arc(0, 0), 50, indicative_width_deg=width_deg)


def test_a_view_over_the_pole_is_refused():
    with pytest.raises(CoverageError, match="pole"):
        view_sector(LonLat(0, 90), ALL_ROUND, 50)
