"""Numbers on a paper sheet: short, unlike each other, and the same next month."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.position import LonLat
from geo.tiles import tile_at
from mapper.sightings.models import Device
from mapper.sightings.sheet_numbers import (
    devices_of_number,
    digits_of,
    is_unseen,
    numbered_devices,
    short_numbers,
)
from tests.factories import LAT, LON, make_device, point

SHEET = tile_at(LonLat(LON, LAT), 16)
digits = st.text("0123456789", min_size=12, max_size=12)


@given(st.lists(digits, unique=True, max_size=40))
def test_numbers_are_beginnings_that_nobody_else_has(all_digits):
    for number, own in zip(short_numbers(all_digits), all_digits, strict=True):
        assert own.startswith(number)
        assert len(number) >= 3
        assert [other for other in all_digits if other.startswith(number)] == [own]


@given(st.lists(digits, unique=True, min_size=1, max_size=40), digits)
def test_a_number_on_old_paper_never_names_another_device(all_digits, newcomer):
    for number, own in zip(short_numbers(all_digits), all_digits, strict=True):
        meant = [one for one in {*all_digits, newcomer} if one.startswith(number)]
        # The device that it named, or several: then the page asks for one digit more.
        assert own in meant


@pytest.mark.parametrize(
    ("last_seen", "expected"),
    [
        ("", True),
        ("2024-05", False),
        ("2024-04", True),
        ("2024-05-12", False),
        ("2024-05-11", True),
        ("2024", False),
        ("2023", True),
        ("no date", True),
    ],
)
def test_two_years_without_being_seen_count_from_the_last_day_it_can_mean(last_seen, expected):
    assert is_unseen(last_seen, datetime.date(2026, 5, 12)) is expected


def test_the_day_that_is_only_in_leap_years_has_one_two_years_before():
    assert is_unseen("2026-02-27", datetime.date(2028, 2, 29))
    assert not is_unseen("2026-02-28", datetime.date(2028, 2, 29))


@pytest.mark.django_db
def test_those_not_seen_for_two_years_come_first():
    make_device(location=point(LON, LAT), seen_to="2026-05")
    old = make_device(location=point(LON + 1e-4, LAT), seen_from="2021", seen_to="2021")
    unknown = make_device(location=point(LON, LAT + 1e-4), seen_from="", seen_to="")
    rows = numbered_devices([SHEET])[SHEET]
    assert [row.is_unseen for row in rows] == [True, True, False]
    assert {row.device.id for row in rows[:2]} == {old.id, unknown.id}
    assert [row.number for row in rows[:2]] == sorted(row.number for row in rows[:2])


@pytest.mark.django_db
def test_a_sheet_lists_what_the_map_shows_and_can_be_looked_at_again(settings):
    shown = make_device()
    unverified = make_device(is_verified=False, location=point(LON + 1e-4, LAT))
    make_device(attributes={"kind": "speed_camera"}, location=point(LON, LAT + 1e-4))
    make_device(attributes={"kind": "camera", "status": "removed"})
    make_device(location=point(LON + 0.02, LAT))
    ids = {row.device.id for row in numbered_devices([SHEET])[SHEET]}
    assert ids == {shown.id, unverified.id}
    settings.PUBLISH_UNVERIFIED = False
    assert [row.device.id for row in numbered_devices([SHEET])[SHEET]] == [shown.id]


@pytest.mark.django_db
def test_many_sheets_cost_one_query(django_assert_num_queries):
    make_device()
    sheets = [tile_at(LonLat(LON + step * 0.006, LAT), 16) for step in range(4)]
    with django_assert_num_queries(1):
        found = numbered_devices(sheets)
    assert [len(rows) for rows in found.values()] == [1, 0, 0, 0]


@pytest.mark.django_db
def test_a_number_that_several_begin_with_by_now_is_not_guessed():
    first, second = make_device(), make_device(location=point(LON + 1e-4, LAT))
    assert devices_of_number(SHEET, digits_of(first)) == [first]
    assert {one.id for one in devices_of_number(SHEET, "")} == {first.id, second.id}
    assert devices_of_number(SHEET, digits_of(first)[:3] + "x") == []
    assert Device.objects.count() == 2
