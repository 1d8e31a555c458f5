import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import PartialDateError
from geo.partial_date import (
    PartialDate,
    date_range,
    earliest,
    is_partial_date,
    latest,
    parse_partial_date,
    truncate_to_month,
)

days = st.dates().map(date.isoformat)
texts = st.one_of(days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]))


@given(texts)
def test_a_partial_date_is_written_as_it_was_read(text):
    assert str(parse_partial_date(text)) == text


@given(texts)
def test_a_partial_date_means_a_range_of_days(text):
    first, last = date_range(text)
    assert first <= last
    assert first.isoformat().startswith(text)
    assert last.isoformat().startswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 2024",
        "2024 ",
        "24",
        "2024-5",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "0000",
        "2024-05-12T10:00",
        "05/2024",
        "12.05.2024",
        "~2010",
        "2010s",
        "before 2010",
        "2024-05-00",
        "٢٠٢٤",
        "2024\n",
        "20240512",
        "2024-",
        "-2024",
        "2024-05-12/2024-06",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(PartialDateError):
        parse_partial_date(text)
    assert not is_partial_date(text)


@given(st.text(alphabet="0123456789-/ ", max_size=12))
def test_any_text_is_a_date_or_a_clear_error(text):
    with contextlib.suppress(PartialDateError):
        assert str(parse_partial_date(text)) == text


@pytest.mark.parametrize("parts", [(2024, None, 3), (2024, 0), (2024, 5, 0), (0,), (10**9,)])
def test_parts_outside_the_calendar_are_refused(parts):
    with pytest.raises(PartialDateError):
        PartialDate(*parts)


def test_the_day_can_be_left_out():
    assert truncate_to_month("2024-05-12") == "2024-05"
    assert truncate_to_month("2024-05") == "2024-05"
    assert truncate_to_month("2024") == "2024"


def test_the_earliest_and_the_latest_claim_no_more_than_is_known():
    assert earliest(["2024", "2024-05"]) == "2024-05"
    assert latest(["2024", "2024-05"]) == "2024-05"
    assert earliest(["2024", "2023-12-31", "2025-01"]) == "2023-12-31"
    assert latest(["2024", "2023-12-31"]) == "2024"
    assert latest(["2024", "2024-01-01"]) == "2024-01-01"


def test_no_dates_have_no_extremes():
    assert earliest([]) is None
    assert latest([]) is None


@given(st.lists(texts, min_size=1, max_size=6))
def test_the_extremes_do_not_depend_on_the_order(some):
    assert earliest(some) == earliest(reversed(some))
    assert latest(some) == latest(reversed(some))
    assert earliest(some) in some
