"""Which of our devices OSM knows: who is compared, how far, what is kept and never asked again."""

import datetime
import io
import uuid

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from geo.geodesy import destination, distance_m
from geo.matching import REACH_M
from geo.position import LonLat
from mapper.errors import CommandFailure
from mapper.osm.jobs import match as nightly
from mapper.osm.matching import match_elements, near_elements
from mapper.osm.models import DistinctPair, Element, Match
from mapper.sightings.actions import erase_device, merge_devices
from mapper.sightings.models import Claim, Device
from tests.factories import (
    LAT,
    LON,
    CityFactory,
    box,
    make_device,
    make_osm_device,
    point,
)

pytestmark = pytest.mark.django_db
HERE = LonLat(LON, LAT)
NORTH = [{"from": 0, "to": 0}]
SOUTH = [{"from": 180, "to": 180}]


def ours(apart_m=5.0, bearing_deg=90, around=HERE, **claim):
    place = destination(around, bearing_deg, apart_m)
    return make_device(location=point(place.lon, place.lat), **claim)


def tell_apart(device, other):
    one, two = sorted((device.id, other.id))
    return DistinctPair.objects.create(one_id=one, other_id=two)


def kept():
    return {(match.device_id, match.other_id) for match in Match.objects.all()}


def searched():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(near_elements())
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def test_a_device_beside_one_of_osm_is_matched_and_one_out_of_reach_is_not():
    known = make_osm_device()
    near, _far = ours(), ours(REACH_M + 0.5)
    report = match_elements(is_quiet=True)
    assert kept() == {(near.id, known.id)}
    assert (report.devices, report.candidates, report.matches, report.likely) == (2, 1, 1, 1)
    match = Match.objects.get()
    assert 0.9 < match.chance <= 1
    assert match.made_on == datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize(
    "around",
    [
        LonLat(LON, LAT),
        LonLat(179.99995, -16.8),
        LonLat(-179.99999, 66.0),
        LonLat(0.0, 89.9999),
        LonLat(179.9, 89.89999),
        LonLat(-180.0, -89.90001),
        LonLat(18.06, -85.3),
        LonLat(0.0, 0.0),
    ],
    ids=str,
)
@pytest.mark.parametrize("bearing_deg", [0, 90, 215, 270])
def test_the_search_finds_whom_the_ellipsoid_finds_wherever_it_is(around, bearing_deg):
    known = make_osm_device(around.lon, around.lat)
    inside = ours(REACH_M - 0.01, bearing_deg, around)
    outside = ours(REACH_M + 0.01, bearing_deg, around)
    found = searched()
    assert set(found) == {(inside.id, known.id)}
    assert found[inside.id, known.id] == pytest.approx(REACH_M - 0.01, abs=1e-5)
    assert outside.state == "present"


def test_many_are_found_as_by_measuring_all():
    knowns = [make_osm_device(LON + 0.0001 * n, LAT + 0.00007 * n) for n in range(8)]
    mine = [ours(7.0 * n, 40 * n) for n in range(10)]
    places = {d.id: LonLat(d.location.x, d.location.y) for d in (*knowns, *mine)}
    measured = {(m.id, k.id): distance_m(places[m.id], places[k.id]) for m in mine for k in knowns}
    found = searched()
    assert set(found) == {pair for pair, apart_m in measured.items() if apart_m <= REACH_M}
    assert len(found) > 5
    for pair, apart_m in found.items():
        assert apart_m == pytest.approx(measured[pair], abs=1e-5)


@pytest.mark.parametrize(
    "claim",
    [
        {"source": "walker", "is_verified": False},
        {"is_private_home": True},
        {"source": "osm", "seen_from": "", "seen_to": ""},
    ],
    ids=["unchecked", "private home", "of OSM itself"],
)
def test_who_is_not_ours_to_compare(claim):
    make_osm_device()
    ours(**claim)
    assert match_elements(is_quiet=True).devices == 0
    assert kept() == set()


def test_documents_and_checked_reports_are_compared():
    make_osm_device()
    make_osm_device(LON + 0.01)
    ours(source="document")
    ours(around=LonLat(LON + 0.01, LAT))
    assert match_elements(is_quiet=True).matches == 2


def test_what_osm_has_no_longer_is_no_match():
    known = make_osm_device()
    Claim.objects.filter(device=known).update(presence="gone")
    ours()
    assert match_elements(is_quiet=True).candidates == 0


def test_a_private_home_of_osm_is_no_match():
    known = make_osm_device()
    Device.objects.filter(id=known.id).update(is_private_home=True)
    ours()
    assert match_elements(is_quiet=True).candidates == 0


def test_a_device_of_two_objects_is_one_candidate():
    known, second = make_osm_device(), make_osm_device(LON + 0.00001)
    merge_devices(survivor=known, other=second, decision=uuid.uuid4())
    assert Element.objects.filter(claim__device=known).count() == 2
    device = ours()
    assert match_elements(is_quiet=True).candidates == 1
    assert kept() == {(device.id, known.id)}


def test_two_on_one_pole_are_told_apart_by_where_they_look():
    known = make_osm_device()
    Device.objects.filter(id=known.id).update(directions=NORTH)
    looks_away = ours(attributes={"kind": "camera", "directions": SOUTH})
    looks_alike = ours(9.0, attributes={"kind": "camera", "directions": NORTH})
    match_elements(is_quiet=True)
    assert kept() == {(looks_alike.id, known.id)}
    assert looks_away.directions == SOUTH


