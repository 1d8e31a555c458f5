"""Who may appear with whom."""

import uuid
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mapper.trust.batching import Waiting, compose, department_of

_CODES = ("35238", "35047", "44109", "97411", "2A004", "")


def waiting(place, count, *, long=False):
    department = department_of("FR", place)
    return [Waiting(uuid.uuid4(), place, department, long) for _ in range(count)]


def sizes(reports):
    return sorted(len(together.ids) for together in compose(reports))


@st.composite
def crowds(draw):
    return [
        report
        for code in _CODES
        for is_long in (True, False)
        for report in waiting(code, draw(st.integers(0, 7)), long=is_long)
    ]


@given(crowds())
def test_nobody_appears_twice_nobody_alone(reports):
    batches = compose(reports)
    ids = Counter(key for together in batches for key in together.ids)
    assert set(ids.values()) <= {1}
    assert all(len(together.ids) >= together.least >= 2 for together in batches)


@given(crowds())
def test_who_goes_on_waiting_came_lately_or_is_alone(reports):
    gone = {key for together in compose(reports) for key in together.ids}
    left = [report for report in reports if report.id not in gone]
    assert len(left) <= 1 or not any(report.has_waited_long for report in left)
    for code in _CODES:
        assert len([report for report in left if report.place == code]) < 5


@given(crowds())
def test_a_batch_of_less_than_five_of_a_city_waited_for_long(reports):
    by_id = {report.id: report for report in reports}
    for together in compose(reports):
        places = Counter(by_id[key].place for key in together.ids)
        if len(places) > 1 or max(places.values()) < 5:
            assert any(by_id[key].has_waited_long for key in together.ids)


def test_five_of_a_city_go_and_four_wait():
    assert sizes(waiting("35238", 5)) == [5]
    assert sizes(waiting("35238", 4)) == []


def test_after_two_days_a_city_joins_its_department():
    lone = waiting("35238", 1, long=True)
    assert sizes(lone + waiting("35047", 2) + waiting("44109", 4)) == [3]


def test_who_is_alone_in_a_department_joins_all_that_wait():
    lone = waiting("97411", 1, long=True)
    assert sizes(lone) == []
    assert sizes(lone + waiting("44109", 1)) == [2]
    assert sizes(waiting("", 1, long=True) + waiting("44109", 1)) == [2]


def test_departments_are_the_beginnings_of_codes():
    assert department_of("FR", "2A004") == "FR-2A"
    assert department_of("FR", "98818") == "FR-988"
    assert department_of("BE", "21004") == ""
