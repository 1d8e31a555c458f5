import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.direction import (
    ALL_ROUND,
    OCTANTS,
    WINDS,
    Arc,
    format_directions,
    octant_of,
    parse_directions,
    parse_walker_direction,
    wind_of,
)
from geo.errors import DirectionError

GOLDEN = json.loads(
    (Path(__file__).resolve().parents[2] / "fixtures/cases/directions.json").read_text("utf-8")
)

arcs = st.builds(Arc, st.floats(0, 360), st.floats(0, 360))


def _dicts(parsed):
    return None if parsed is None else [arc.as_dict() for arc in parsed]


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: repr(case["text"]))
def test_a_direction_text_means_what_the_golden_table_says(case):
    if case.get("error"):
        with pytest.raises(DirectionError):
            parse_directions(case["text"])
        return
    parsed = parse_directions(case["text"])
    assert _dicts(parsed) == case["arcs"]
    assert format_directions(parsed) == case["formatted"]
    assert parse_directions(case["formatted"]) == parsed


@pytest.mark.parametrize("case", GOLDEN["walker_cases"], ids=lambda case: repr(case["text"]))
def test_a_walker_direction_means_what_the_golden_table_says(case):
    if case.get("error"):
        with pytest.raises(DirectionError):
            parse_walker_direction(case["text"])
    else:
        assert _dicts(parse_walker_direction(case["text"])) == case["arcs"]


@given(st.lists(arcs, min_size=1, max_size=4))
def test_written_arcs_are_read_back(some_arcs):
    assert parse_directions(format_directions(some_arcs)) == tuple(some_arcs)


@given(st.text(alphabet="0123456789.;- NESWnesw°,", max_size=20) | st.text(max_size=20))
def test_any_text_is_read_to_a_fixed_point_or_refused(text):
    try:
        parsed = parse_directions(text)
    except DirectionError:
        return
    assert parse_directions(format_directions(parsed)) == parsed
    assert all(0 <= arc.width_deg <= 360 for arc in parsed)


@given(st.text(max_size=20))
def test_any_walker_text_is_read_or_refused(text):
    with contextlib.suppress(DirectionError):
        parse_walker_direction(text)


@given(arcs)
def test_the_middle_of_an_arc_lies_within_it(arc):
    if arc.is_all_round:
        assert arc.center_deg is None
        return
    assert 0 <= arc.center_deg < 360
    assert (arc.center_deg - arc.from_deg) % 360 <= arc.width_deg + 1e-5


@given(arcs)
def test_an_arc_survives_json(arc):
    assert Arc.from_dict(json.loads(json.dumps(arc.as_dict()))) == arc


@pytest.mark.parametrize("value", [None, [], {}, {"from": 1}, {"from": 1, "to": "2"}, "90"])
def test_what_is_no_arc_is_refused(value):
    with pytest.raises(DirectionError):
        Arc.from_dict(value)


@pytest.mark.parametrize("degrees", [-1, 361, float("nan"), float("inf"), True, "90", None])
def test_an_end_outside_the_turn_is_refused(degrees):
    with pytest.raises(DirectionError):
        Arc(degrees, 0)


def test_an_arc_of_the_whole_turn_is_all_round():
    assert ALL_ROUND.is_all_round
    assert ALL_ROUND.width_deg == 360
    assert Arc(0, 0).width_deg == 0


def test_a_very_long_list_is_refused():
    with pytest.raises(DirectionError, match="255"):
        parse_directions(";".join(["90"] * 100))


@given(st.floats(0, 360))
def test_the_nearest_wind_is_at_most_half_a_wind_away(bearing):
    wind, octant = wind_of(bearing), octant_of(bearing)
    for name, names, step in ((wind, WINDS, 22.5), (octant, OCTANTS, 45)):
        turn = (names.index(name) * step - bearing) % 360
        assert min(turn, 360 - turn) <= step / 2


def _real_texts(shared_data):
    for path in sorted((shared_data / "osm_devices").glob("*.json")):
        for element in json.loads(path.read_text("utf-8")):
            for key, text in element["tags"].items():
                if "direction" in key:
                    yield text


def test_real_direction_texts_are_read_or_refused_with_a_reason(shared_data):
    refused = set()
    texts = set(_real_texts(shared_data))
    for text in texts:
        try:
            parsed = parse_directions(text)
        except DirectionError:
            refused.add(text)
        else:
            assert parse_directions(format_directions(parsed)) == parsed
    assert len(texts) > 500
    assert {"180, 270", "south", "north", "-140", "60240", "forward", "null"} <= refused
    assert all(text.startswith("-") or not text[0].isdigit() or text in {"60240", "180, 270"}
               or "°" in text for text in refused), refused  # fmt: skip
