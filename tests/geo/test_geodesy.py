import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.errors import GeodesyError
from geo.geodesy import bearing_deg, circle, destination, distance_m, snap_to_grid
from geo.position import LonLat

positions = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))
cells_m = st.sampled_from([10, 25, 500])


def test_new_york_to_london_is_what_geographiclib_documents():
    new_york, london = LonLat(-73.8, 40.6), LonLat(-0.5, 51.6)
    assert distance_m(new_york, london) == pytest.approx(5_551_759.400, abs=1e-3)
    assert bearing_deg(new_york, london) == pytest.approx(51.198882845, abs=1e-8)


@given(positions, positions)
def test_a_distance_is_the_same_both_ways(a, b):
    assert math.isclose(distance_m(a, b), distance_m(b, a), abs_tol=1e-6)


@given(positions, st.floats(0, 360), st.floats(1, 1_000_000))
def test_a_destination_lies_where_it_was_sent(start, bearing, length_m):
    assume(abs(start.lat) < 89.9)
    end = destination(start, bearing, length_m)
    assert distance_m(start, end) == pytest.approx(length_m, abs=1e-4)
    turn = (bearing_deg(start, end) - bearing) % 360
    assert min(turn, 360 - turn) < 0.01


@given(positions, positions)
def test_a_bearing_is_within_one_turn(a, b):
    assume(distance_m(a, b) > 0)
    assert 0 <= bearing_deg(a, b) < 360


def test_equal_positions_have_no_bearing():
    with pytest.raises(GeodesyError):
        bearing_deg(LonLat(2, 48), LonLat(2, 48))


@pytest.mark.parametrize(
    ("bearing", "length_m"), [(math.nan, 1), (math.inf, 1), (0, -1), (0, math.nan), (0, 1e9)]
)
def test_a_destination_needs_a_bearing_and_a_length(bearing, length_m):
    with pytest.raises(GeodesyError):
        destination(LonLat(0, 0), bearing, length_m)


@given(positions, cells_m)
def test_snapping_moves_no_point_further_than_documented(position, cell_m):
    assert distance_m(position, snap_to_grid(position, cell_m)) <= 0.75 * cell_m


@given(st.floats(-180, 180), st.floats(-85, 85), cells_m)
def test_away_from_the_poles_a_point_moves_by_half_a_diagonal_at_most(lon, lat, cell_m):
    position = LonLat(lon, lat)
    assert distance_m(position, snap_to_grid(position, cell_m)) <= 0.712 * cell_m


@given(positions, cells_m)
def test_snapping_twice_changes_nothing(position, cell_m):
    once = snap_to_grid(position, cell_m)
    assert snap_to_grid(once, cell_m) == once


@given(positions, cells_m, st.floats(0, 360), st.floats(0, 0.45))
def test_all_points_of_a_cell_give_its_centre(position, cell_m, bearing, share):
    assume(abs(position.lat) < 85)
    center = snap_to_grid(position, cell_m)
    # A disc of 0.45 cells around the centre lies wholly in the cell.
    assert snap_to_grid(destination(center, bearing, share * cell_m), cell_m) == center


def test_the_antimeridian_is_one_place_on_the_grid():
    assert snap_to_grid(LonLat(180, 10), 10) == snap_to_grid(LonLat(-180, 10), 10)


@pytest.mark.parametrize("cell_m", [0, -10, math.nan, math.inf, 1e9])
def test_a_grid_needs_a_cell(cell_m):
    with pytest.raises(GeodesyError):
        snap_to_grid(LonLat(0, 0), cell_m)


@given(positions, st.floats(0.5, 5000), st.integers(3, 64))
def test_a_circle_keeps_its_distance(center, radius_m, corners):
    try:
        ring = circle(center, radius_m, corners)
    except GeodesyError:
        assert abs(center.lat) > 89.9 or abs(center.lon) > 179
        return
    assert len(ring) == corners
    for corner in ring:
        assert distance_m(center, corner) == pytest.approx(radius_m, abs=0.05)


@pytest.mark.parametrize(
    ("center", "radius_m", "corners"),
    [
        (LonLat(0, 90), 50, 32),
        (LonLat(0, -89.9999), 50, 32),
        (LonLat(180, 10), 50, 32),
        (LonLat(0, 0), 0, 32),
        (LonLat(0, 0), float("nan"), 32),
        (LonLat(0, 0), 50, 2),
    ],
)
def test_a_circle_that_can_not_be_drawn_is_refused(center, radius_m, corners):
    with pytest.raises(GeodesyError):
        circle(center, radius_m, corners)
