"""References on the grid of a sheet."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import GridError
from geo.geodesy import distance_m
from geo.grid_reference import (
    MOST_NINTHS,
    grid_reference,
    is_grid_reference,
    parse_grid_reference,
    position_at,
    share_of,
)
from geo.position import LonLat
from geo.tiles import Tile, tile_at

# A sheet of Rennes and one of Helsinki.
PLACES = (LonLat(-1.68, 48.11), LonLat(24.94, 60.17))
shares = st.floats(0, 1, exclude_max=True)


GOLDEN = json.loads(
    (Path(__file__).parents[2] / "fixtures/cases/walk_sheets.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", GOLDEN["references"], ids=lambda case: case["text"])
def test_references_are_those_that_the_page_writes(case):
    sheet = tile_at(PLACES[0], 16)
    position = position_at(sheet, case["x"], case["y"])
    assert grid_reference(sheet, position, ninths=case["ninths"]) == case["text"]
    back = share_of(sheet, parse_grid_reference(sheet, case["text"]))
    half = 0.5 / (10 * 3 ** case["ninths"])
    assert back == pytest.approx((case["x"], case["y"]), abs=half + 1e-8)


@pytest.mark.parametrize("text", GOLDEN["refused"])
def test_what_the_page_refuses_is_refused_here_too(text):
    assert not is_grid_reference(text)


@given(st.sampled_from(PLACES), shares, shares, st.integers(0, MOST_NINTHS))
def test_a_reference_leads_back_to_within_its_own_cell(place, x, y, ninths):
    sheet = tile_at(place, 16)
    position = position_at(sheet, x, y)
    said = grid_reference(sheet, position, ninths=ninths)
    back = parse_grid_reference(sheet, said)
    half = 0.5 / (10 * 3**ninths)
    for one, other in zip(share_of(sheet, position), share_of(sheet, back), strict=True):
        # Where the sheet ends, what lies beyond belongs to its last cell.
        assert abs(min(max(one, 0), 1) - other) <= half * 1.001 + 1e-8
    assert grid_reference(sheet, back, ninths=ninths) == said
    assert parse_grid_reference(sheet, said.replace(".", "").lower()) == back


def test_a_ninth_of_a_cell_is_ten_to_fifteen_metres_in_france():
    for lat in (43.3, 48.85, 51.0):
        sheet = tile_at(LonLat(2.3, lat), 16)
        one = parse_grid_reference(sheet, "C4.1")
        two = parse_grid_reference(sheet, "C4.2")
        assert 10 < distance_m(one, two) <= 15


def test_ninths_are_those_of_a_phone():
    sheet = tile_at(PLACES[0], 16)
    north_west, south_east = (parse_grid_reference(sheet, f"C4.{n}") for n in "19")
    middle = parse_grid_reference(sheet, "C4.5")
    assert north_west.lon < middle.lon < south_east.lon
    assert north_west.lat > middle.lat > south_east.lat
    assert middle.lon == pytest.approx(parse_grid_reference(sheet, "C4").lon)


@pytest.mark.parametrize("text", ["c4", "C 4", "C4,7", "c-4-7", "C47", " C4.7381 "])
def test_hands_write_references_in_many_ways(text):
    assert is_grid_reference(text)


@pytest.mark.parametrize(
    "text", ["", "4C", "I4", "L4", "C", "C4.0", "C4.73811", "CC4", "C٤", "417"]
)
def test_what_is_on_no_sheet_is_refused(text):
    assert not is_grid_reference(text)
    with pytest.raises(GridError, match="like C4"):
        parse_grid_reference(Tile(16, 1, 1), text)


@given(st.text(max_size=30))
def test_any_text_is_a_reference_or_refused(text):
    try:
        parse_grid_reference(Tile(16, 33_000, 22_000), text)
    except GridError:
        assert not is_grid_reference(text)


def test_too_fine_a_reference_is_refused():
    with pytest.raises(GridError, match="choose 0 to 4"):
        grid_reference(Tile(16, 1, 1), PLACES[0], ninths=5)


def test_what_lies_off_the_sheet_is_in_its_nearest_cell():
    sheet = tile_at(PLACES[0], 16)
    assert grid_reference(sheet, LonLat(-10, 60), ninths=0) == "A0"
    assert grid_reference(sheet, LonLat(10, -60)) == "K9.9"
