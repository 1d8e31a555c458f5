"""Reports find their devices: one to one, the same each time, and as often right as measured."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.direction import Arc
from geo.geodesy import destination
from geo.matching import REACH_M, Pairing, Placed, Traits, pair, score
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
