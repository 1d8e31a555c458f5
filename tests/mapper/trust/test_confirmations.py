"""When reports that agree verify a device by themselves, and all that keeps them from it."""

import datetime
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.trust.confirmations import OSM_IS_OLDER_BY, VOICES, Missing, Voice, weigh

TODAY = datetime.date(2026, 6, 1)
MAY = datetime.date(2026, 5, 1)


def voice(day, **facts):
    came_on = MAY + datetime.timedelta(days=day)
    return Voice(uuid.UUID(int=day + 1), came_on, seen_on=came_on.isoformat(), **facts)


def agreeing(count=VOICES):
    return [voice(day, has_accepted_photo=day == 0) for day in range(count)]


def missing(voices, **facts):
    return weigh(voices, **{"today": TODAY, **facts}).missing


voices = st.builds(
    Voice,
    id=st.uuids(),
    came_on=st.none() | st.dates(MAY - datetime.timedelta(days=9), TODAY),
    seen_on=st.sampled_from(["", "2026", "2026-05", "2026-05-03", "2026-05-04"]),
    says_there=st.sampled_from([True, True, True, False]),
    is_on_site=st.booleans(),
    agrees=st.booleans(),
    is_held_back=st.booleans(),
    is_in_hand=st.booleans(),
    has_accepted_photo=st.booleans(),
    came_with=st.frozensets(st.sampled_from(["batch", "party"]), max_size=1),
)
facts = st.fixed_dictionaries(
    {
        "osm_since": st.none() | st.dates(datetime.date(2026, 3, 1), TODAY),
        "is_switched_on": st.booleans(),
        "is_braked": st.booleans(),
        "is_contested": st.booleans(),
    }
)


def test_three_reports_of_three_days_with_an_accepted_photo_verify():
    verdict = weigh(agreeing(), today=TODAY)
    assert verdict.verifies
    assert len(verdict.heard) == 3


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"is_switched_on": False}, Missing.SWITCH),
        ({"is_braked": True}, Missing.BRAKE),
        ({"is_contested": True}, Missing.AGREEMENT),
    ],
)
def test_what_stands_in_the_way_is_named(facts, what):
    assert missing(agreeing(), **facts) == (what,)


def test_two_are_too_few_and_without_an_accepted_photo_none_are_enough():
    assert missing(agreeing(2)) == (Missing.VOICES,)
    assert missing([voice(day) for day in range(9)]) == (Missing.PHOTO,)


@pytest.mark.parametrize(
    "fact",
    [
        {"is_on_site": False},
        {"agrees": False},
        {"is_held_back": True},
        {"is_in_hand": True},
        {"came_on": None},
        {"came_on": TODAY},
        {"came_on": MAY},
        {"seen_on": MAY.isoformat()},
    ],
)
def test_a_voice_that_may_not_be_heard_does_not_count(fact):
    first, second, third = agreeing()
    assert missing([first, second, replace(third, **fact)]) == (Missing.VOICES,)


def test_one_batch_or_one_cartopartie_is_one_voice():
    together = {"came_with": frozenset(["batch"])}
    first, second, third = agreeing()
    pair = [replace(second, **together), replace(third, **together)]
    assert missing([first, *pair]) == (Missing.VOICES,)


def test_who_saw_it_gone_contests_it_heard_or_not():
    gone = voice(9, says_there=False, is_held_back=True)
    assert missing([*agreeing(), gone]) == (Missing.AGREEMENT,)


@pytest.mark.parametrize(
    ("days", "what"), [(0, ()), (1, (Missing.VOICES,)), (30, (Missing.VOICES,))]
)
def test_openstreetmap_is_a_voice_where_it_is_thirty_days_older_than_the_first(days, what):
    since = MAY - OSM_IS_OLDER_BY + datetime.timedelta(days=days)
    assert missing(agreeing(2), osm_since=since) == what


def test_openstreetmap_alone_verifies_nothing():
    assert Missing.VOICES in missing([], osm_since=datetime.date(2020, 1, 1))
    assert Missing.VOICES in missing(agreeing(1), osm_since=datetime.date(2020, 1, 1))


@given(st.lists(voices, max_size=9), facts)
def test_what_verifies_keeps_every_part_of_the_rule(reports, said):
    verdict = weigh(reports, today=TODAY, **said)
    heard = [report for report in reports if report.id in verdict.heard]
    for name in ("came_on", "seen_on"):
        days = [getattr(r, name) for r in heard if len(str(getattr(r, name))) == 10]
        assert len(days) == len(set(days))
    assert all(report.came_on < TODAY for report in heard)
    company = [key for report in heard for key in report.came_with]
    assert len(company) == len(set(company))
    assert not any(r.is_held_back or r.is_in_hand or not r.agrees for r in heard)
    if verdict.verifies:
        assert said["is_switched_on"]
        assert not said["is_braked"]
        assert not said["is_contested"]
        assert all(report.says_there for report in reports)
        assert len(heard) + verdict.has_osm >= VOICES
        assert any(report.has_accepted_photo for report in heard)
        if verdict.has_osm:
            first = min(report.came_on for report in heard)
            assert said["osm_since"] + OSM_IS_OLDER_BY <= first


@given(st.lists(voices, max_size=7, unique_by=lambda v: v.id), facts, st.randoms())
def test_the_order_of_voices_does_not_matter(reports, said, chance):
    shuffled = list(reports)
    chance.shuffle(shuffled)
    assert weigh(shuffled, today=TODAY, **said) == weigh(reports, today=TODAY, **said)
