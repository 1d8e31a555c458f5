import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import PositionError
from geo.position import LonLat, is_null_island, parse_lat, parse_lon

lons = st.floats(-180, 180)
lats = st.floats(-90, 90)


@given(lons, lats)
def test_every_place_on_earth_is_a_position(lon, lat):
    position = LonLat(lon, lat)
    assert (position.lon, position.lat) == (lon, lat)


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats())
def test_a_position_is_in_range_or_refused(lon, lat):
    try:
        position = LonLat(lon, lat)
    except PositionError:
        assert not (-180 <= lon <= 180 and -90 <= lat <= 90)
    else:
        assert -180 <= position.lon <= 180
        assert -90 <= position.lat <= 90


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, None, "2.35", 10**400])
def test_what_is_not_a_finite_number_is_refused(value):
    with pytest.raises(PositionError):
        LonLat(value, 0)
    with pytest.raises(PositionError):
        LonLat(0, value)


def test_swapped_axes_get_a_hint():
    with pytest.raises(PositionError, match=r"Latitude 95\.2 .* swapped"):
        LonLat(10, 95.2)


def test_an_impossible_latitude_gets_no_false_hint():
    with pytest.raises(PositionError) as refusal:
        LonLat(10, 950)
    assert "swapped" not in str(refusal.value)


def test_negative_zero_is_zero():
    assert str(LonLat(-0.0, -0.0)) == "LonLat(lon=0.0, lat=0.0)"


@pytest.mark.parametrize(
    ("text", "lon"), [("2.35", 2.35), (" -0.5 ", -0.5), ("+10", 10), ("180", 180), ("-180.0", -180)]
)
def test_a_longitude_is_read(text, lon):
    assert parse_lon(text) == lon


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "48,85",
        "2.35,48.85",
        "1e2",
        "nan",
        "inf",
        "0x10",
        "2.",
        ".5",
        "2°",
        "2.35E",
        "1_0",
        "180.1",
        "-181",
        "٣",
        "2.35\x00",
        "--2",
        "9" * 500,
        "1." + "1" * 500,
    ],
)
def test_a_longitude_is_never_guessed(text):
    with pytest.raises(PositionError):
        parse_lon(text)


def test_a_latitude_has_its_own_range():
    assert parse_lat("-90") == -90
    with pytest.raises(PositionError, match="Latitude"):
        parse_lat("90.5")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_clear_error(text):
    for parse in (parse_lon, parse_lat):
        with contextlib.suppress(PositionError):
            assert -180 <= parse(text) <= 180


def test_a_refusal_shows_only_the_beginning_of_a_long_text():
    with pytest.raises(PositionError) as refusal:
        parse_lon("x" * 10_000)
    assert len(str(refusal.value)) < 200


def test_null_island_is_recognised_but_not_the_meridian():
    assert is_null_island(LonLat(0, 0))
    assert is_null_island(LonLat(-1e-7, 1e-7))
    assert not is_null_island(LonLat(0, 47.2))
    assert not is_null_island(LonLat(2.3, 0))
