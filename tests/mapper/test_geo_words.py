"""What geo refuses is told to French readers in French, and to others as geo says it."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from geo.bbox import BBox
from geo.direction import parse_directions
from geo.errors import GeoError
from geo.grid_reference import parse_grid_reference
from geo.partial_date import parse_partial_date
from geo.position import LonLat, parse_lat
from geo.tiles import Tile
from geo.walk_sheets import parse_sheet_code, quarter_of
from mapper.geo_words import _KNOWN, in_words

REFUSED = [
    lambda: LonLat(48.85, 120.0),
    lambda: LonLat(300.0, 100.0),
    lambda: LonLat(-190.0, 48.0),
    lambda: parse_lat("48,85"),
    lambda: BBox.parse("2,91,3,95"),
    lambda: BBox.parse("2,49,3,48"),
    lambda: BBox.parse("2,48,2,49"),
    lambda: BBox.parse("2,48"),
    lambda: BBox.parse("a,b,c,d"),
    lambda: parse_partial_date("2026-02-30"),
    lambda: parse_partial_date("hier"),
    lambda: parse_directions("400"),
    lambda: parse_directions("vers la place"),
    lambda: parse_directions(";".join(["45"] * 200)),
    lambda: quarter_of("179,48,-179,49"),
    lambda: quarter_of("2,86,3,87"),
    lambda: quarter_of("2,48,3,49"),
    lambda: parse_sheet_code("AAAA-AAAB"),
    lambda: parse_grid_reference(Tile(16, 0, 0), "Z9"),
]


def refusal_of(action):
    with pytest.raises(GeoError) as caught:
        action()
    return caught.value


@pytest.mark.parametrize("action", REFUSED)
def test_what_a_person_can_type_wrong_is_known(action):
    said = str(refusal_of(action))
    assert [pattern for pattern, regex in _KNOWN if regex.fullmatch(said)] != []


@pytest.mark.parametrize("action", REFUSED)
def test_english_readers_get_what_geo_says(action):
    error = refusal_of(action)
    with translation.override("en"):
        assert in_words(error) == str(error)


@given(st.text(max_size=80))
def test_any_sentence_comes_through(said):
    with translation.override("en"):
        assert in_words(GeoError(said)) == said
