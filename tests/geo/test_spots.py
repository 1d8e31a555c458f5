"""Photos of one spot are found by place and time, and by nothing else."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geodesy import destination, distance_m
from geo.position import LonLat
from geo.spots import SPOT_RADIUS_M, SPOT_S, Shot, by_spot, is_same_spot, taken_at

NOON = datetime(2026, 5, 12, 12)
HERE = LonLat(-1.68, 48.115)
MOST = 6


def shot(metres=0.0, seconds=0.0, bearing=90.0, start=HERE):
    place = destination(start, bearing, metres) if metres else start
    return Shot(place, NOON + timedelta(seconds=seconds))


# Few places and moments, so that many are near each other; at the edges of the world too.
STARTS = [HERE, LonLat(180, 0), LonLat(-179.9999, 0), LonLat(12, 89.9999), LonLat(12, -90)]
SHOTS = st.lists(
    st.builds(
        lambda start, metres, seconds, bearing, has_clock: (
            shot(metres, seconds, bearing, start)
            if has_clock
            else Shot(destination(start, bearing, metres + 0.01), None)
        ),
        st.sampled_from(STARTS),
        st.floats(0, 30),
        st.integers(0, 600),
        st.sampled_from([0.0, 90.0, 180.0, 270.0]),
        st.integers(0, 9).map(bool),
    ),
    max_size=40,
)


@given(SHOTS)
def test_each_photo_is_of_exactly_one_spot_and_near_the_first_of_it(shots):
    spots = by_spot(shots, most=MOST)
    assert sorted(number for spot in spots for number in spot) == list(range(len(shots)))
    for first, *others in spots:
        assert len(others) < MOST
        for number in others:
            assert distance_m(shots[first].position, shots[number].position) <= SPOT_RADIUS_M
            later = shots[number].taken_at - shots[first].taken_at
            assert 0 <= later.total_seconds() <= SPOT_S


@given(SHOTS)
def test_whoever_begins_a_spot_could_join_none_before_it(shots):
    spots = [spot for spot in by_spot(shots, most=MOST) if shots[spot[0]].taken_at is not None]
    for place, spot in enumerate(spots):
        for earlier in spots[:place]:
            is_full = len(earlier) == MOST
            assert is_full or not is_same_spot(shots[earlier[0]], shots[spot[0]])


@given(SHOTS, st.sets(st.integers(0, 39)))
def test_spots_that_are_gone_leave_the_others_as_they_were(shots, gone):
    spots = by_spot(shots, most=MOST)
    kept = [spot for place, spot in enumerate(spots) if place not in gone]
    left = sorted(number for spot in kept for number in spot)
    again = by_spot([shots[number] for number in left], most=MOST)
    assert sorted(tuple(left[number] for number in spot) for spot in again) == sorted(kept)


@pytest.mark.parametrize(
    ("metres", "seconds", "is_one"),
    [(0, 0, True), (9.9, 119, True), (10.1, 0, False), (0, 121, False), (0, -120, True)],
)
def test_the_thresholds_are_10_m_and_120_s(metres, seconds, is_one):
    assert is_same_spot(shot(), shot(metres, seconds)) is is_one


def test_a_burst_of_ten_makes_a_full_report_and_another():
    spots = by_spot([shot(seconds=number / 5) for number in range(10)], most=MOST)
    assert spots == [tuple(range(6)), (6, 7, 8, 9)]


def test_a_walk_along_a_street_is_not_one_spot():
    walk = [shot(metres=6 * number, seconds=10 * number) for number in range(6)]
    assert by_spot(walk, most=MOST) == [(0, 1), (2, 3), (4, 5)]


def test_without_a_clock_nothing_is_grouped():
    assert by_spot([Shot(HERE, None)] * 3, most=MOST) == [(0,), (1,), (2,)]


def test_a_clock_that_stands_still_at_many_places_is_no_burden():
    shots = [shot(metres=30 * number, bearing=0) for number in range(3_000)]
    assert len(by_spot(shots, most=MOST)) == 3_000


def test_what_is_no_moment_is_none():
    assert taken_at("") is taken_at("0000-00-00T00:00:00") is taken_at("yesterday") is None
    assert taken_at("2026-05-12T12:00:00") == NOON
