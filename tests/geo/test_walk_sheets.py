"""Quarters, sheets and their codes."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.bbox import BBox
from geo.errors import BBoxError, GeoError, SheetError
from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox
from geo.walk_sheets import (
    MOST_SHEETS,
    SHEET_ZOOM,
    bbox_of_sheets,
    parse_sheet_code,
    quarter_around,
    quarter_of,
    quarter_text,
    sheet_code,
    sheets_of,
)

LAST = 2**SHEET_ZOOM - 1
# Where a step of four decimals is well under a sheet.
sheets = st.builds(Tile, st.just(SHEET_ZOOM), st.integers(0, LAST), st.integers(9000, 56_000))
places = st.builds(LonLat, st.floats(-179.9, 179.9), st.floats(-79, 79))


GOLDEN = json.loads(
    (Path(__file__).parents[2] / "fixtures/cases/walk_sheets.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", GOLDEN["sheets"], ids=lambda case: case["quarter"])
def test_sheets_are_those_that_the_page_draws(case):
    sheet = tile_at(LonLat(case["lon"], case["lat"]), SHEET_ZOOM)
    assert (sheet.x, sheet.y) == (case["x"], case["y"])
    assert quarter_text(tile_bbox(sheet)) == case["quarter"]
    assert sheets_of(quarter_of(case["quarter"])) == (sheet,)


@given(sheets)
def test_a_code_names_its_sheet_however_it_is_typed(sheet):
    code = sheet_code(sheet)
    assert parse_sheet_code(code) == sheet
    assert parse_sheet_code(f" {code.lower().replace('-', ' ')} ") == sheet
    assert parse_sheet_code(code.replace("0", "o").replace("1", "l")) == sheet


@given(sheets, st.integers(0, 7), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_almost_always_noticed(sheet, at, wrong):
    code = sheet_code(sheet).replace("-", "")
    slip = code[:at] + wrong + code[at + 1 :]
    try:
        read = parse_sheet_code(slip)
    except SheetError:
        return
    assert read == sheet or sheet_code(read).replace("-", "") == slip


@given(st.text(max_size=60))
def test_no_text_is_a_code_by_chance_or_breaks_it(text):
    with contextlib.suppress(SheetError):
        assert parse_sheet_code(text).z == SHEET_ZOOM


@given(sheets.filter(lambda s: s.x < LAST - 3), st.integers(1, 4), st.integers(1, 4))
def test_a_quarter_made_of_whole_sheets_gives_just_these(first, across, down):
    last = Tile(SHEET_ZOOM, first.x + across - 1, first.y + down - 1)
    quarter = quarter_of(quarter_text(bbox_of_sheets(first, last)))
    found = sheets_of(quarter)
    assert len(found) == across * down
    assert (found[0], found[-1]) == (first, last)


@given(places, st.integers(1, 4))
def test_a_quarter_around_a_place_holds_it(place, sheets):
    quarter = quarter_around(place, sheets)
    assert tile_at(place, SHEET_ZOOM) in sheets_of(quarter)
    assert len(sheets_of(quarter)) == sheets**2


@given(places, st.floats(0, 0.02), st.floats(0, 0.02))
def test_every_quarter_is_covered_but_for_the_rounding_of_its_edge(place, width, height):
    east, north = min(place.lon + width, 180), min(place.lat + height, 85)
    try:
        quarter = quarter_of(f"{place.lon:.7f},{place.lat:.7f},{east:.7f},{north:.7f}")
    except GeoError:
        return
    found = sheets_of(quarter)
    assert 1 <= len(found) <= MOST_SHEETS
    boxes = [tile_bbox(sheet) for sheet in found]
    assert min(box.west for box in boxes) <= quarter.west + 2e-4
    assert max(box.east for box in boxes) >= quarter.east - 2e-4
    assert min(box.south for box in boxes) <= quarter.south + 2e-4
    assert max(box.north for box in boxes) >= quarter.north - 2e-4


def test_a_quarter_says_no_more_than_eleven_metres():
    quarter = quarter_of("24.9312345,60.1698765,24.9388888,60.1744444")
    assert quarter == BBox(24.9312, 60.1699, 24.9389, 60.1744)
    assert quarter_text(quarter) == "24.9312,60.1699,24.9389,60.1744"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("24,60,25,61", "sheets, at most 16"),
        ("-180,-85,180,85", "sheets, at most 16"),
        ("179.99,48,-179.99,48.01", "antimeridian"),
        ("2,85.5,2.01,85.6", "beyond 85"),
        ("nan,48,2,49", "not a decimal number"),
        ("2,48,2,49", "one meridian"),
        ("", "four numbers"),
    ],
)
def test_what_makes_no_quarter_is_refused_with_a_reason(text, says):
    with pytest.raises((SheetError, BBoxError), match=says):
        quarter_of(text)


def test_a_box_thinner_than_a_step_is_one_sheet():
    assert len(sheets_of(quarter_of("2.00001,48.00001,2.00002,48.00002"))) == 1
    assert len(sheets_of(quarter_of("179.99999,48.00001,180,48.00002"))) == 1


@pytest.mark.parametrize("sheets", [0, 5])
def test_a_quarter_around_a_place_has_one_to_four_sheets_a_side(sheets):
    with pytest.raises(SheetError, match="choose 1 to 4"):
        quarter_around(LonLat(2, 48), sheets)
