"""A flood trips the brake; what came before it, and in an open window, is unharmed."""

import datetime
import time

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from mapper.errors import BadInput, Conflict, Forbidden
from mapper.intake.actions import submit_report
from mapper.intake.report import parse_report
from mapper.moderation import actions as decisions
from mapper.moderation import flood
from mapper.moderation.confirming import verify_confirmed
from mapper.moderation.order import Rank, queue_counts, ranked
from mapper.photos.models import GATE
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device, Sighting
from mapper.trust.actions import publish_due
from mapper.trust.brake import forget_over
from mapper.trust.models import Batch, Brake, Party, Passage
from tests.factories import LAT, LON, CityFactory, PhotoFactory, box
from tests.mapper.trust.conftest import in_hours, on_map, report
from tests.people import browser_of

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2026, 5, 12, 12, 5, tzinfo=datetime.UTC)
FLOOD = NOON + datetime.timedelta(hours=3)


@pytest.fixture
def city():
    return CityFactory(code="35238", boundary=box(LON - 0.3, LAT - 0.3, LON + 0.3, LAT + 0.3))


def at(number):
    """Return a place of its own for each number, 110 m from the others."""
    north, east = divmod(number, 150)
    return {"lat": f"{LAT - 0.2 + north / 1000:.6f}", "lon": f"{LON - 0.2 + east / 500:.6f}"}


def send(count, *, first=0, proof=None, **fields):
    """Take reports; return their ids."""
    return [
        submit_report(
            report=parse_report({"kind": "camera", **at(first + number), **fields}), proof=proof
        ).sighting.id
        for number in range(count)
    ]


def in_pairs(count, *, first):
    """Take bogus reports, every other one of which repeats the one before."""
    ids = []
    for number in range(0, count, 2):
        ids += send(1, first=first + number)
        ids += send(count - number >= 2, first=first + number)
    return ids


def is_on_map(ids):
    return Sighting.objects.filter(id__in=ids, claim__device__state="present").count()


@pytest.fixture
def bogus_points(city):
    """Return the devices that somebody put on the map the day before, to be confirmed in pairs."""
    with time_machine.travel(NOON - datetime.timedelta(days=1), tick=False):
        points = send(10, first=1000)
    with time_machine.travel(NOON - datetime.timedelta(hours=16), tick=False):
        assert publish_due() == 10
    return [Sighting.objects.get(id=key).claim.device for key in points]


