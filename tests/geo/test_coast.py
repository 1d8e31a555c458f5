"""The sea is what lies right of the shore, within a box."""

import pytest
import shapely
from shapely.geometry import LineString, Point

from geo.coast import sea_of

BOX = (0.0, 0.0, 10.0, 10.0)


def wet(shores, *points):
    parts = shapely.union_all(sea_of([LineString(shore) for shore in shores], BOX))
    return [bool(parts.contains(Point(point))) for point in points]


def test_sea_lies_right_of_the_shore():
    westward, eastward = [(12, 5), (-2, 5)], [(-2, 5), (12, 5)]
    assert wet([westward], (5, 9), (5, 1)) == [True, False]
    assert wet([eastward], (5, 9), (5, 1)) == [False, True]


def test_an_island_lies_in_the_sea_and_a_lagoon_on_the_island():
    island = [(2, 2), (8, 2), (8, 8), (2, 8), (2, 2)]
    lagoon = [(4, 4), (4, 6), (6, 6), (6, 4), (4, 4)]
    assert wet([island, lagoon], (1, 1), (3, 3), (5, 5)) == [True, False, True]


def test_a_shore_in_many_pieces_is_one():
    pieces = [[(-1, 5), (3, 6)], [(3, 6), (7, 4)], [(7, 4), (11, 5)]]
    assert wet(pieces, (5, 9), (5, 1)) == [False, True]


def test_a_shore_cut_just_before_the_edge_goes_on_to_it():
    assert wet([[(0.5, 5), (9.3, 6)]], (5, 9), (5, 1)) == [False, True]


@pytest.mark.parametrize(
    "shores",
    [
        [],
        [[(20, 20), (30, 20)]],
        # A gap: nothing parts land from sea.
        [[(-1, 5), (4, 5)], [(6, 5), (11, 5)]],
        # Pieces that contradict each other.
        [[(-1, 5), (5, 5)], [(11, 5), (5, 5)]],
    ],
)
def test_what_is_not_known_to_be_sea_stays_undrawn(shores):
    assert not any(wet(shores, (5, 9), (5, 1)))


def test_a_shore_that_stands_still_for_a_moment_does_no_harm():
    assert wet([[(-1, 5), (3, 5), (3, 5), (11, 5)]], (5, 9), (5, 1)) == [False, True]