def test_the_next_run_takes_the_place_of_the_last():
    known, device = make_osm_device(), ours()
    with time_machine.travel("2031-03-01T12:00:00Z"):
        match_elements(is_quiet=True)
    first = Match.objects.get()
    with time_machine.travel("2031-03-02T12:00:00Z"):
        match_elements(is_quiet=True)
    second = Match.objects.get()
    assert (second.device_id, second.other_id) == (device.id, known.id)
    assert (first.made_on.day, second.made_on.day) == (1, 2)
    merge_devices(survivor=device, other=known, decision=uuid.uuid4())
    assert not Match.objects.open().exists()
    assert match_elements(is_quiet=True).devices == 0
    assert kept() == set()


def test_a_run_that_fails_leaves_the_earlier_matches(monkeypatch):
    make_osm_device(), ours()
    match_elements(is_quiet=True)
    before = kept()

    def fail(*args):
        raise RuntimeError("the day does not end")

    monkeypatch.setattr("mapper.osm.matching.today", fail)
    with pytest.raises(RuntimeError):
        match_elements(is_quiet=True)
    assert kept() == before != set()


def test_two_that_were_told_apart_are_not_asked_again_and_the_next_best_may_be():
    known, second = make_osm_device(), make_osm_device(LON + 0.00012)
    device = ours(3.0)
    match_elements(is_quiet=True)
    assert kept() == {(device.id, known.id)}
    pair = tell_apart(device, known)
    assert not Match.objects.open().exists()
    report = match_elements(is_quiet=True)
    assert report.settled == 1
    assert kept() == {(device.id, second.id)}
    assert Match.objects.open().count() == 1
    pair.delete()
    match_elements(is_quiet=True)
    assert kept() == {(device.id, known.id)}


def test_told_apart_holds_for_what_the_two_become_by_merging():
    known, device = make_osm_device(), ours()
    tell_apart(known, device)
    survivor, other = ours(6.0), make_osm_device(LON + 0.00001)
    merge_devices(survivor=survivor, other=device, decision=uuid.uuid4())
    merge_devices(survivor=other, other=known, decision=uuid.uuid4())
    assert match_elements(is_quiet=True).settled == 1
    assert kept() == set()


def test_what_happened_since_the_run_closes_a_match():
    known, device = make_osm_device(), ours()
    match_elements(is_quiet=True)
    assert Match.objects.open().count() == 1
    erase_device(device=known, decision=uuid.uuid4())
    assert not Match.objects.open().exists()
    assert device.state == "present"


def test_the_most_certain_comes_first():
    make_osm_device(), make_osm_device(LON + 0.01)
    unsure, sure = ours(16.0), ours(1.0, around=LonLat(LON + 0.01, LAT))
    match_elements(is_quiet=True)
    assert [match.device_id for match in Match.objects.open()] == [sure.id, unsure.id]


def test_a_city_is_replaced_alone():
    CityFactory(code="35001")
    CityFactory(code="35002", name="Cesson", boundary=box(-1.62, 48.07, -1.50, 48.16))
    make_osm_device(), make_osm_device(-1.6, LAT)
    here, there = ours(), ours(around=LonLat(-1.6, LAT))
    match_elements(is_quiet=True)
    before = Match.objects.get(device=there)
    call_command("osm_match", city="35001", stdout=io.StringIO())
    assert {row[0] for row in kept()} == {here.id, there.id}
    assert Match.objects.get(device=there).id == before.id
    # Between the runs it came to lie in the other city.
    Device.objects.filter(id=there.id).update(city=here.city)
    call_command("osm_match", city="35001", stdout=io.StringIO())
    Device.objects.filter(id=there.id).update(city=there.city)
    call_command("osm_match", city="cesson-35002", stdout=io.StringIO())
    assert {row[0] for row in kept()} == {here.id, there.id}


def test_the_command_says_one_line_and_draws_nothing_into_a_pipe(capsys):
    make_osm_device(), ours()
    call_command("osm_match", dry_run=True)
    said = capsys.readouterr()
    assert said.out == (
        "OpenStreetMap: 1 devices of ours without an object; 1 candidates, 0 told apart before; "
        "1 matches, 1 of them likely; nothing kept (dry run).\n"
    )
    assert said.err == ""
    assert kept() == set()
    call_command("osm_match")
    assert capsys.readouterr().out.endswith("kept for moderators.\n")
    assert len(kept()) == 1


@pytest.mark.parametrize("name", ["nowhere", "'; DROP TABLE osm_match; --", "%s {ours} \\"])
def test_a_city_that_is_not_there_is_refused(name):
    with pytest.raises(CommandFailure, match="There is no city"):
        call_command("osm_match", city=name)


def test_nothing_at_all_is_an_empty_list():
    assert match_elements(is_quiet=True).matches == 0
    nightly(timestamp=0)
    assert kept() == set()


def test_the_nightly_job_keeps_what_it_finds():
    known, device = make_osm_device(), ours()
    nightly(timestamp=0)
    assert kept() == {(device.id, known.id)}


@pytest.mark.django_db(transaction=True)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
            st.floats(0, 25),
            st.integers(0, 359),
        ),
        max_size=4,
    )
)
def test_whatever_operators_are_called_each_device_is_matched_once(made):
    try:
        make_osm_device()
        for operator, apart_m, bearing_deg in made:
            ours(apart_m, bearing_deg, attributes={"kind": "camera", "operator": operator})
        match_elements(is_quiet=True)
        assert len({device for device, _ in kept()}) == len(kept()) <= 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE sightings_device, sightings_claim, osm_element CASCADE")
