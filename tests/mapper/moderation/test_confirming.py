"""Reports that agree verify a device where the instance lets them: recorded, undone, not dated."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from mapper.errors import BadInput, Conflict, Forbidden
from mapper.moderation import actions
from mapper.moderation.confirming import verify_confirmed
from mapper.moderation.models import Act, Decision, Notice
from mapper.moderation.order import Rank, ranked
from mapper.osm.models import Element
from mapper.photos.models import GATE, Photo
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device, Sighting
from mapper.sightings.unchecked import show_reports
from mapper.trust.actions import enter
from mapper.trust.brake import trip
from mapper.trust.models import Batch, Brake, Passage
from tests.factories import CityFactory, PhotoFactory, SightingFactory, make_osm_device
from tests.people import browser_of

pytestmark = pytest.mark.django_db

JUNE = datetime.datetime(2026, 6, 1, 0, 20, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _in_june(settings, tmp_path):
    settings.CONFIRMATIONS_VERIFY = True
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    with time_machine.travel(JUNE, tick=False):
        yield


@pytest.fixture
def city():
    return CityFactory()


def report(day, **facts):
    came = datetime.datetime(2026, 5, day, 15, 42, tzinfo=datetime.UTC)
    said = {"note": "", "operator": "", "seen_on": f"2026-05-{day:02d}", **facts}
    sighting = SightingFactory(arrived_at=came, **said)
    enter(sighting=sighting)
    return sighting


def on_the_map(day):
    """Return a report that is on the map by itself, in a batch of its own."""
    sighting = report(day)
    show_reports(sightings=[sighting])
    batch = Batch.objects.create(published_at=timezone.now())
    Passage.objects.filter(sighting=sighting).update(due_at=None, batch=batch)
    return sighting


@pytest.fixture
def agreeing(city, alice):
    """Return a device that two reports confirm, and all three reports; one photo is accepted."""
    first = on_the_map(3)
    device = first.claim.device
    reports = [first, *(report(day, confirms_device=device) for day in (9, 17))]
    actions.pass_photo(photo=PhotoFactory(sighting=reports[1]), gate=GATE, actor=alice)
    return device, reports


def verification(device):
    device.refresh_from_db()
    return device.verification


def test_confirmed_twice_on_other_days_with_an_accepted_photo_is_verified(agreeing, charlie):
    device, reports = agreeing
    assert {Rank(row.rank) for row in ranked()} == {Rank.RAISED}
    assert not DeviceFilter().apply(Device.objects.public()).exists()
    assert verify_confirmed() == 1
    assert verification(device) == "verified"
    assert set(Sighting.objects.values_list("state", flat=True)) == {"accepted"}
    decisions = Decision.objects.filter(act=Act.CONFIRM)
    assert set(decisions.values_list("target", "device")) == {(r.id, device.id) for r in reports}
    assert set(decisions.values_list("actor", "role")) == {(None, "")}
    assert DeviceFilter().apply(Device.objects.public()).get() == device
    page = charlie.get(f"/en/devices/{device.id}/").text
    assert page.count("no moderator decided on the point") == 3
    assert "a moderator checked the evidence" not in page
    claims = charlie.get(f"/devices/{device.id}.json").json()["properties"]["claims"]
    assert [claim["is_by_agreement"] for claim in claims] == [True] * 3
    assert verify_confirmed() == 0


def test_the_accepted_photo_is_published_with_it_and_not_before(agreeing):
    assert not Photo.objects.public().exists()
    verify_confirmed()
    assert Photo.objects.public().count() == 1


def test_without_the_switch_a_moderator_sees_them_raised_and_nothing_else_happens(
    agreeing, settings, alice
):
    settings.CONFIRMATIONS_VERIFY = False
    assert verify_confirmed() == 0
    assert verification(agreeing[0]) == "unverified"
    page = browser_of(alice).get("/en/moderation/").text
    assert "Confirmed twice, not verified" in page
    report_page = browser_of(alice).get(f"/en/moderation/reports/{agreeing[1][1].id}/").text
    assert "Accept the photo alone" not in report_page


def test_what_came_this_month_is_not_heard_so_that_the_decision_dates_no_walk(agreeing):
    with time_machine.travel(datetime.datetime(2026, 5, 31, 23, tzinfo=datetime.UTC)):
        assert verify_confirmed() == 0
    assert verify_confirmed() == 1
    assert set(Decision.objects.filter(act="confirm").values_list("made_on", flat=True)) == {
        JUNE.date()
    }


def test_one_click_takes_all_of_it_back_and_the_rule_does_not_do_it_again(agreeing, alice):
    device, reports = agreeing
    verify_confirmed()
    decision = Decision.objects.filter(act=Act.CONFIRM).first()
    browser = browser_of(alice)
    log = browser.get("/en/moderation/decisions/").text
    assert log.count("the rule of confirmations") == 3
    browser.post("/moderation/decisions/", {"decision": str(decision.id)})
    assert verification(device) == "unverified"
    assert Decision.objects.filter(act=Act.UNDO, actor=alice).count() == 3
    assert Sighting.objects.filter(state="received").count() == 3
    assert Sighting.objects.get(id=reports[2].id).arrived_at == reports[2].arrived_at
    assert not Photo.objects.public().exists()
    assert verify_confirmed() == 0


def test_no_rule_acts_while_the_brake_is_on(agreeing, city):
    trip(scope=str(city.pk), city=city)
    assert verify_confirmed() == 0
    Brake.objects.update(released_at=timezone.now())
    Passage.objects.update(flood=None)
    assert verify_confirmed() == 1


@pytest.mark.parametrize(
    "harm",
    [
        lambda device, last: Sighting.objects.filter(id=last.id).update(is_slow=True),
        lambda device, last: Sighting.objects.filter(id=last.id).update(kind="alpr"),
        lambda device, last: Sighting.objects.filter(id=last.id).update(seen_how="document"),
        lambda device, last: Sighting.objects.filter(id=last.id).update(presence="gone"),
        lambda device, last: Sighting.objects.filter(id=last.id).update(state="question_asked"),
        lambda device, last: Passage.objects.filter(sighting=last).update(
            flood=Brake.objects.create(
                scope="x", tripped_at=timezone.now(), released_at=timezone.now()
            )
        ),
        lambda device, last: Passage.objects.filter(sighting=last).update(
            held_until=datetime.date(2026, 6, 18)
        ),
        lambda device, last: Passage.objects.filter(sighting=last).update(
            batch=Batch.objects.get()
        ),
        lambda device, last: Notice.objects.create(
            code_key="k", reason="not_a_device", target_kind="device", target=device.id
        ),
        lambda device, last: Photo.objects.update(gate=[]),
        lambda device, last: Photo.objects.update(gate=list(GATE)[:5]),
    ],
)
def test_what_is_in_doubt_waits_for_a_moderator(agreeing, harm):
    device, reports = agreeing
    harm(device, reports[2])
    assert verify_confirmed() == 0
    assert verification(device) == "unverified"


def test_a_pair_of_one_day_is_one_voice(city, alice):
    first = on_the_map(3)
    device = first.claim.device
    pair = [report(9, confirms_device=device), report(9, confirms_device=device)]
    actions.pass_photo(photo=PhotoFactory(sighting=pair[0]), gate=GATE, actor=alice)
    assert verify_confirmed() == 0


@pytest.mark.parametrize(("since", "count"), [("2026-04-09", 1), ("2026-04-10", 0), (None, 0)])
def test_an_osm_object_is_a_voice_if_it_is_thirty_days_older(city, alice, since, count):
    device = make_osm_device()
    at = datetime.datetime.fromisoformat(f"{since}T12:00Z") if since else None
    Element.objects.update(timestamp=at)
    pair = [report(9, confirms_device=device), report(17, confirms_device=device)]
    actions.pass_photo(photo=PhotoFactory(sighting=pair[0]), gate=GATE, actor=alice)
    assert verify_confirmed() == count
    assert verification(device) == ("verified" if count else "osm_only")


def test_a_place_that_was_excluded_since_is_left_to_a_moderator(agreeing):
    from tests.factories import LAT, LON, ExcludedAreaFactory, box

    ExcludedAreaFactory(area=box(LON - 0.001, LAT - 0.001, LON + 0.001, LAT + 0.001))
    assert verify_confirmed() == 0
    assert not Decision.objects.filter(act="confirm").exists()
    assert Sighting.objects.filter(state="received").count() == 3


def test_a_photo_is_accepted_by_its_boxes_alone_and_that_is_undone(city, alice, erin):
    sighting = report(9)
    photo = PhotoFactory(sighting=sighting)
    page = f"/en/moderation/reports/{sighting.id}/"
    browser = browser_of(alice)
    assert "Accept the photo alone" in browser.get(page).text
    refused = browser.post(page, {"act": "accept", "pass_photo": str(photo.id)})
    assert refused.status_code == 400
    assert "Not everything was looked for" in refused.text
    boxes = {f"gate-{photo.id}": list(GATE)}
    browser.post(page, {"act": "accept", "pass_photo": str(photo.id), **boxes})
    photo.refresh_from_db()
    assert (set(photo.gate), photo.state) == (set(GATE), "awaiting_review")
    assert "It is accepted." in browser.get(page).text
    decision = Decision.objects.get()
    assert (decision.act, decision.target) == ("pass_photo", photo.id)
    actions.undo(decision=decision, actor=alice)
    photo.refresh_from_db()
    assert photo.gate == []
    with pytest.raises(Forbidden):
        actions.pass_photo(photo=photo, gate=GATE, actor=erin)
    with pytest.raises(BadInput):
        actions.pass_photo(photo=photo, gate=GATE[:5], actor=alice)
    photo.covered_name = ""
    photo.save()
    with pytest.raises(Conflict):
        actions.pass_photo(photo=photo, gate=GATE, actor=alice)


def test_nobody_but_the_rule_decides_without_a_name(alice):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            act="accept", target_kind="sighting", target=Decision().id, made_on=JUNE.date()
        )