def confirmations(count, points):
    """Take bogus confirmations of points, in pairs."""
    return [
        submit_report(
            report=parse_report({"device": str(points[number // 2 % len(points)].id)})
        ).sighting.id
        for number in range(count)
    ]


def a_flood(bogus, points):
    """Take bogus reports within ten minutes: pairs at one spot, and pairs that confirm a point."""
    each = bogus // 10
    ids = []
    for step in range(10):
        with time_machine.travel(FLOOD + datetime.timedelta(minutes=step), tick=False):
            ids += confirmations(each // 3, points)
            ids += in_pairs(each - each // 3, first=4000 + step * each)
    return ids


def nothing_is_verified_or_counted():
    return not (
        Device.objects.filter(verification="verified").exists()
        or DeviceFilter().apply(Device.objects.all()).exists()
        or Device.objects.public().exists()
        or Device.objects.counted().exists()
    )


@pytest.mark.parametrize("may_verify", [False, True])
@pytest.mark.parametrize("bogus", [300, pytest.param(10_000, marks=pytest.mark.trial)])
def test_a_flood_harms_nothing_and_is_undone_in_one_click(
    bogus, may_verify, city, bogus_points, alice, settings, record_property,
    django_assert_max_num_queries,
):  # fmt: skip
    settings.CONFIRMATIONS_VERIFY = may_verify
    with time_machine.travel(NOON, tick=False):
        before = send(10)
    with time_machine.travel(NOON + datetime.timedelta(hours=2), tick=False):
        party, _decision = flood.open_party(
            city=city, actor=alice, opens_at=timezone.now(), hours=4, most=100
        )
        guests = send(20, first=2000, party=party.word)
    begun = time.monotonic()
    floods = a_flood(bogus, bogus_points)
    record_property("flood_s", round(time.monotonic() - begun))
    # The worst: a moderator accepted photos of it, not knowing what it was.
    for sighting in Sighting.objects.filter(id__in=floods[:20]):
        PhotoFactory(sighting=sighting, gate=list(GATE))
    with time_machine.travel(FLOOD + datetime.timedelta(minutes=10), tick=False):
        guests += send(20, first=3000, party=party.word)
    with time_machine.travel(FLOOD + datetime.timedelta(hours=8), tick=False):
        assert [brake.city for brake in Brake.objects.on()] == [city]
        publish_due()
        assert verify_confirmed() == 0
        assert nothing_is_verified_or_counted()
        assert not ranked().filter(rank=Rank.RAISED).exists()
        assert is_on_map(floods) <= 60
        assert (is_on_map(before), is_on_map(guests)) == (10, 40)
        assert Sighting.objects.count() == 10 + 10 + 40 + bogus
        # As autovacuum does within a minute; of this transaction it sees nothing, and says that the
        # tables are empty.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        browser = browser_of(alice)
        took = []
        for _ in range(3):
            begun = time.monotonic()
            with django_assert_max_num_queries(15):
                page = browser.get("/en/moderation/")
            took.append(time.monotonic() - begun)
        record_property("queue_page_s", round(min(took), 2))
        assert bogus < 10_000 or min(took) < 1
        assert "the brake is on" in page.text
        brake = Brake.objects.get()
        with django_assert_max_num_queries(14):
            assert "Take all of it off the map" in browser.get("/en/moderation/trust/").text
        begun = time.monotonic()
        answer = browser.post("/moderation/trust/", {"act": "undo_flood", "id": str(brake.id)})
        record_property("one_click_s", round(time.monotonic() - begun, 1))
        assert answer.status_code == 302
        assert is_on_map(floods) == 0
        assert publish_due(now=timezone.now() + datetime.timedelta(days=9)) == 0
        assert (is_on_map(before), is_on_map(guests)) == (10, 40)
    with time_machine.travel(NOON + datetime.timedelta(days=30), tick=False):
        assert verify_confirmed() == 0
        flood.release_brake(brake=brake, actor=alice, with_reports=False)
        assert verify_confirmed() == 0
        assert nothing_is_verified_or_counted()
        flood.refuse_flood(brake=brake, actor=alice)
        assert Sighting.objects.filter(id__in=floods, state="refused").count() == bogus
        assert queue_counts().to_do == 60


def test_the_brake_holds_until_a_moderator_releases_it(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    send(5)
    caught = Passage.objects.filter(obstacle="flood")
    assert caught.count() == 2
    assert caught.filter(sighting__is_slow=True, due_at__isnull=True).count() == 2
    with time_machine.travel(in_hours(5)):
        assert Passage.objects.get(sighting=send(1, first=10)[0]).obstacle == "flood"
        brake = Brake.objects.get()
        flood.release_brake(brake=brake, actor=alice, with_reports=False)
        assert Passage.objects.get(sighting=send(1, first=20)[0]).obstacle == ""
        assert caught.count() == 3
        with pytest.raises(Conflict):
            flood.release_brake(brake=brake, actor=alice, with_reports=False)


def test_a_release_may_let_go_what_the_brake_held(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    ids = send(8)
    flood.release_brake(brake=Brake.objects.get(), actor=alice, with_reports=True)
    assert publish_due(now=in_hours(7)) == 8
    assert is_on_map(ids) == 8
    assert queue_counts().slow == 0


def test_one_city_s_flood_does_not_stop_another_s_reports(city, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    CityFactory(code="44109", boundary=box(LON + 1, LAT, LON + 2, LAT + 1))
    send(5)
    away = submit_report(
        report=parse_report({"lat": str(LAT + 0.5), "lon": str(LON + 1.5)})
    ).sighting
    assert away.passage.obstacle == ""


def test_floods_of_many_cities_brake_all(settings):
    settings.BRAKE_REPORTS_PER_HOUR = 2
    for number in range(6):
        west = LON + number
        CityFactory(boundary=box(west, LAT, west + 0.5, LAT + 0.5))
        for step in (0.1, 0.2):
            report(lat=str(LAT + step), lon=str(west + 0.1))
    assert [brake.scope for brake in Brake.objects.on()] == ["all"]


def test_where_much_is_usual_more_is_no_flood(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 1
    with time_machine.travel(NOON - datetime.timedelta(days=30)):
        for number in range(40):
            sighting = Sighting.objects.get(id=send(1, first=number)[0])
            decisions.accept_report(
                sighting=sighting, actor=alice, position=None, device=None,
                corrections={}, gates={},
            )  # fmt: skip
        Brake.objects.all().delete()
    with time_machine.travel(NOON):
        send(4, first=100)
        assert not Brake.objects.exists()
        send(1, first=105)
        assert Brake.objects.count() == 1


def test_over_one_s_own_limit_nobody_trips_the_brake_for_others(city, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 2
    for number in range(6):
        submit_report(report=parse_report(at(number)), slow_reason="slow")
    assert not Brake.objects.exists()


def test_a_flood_that_cost_nothing_stops_no_report_that_was_worked_for(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    unproven = send(8, proof="")
    brake = Brake.objects.get()
    assert (brake.city, brake.is_of_unproven, brake.is_everywhere) == (city, True, False)
    honest = send(3, first=20)
    assert set(Passage.objects.filter(pk__in=honest).values_list("obstacle", "flood")) == {
        ("", None)
    }
    browser = browser_of(alice)
    page = browser.get("/en/moderation/").text
    assert "Too many reports without a proof of work came at once" in page
    assert "Nothing more of there appears by itself" not in page
    desk = browser.get("/en/moderation/trust/").text
    assert "reports without a proof of work" in desk
    # Nothing of it would ever appear by itself.
    assert "What it held may appear too" not in desk
    assert "8 reports came with it" in desk
    browser.post("/moderation/trust/", {"act": "refuse_flood", "id": str(brake.id)})
    assert Sighting.objects.filter(id__in=unproven, state="refused").count() == 8
    assert Sighting.objects.filter(id__in=honest, state="received").count() == 3
    flood.release_brake(brake=brake, actor=alice, with_reports=True)
    assert Passage.objects.get(sighting=send(1, first=40, proof="")[0]).flood is None


def test_a_flood_that_was_worked_for_leaves_what_has_no_proof_where_it_is(city, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    before = send(2, proof="")
    send(5, first=20)
    after = send(1, first=40, proof="")
    assert not Brake.objects.get().is_of_unproven
    unproven = Passage.objects.filter(pk__in=[*before, *after])
    assert set(unproven.values_list("obstacle", "flood")) == {("unproven", None)}


def test_floods_without_a_proof_of_many_cities_brake_all_of_their_kind(settings):
    settings.BRAKE_REPORTS_PER_HOUR = 2
    for number in range(6):
        west = LON + number
        CityFactory(boundary=box(west, LAT, west + 0.5, LAT + 0.5))
        for step in (0.1, 0.2):
            said = {"lat": str(LAT + step), "lon": str(west + 0.1)}
            submit_report(report=parse_report(said), proof="")
    assert [(brake.is_everywhere, brake.is_of_unproven) for brake in Brake.objects.on()] == [
        (True, True)
    ]


def test_a_batch_is_taken_off_in_one_click_and_waits_marked(alice):
    shown = on_map()
    device = shown[0].claim.device
    batch = Batch.objects.get()
    browser = browser_of(alice)
    assert "Take the batch off the map" in browser.get("/en/moderation/trust/").text
    browser.post("/moderation/trust/", {"act": "undo_batch", "id": str(batch.id)})
    assert is_on_map([sighting.id for sighting in shown]) == 0
    assert browser.get(f"/devices/{device.id}/").status_code == 410
    assert set(Passage.objects.values_list("obstacle", flat=True)) == {"taken_off"}
    assert browser.get("/en/moderation/").text.count("it was taken off the map with its batch") == 5
    assert publish_due(now=in_hours(99)) == 0
    again = Sighting.objects.get(id=shown[0].id)
    decisions.accept_report(
        sighting=again, actor=alice, position=None, device=None, corrections={}, gates={}
    )
    assert Device.objects.filter(verification="verified").count() == 1
    with pytest.raises(Conflict):
        flood.undo_batch(batch=batch, actor=alice)


def test_a_refused_flood_keeps_nothing_private_and_asks_to_send_again(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 1
    send(3, note="On my way", operator="Somebody", seen_on="2026-05-12")
    PhotoFactory(sighting=Sighting.objects.first())
    flood.refuse_flood(brake=Brake.objects.get(), actor=alice)
    for sighting in Sighting.objects.all():
        assert (sighting.state, sighting.refusal_reason) == ("refused", "flood")
        assert (sighting.note, sighting.location, sighting.arrived_at) == ("", None, None)
        assert sighting.seen_on == "2026-05"
        assert not sighting.photos.exclude(state="kept_back").exists()


def test_a_party_has_its_city_its_hours_and_its_cap(city, alice):
    start = timezone.now()
    party, _decision = flood.open_party(city=city, actor=alice, opens_at=start, hours=2, most=2)
    outside = report(lat="48.9", lon="2.3", party=party.word).sighting
    inside = [report(step, party=party.word).sighting for step in range(3)]
    with time_machine.travel(start + datetime.timedelta(hours=3)):
        late = report(9, party=party.word).sighting
    wrong = report(10, party="nobody").sighting
    joined = [sighting.passage.party == party for sighting in (*inside, outside, late, wrong)]
    assert joined == [True, True, False, False, False, False]
    assert Party.objects.get().taken == 2


def test_in_a_party_one_address_for_all_is_no_slow_queue(city, alice):
    party, _decision = flood.open_party(
        city=city, actor=alice, opens_at=timezone.now(), hours=2, most=9
    )
    said = parse_report({**at(1), "party": party.word})
    assert submit_report(report=said, slow_reason="slow").sighting.passage.due_at is not None


def test_a_party_is_opened_and_closed_by_its_page(city, alice, erin):
    browser = browser_of(alice)
    browser.post(
        "/moderation/trust/",
        {"act": "open_party", "city": city.code, "hours": "3", "most": "50"},
    )
    party = Party.objects.get()
    page = browser.get("/en/moderation/trust/").text
    assert f"/report/?party={party.word}" in page
    assert f'name="party" value="{party.word}"' in browser.get(f"/report/?party={party.word}").text
    browser.post("/moderation/trust/", {"act": "close_party", "id": str(party.id)})
    assert not Party.objects.open(timezone.now()).exists()
    with pytest.raises(Forbidden):
        flood.close_party(party=party, actor=erin)


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "open_party", "city": "nowhere", "hours": "3", "most": "50"},
        {"act": "open_party", "city": "35238", "hours": "30", "most": "50"},
        {"act": "open_party", "city": "35238", "hours": "3", "most": "0"},
        {"act": "open_party", "city": "35238", "hours": "1", "most": "5", "opens_at": "2020-01-01"},
        {"act": "undo_batch", "id": "none"},
        {"act": "release", "id": "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
        {"act": "dance"},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(city, alice, fields):
    answer = browser_of(alice).post("/en/moderation/trust/", fields)
    assert answer.status_code in (400, 404)
    assert 'role="alert"' in answer.text
    assert not Party.objects.exists()


def test_when_all_is_decided_nothing_tells_the_hour_any_more(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 1
    party, _decision = flood.open_party(
        city=city, actor=alice, opens_at=timezone.now(), hours=2, most=9
    )
    guest = Sighting.objects.get(id=send(1, party=party.word)[0])
    send(3, first=10)
    brake = Brake.objects.get()
    flood.release_brake(brake=brake, actor=alice, with_reports=False)
    with time_machine.travel(in_hours(3)):
        forget_over()
        assert (Brake.objects.count(), Party.objects.count()) == (1, 1)
        flood.refuse_flood(brake=brake, actor=alice)
        decisions.refuse_report(sighting=guest, actor=alice, reason="unclear")
        forget_over()
        assert (Brake.objects.count(), Party.objects.count()) == (0, 0)


def test_hours_that_are_over_open_nothing(city, alice):
    with pytest.raises(BadInput):
        flood.open_party(city=city, actor=alice, opens_at=in_hours(-5), hours=2, most=5)
