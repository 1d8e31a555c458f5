"""Reports find their devices: one to one, the same each time, and as often right as measured."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.direction import Arc
from geo.geodesy import destination, distance_m
from geo.matching import (
    LEAST_CHANCE,
    LEAST_SCORE,
    REACH_M,
    Candidate,
    Pairing,
    Placed,
    Traits,
    pair,
    pair_candidates,
    score,
)
from geo.position import LonLat
from tests.geo.labelled import half_of, labelled, real_devices

HERE = LonLat(2.35, 48.85)


def looking(deg, length_m=0.0, bearing=90, **traits):
    place = destination(HERE, bearing, length_m)
    return Placed(place, Traits(arcs=() if deg is None else (Arc(deg, deg),), **traits))


def pairs(reports, devices):
    return [(pairing.report, pairing.device) for pairing in pair(reports, devices)]


def test_a_report_beside_a_device_is_of_it_and_one_far_away_is_of_none():
    assert pairs([looking(90, 8)], [looking(90)]) == [(0, 0)]
    assert pairs([looking(90, REACH_M + 1)], [looking(90)]) == []
    assert pair([], [looking(90)]) == pair([looking(90)], []) == []


def test_two_on_one_pole_are_told_apart_by_where_they_look():
    pole = [looking(0), looking(180, 0.5)]
    assert pairs([looking(180, 6), looking(0, 9)], pole) == [(0, 1), (1, 0)]
    assert pairs([looking(180, 6, 0)], [looking(0)]) == []


def test_where_nothing_tells_them_apart_nobody_guesses():
    twins = [looking(None, 4, 0), looking(None, 4, 120), looking(None, 4, 240)]
    assert pairs([looking(None)], twins) == []


def test_two_reports_of_one_device_are_not_both_of_it():
    found = pair([looking(90, 9), looking(90, 2)], [looking(90)])
    assert [pairing.report for pairing in found] == [1]


@pytest.mark.parametrize(
    "traits",
    [{"kind": "alpr"}, {"camera_type": "dome"}, {"mount": "wall"}, {"operator": "Ville"},
     {"level": "-1"}],
)  # fmt: skip
def test_each_trait_speaks_for_or_against_and_not_known_says_nothing(traits):
    (name,) = traits
    same, other = Traits(**traits), Traits(**{name: "something else"})
    assert score(5, same, same) >= score(5, same, Traits()) > score(5, same, other)
    assert score(5, same, Traits()) == score(5, Traits(), Traits())


placed = st.builds(
    lambda bearing, length_m, deg, mount: looking(deg, length_m, bearing, mount=mount),
    st.floats(0, 359), st.floats(0, 30), st.none() | st.integers(0, 359),
    st.sampled_from([None, "wall", "pole"]),
)  # fmt: skip


@given(st.lists(placed, max_size=8), st.lists(placed, max_size=8))
def test_each_of_either_is_used_once_and_the_answer_is_the_same_each_time(reports, devices):
    found = pair(reports, devices)
    assert found == pair(reports, devices)
    assert len({pairing.report for pairing in found}) == len(found)
    assert len({pairing.device for pairing in found}) == len(found)
    assert all(isinstance(pairing, Pairing) and 0 < pairing.chance <= 1 for pairing in found)


def all_pairs(reports, devices):
    """Return every report with every device, near or far."""
    return [
        Candidate(r, d, distance_m(report.position, device.position))
        for r, report in enumerate(reports)
        for d, device in enumerate(devices)
    ]


def traits_of(placed):
    return {number: one.traits for number, one in enumerate(placed)}


def in_plain_words(reports, devices):
    """Return what `pair` is to return, worked out report by report without arrays."""
    ratios = {
        (r, d): math.exp(score(apart_m, reports[r].traits, devices[d].traits))
        for r, d, apart_m in all_pairs(reports, devices)
        if apart_m <= REACH_M
        and score(apart_m, reports[r].traits, devices[d].traits) >= LEAST_SCORE
    }
    crowd, chances = {}, {}
    for _ in range(4):
        shares = {(r, d): ratio / crowd.get(d, 1.0) for (r, d), ratio in ratios.items()}
        whole = {
            r: sum(share for (other, _), share in shares.items() if other == r) + math.exp(-4)
            for r, _ in ratios
        }
        chances = {(r, d): share / whole[r] for (r, d), share in shares.items()}
        crowd = {
            d: max(1.0, sum(chance for (_, other), chance in chances.items() if other == d))
            for _, d in ratios
        }
    found, used = [], set()
    for (r, d), chance in sorted(chances.items(), key=lambda item: (-item[1], item[0])):
        if chance >= LEAST_CHANCE and not {("r", r), ("d", d)} & used:
            used |= {("r", r), ("d", d)}
            found.append(Pairing(r, d, chance))
    return sorted(found, key=lambda pairing: pairing.report)


@given(st.lists(placed, max_size=6), st.lists(placed, max_size=6), st.randoms())
def test_whoever_searched_the_candidates_the_answer_is_the_same(reports, devices, chance):
    candidates = all_pairs(reports, devices)
    chance.shuffle(candidates)
    found = pair_candidates(candidates, traits_of(reports), traits_of(devices))
    assert found == pair(reports, devices) == in_plain_words(reports, devices)


def test_candidates_may_be_of_any_numbers_and_need_the_traits_of_those_alone():
    looks = Traits(arcs=(Arc(90, 90),))
    found = pair_candidates(iter([Candidate(10**9, 7, 3.0)]), {10**9: looks}, {7: looks})
    assert [(p.report, p.device) for p in found] == [(10**9, 7)]
    assert pair_candidates([], {}, {}) == []


@pytest.mark.parametrize("apart_m", [-1.0, math.nan, -math.inf])
def test_a_distance_that_is_none_is_refused(apart_m):
    with pytest.raises(ValueError, match="is none"):
        pair_candidates([Candidate(0, 0, apart_m)], [Traits()], [Traits()])


def test_what_is_too_far_is_no_candidate():
    for apart_m in (REACH_M + 0.001, math.inf):
        assert pair_candidates([Candidate(0, 0, apart_m)], [Traits()], [Traits()]) == []


@pytest.mark.parametrize("half", [0, 1], ids=["chosen on", "held back"])
def test_precision_and_recall_on_the_labelled_set(shared_data, record_property, half):
    devices = half_of(real_devices(shared_data), half)
    # Of those that can be told from another, and of all.
    told, every = Counter(), Counter()
    for seed in range(3):
        made = labelled(devices, seed=10 * half + seed)
        answers = {found.report: found.device for found in pair(made.reports, made.devices)}
        for number, (true, can) in enumerate(zip(made.truth, made.knowable(), strict=True)):
            for count in (told, every) if can else (every,):
                count["to find"] += true is not None
                count["answered"] += number in answers
                count["right"] += true is not None and answers.get(number) == true
    for name, count in (("can be told", told), ("all", every)):
        precision, recall = count["right"] / count["answered"], count["right"] / count["to find"]
        record_property(name, f"precision {precision:.3f}, recall {recall:.3f}, {count['to find']}")
    assert told["right"] >= 0.98 * told["answered"]
    assert told["right"] >= 0.95 * told["to find"]
    assert told["to find"] > 0.9 * every["to find"]


def test_the_order_of_the_devices_decides_nothing(shared_data):
    made = labelled(half_of(real_devices(shared_data), 1)[:400], seed=1)
    order = list(range(len(made.devices)))
    random.Random(1).shuffle(order)
    shuffled = pair(made.reports, [made.devices[number] for number in order])
    straight = pair(made.reports, made.devices)
    assert {(p.report, order[p.device]) for p in shuffled} == {
        (p.report, p.device) for p in straight
    }
