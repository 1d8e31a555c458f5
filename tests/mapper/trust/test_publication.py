"""A report that nobody has checked on the map: what is shown, and until when."""

import datetime
import json

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from geo.geodesy import distance_m
from mapper.dossiers.figures import city_figures
from mapper.errors import Gone
from mapper.intake import receipts
from mapper.intake.actions import amend, withdraw
from mapper.intake.following import standing_of
from mapper.intake.phone import put_report
from mapper.moderation import actions as decisions
from mapper.moderation.order import Rank
from mapper.moderation.reading import queue
from mapper.photos.reading import PhotoFacts
from mapper.sightings.facts import position_of
from mapper.sightings.lookup import find_device
from mapper.sightings.models import Attachment, Claim, Device, Receipt, Sighting
from mapper.trust.actions import publish_due, take_off_orphans
from mapper.trust.models import Batch, Passage
from tests.factories import (
    LAT,
    LON,
    CityFactory,
    ClaimFactory,
    ExcludedAreaFactory,
    SightingFactory,
    box,
    make_device,
    make_osm_device,
    point,
)
from tests.mapper.trust.conftest import in_hours, on_map, report
from tests.people import browser_of

pytestmark = pytest.mark.django_db


def accept(sighting, alice, **facts):
    facts = {"position": None, "device": None, "corrections": {}, "gates": {}} | facts
    return decisions.accept_report(sighting=sighting, actor=alice, **facts)


def receipt_of(sighting):
    return Receipt.objects.get(sighting=sighting)


# --- what appears, and when -----------------------------------------------------------------------


def test_a_report_appears_with_kind_type_mount_direction_place_and_month():
    walked = timezone.now().date() - datetime.timedelta(days=1)
    sighting = on_map(seen_on=walked.isoformat(), operator_type="public")[0]
    device = sighting.claim.device
    assert device.verification == "unverified"
    assert (device.kind, device.camera_type, device.mount) == ("camera", "dome", "pole")
    assert device.directions == [{"from": 90, "to": 90}]
    assert (device.operator, device.operator_type, device.capabilities.count()) == ("", "", 0)
    assert device.last_seen == walked.strftime("%Y-%m")
    assert device.updated_on.day == 1
    assert sighting.state == "received"


def test_the_place_of_a_photo_is_cut_to_a_grid_and_a_pin_is_not():
    pins = on_map()
    assert position_of(pins[0].claim.location) == position_of(pins[0].location)
    for step in range(5):
        put_report_of_photo(step)
    assert publish_due(now=in_hours(7)) == 5
    for sighting in Sighting.objects.filter(position_source="photo"):
        shown, taken = position_of(sighting.claim.location), position_of(sighting.location)
        assert shown != taken
        assert distance_m(shown, taken) <= 7.5


def put_report_of_photo(step):
    from mapper.intake.actions import submit_report
    from mapper.intake.incoming import IncomingPhoto
    from mapper.intake.report import parse_report
    from mapper.photos.actions import keep_upload
    from tests.factories import jpeg

    here = position_of(point(LON + 0.02, LAT + step * 0.0007 + 0.000013))
    photo = IncomingPhoto(keep_upload(data=jpeg()), PhotoFacts(position=here, accuracy_m=5))
    submit_report(report=parse_report({"kind": "camera"}), photos=[photo])


def test_it_waits_a_random_time_of_at_most_six_hours():
    due = [report(step).sighting.passage.due_at - timezone.now() for step in range(12)]
    assert all(datetime.timedelta(minutes=-1) < wait < datetime.timedelta(hours=6) for wait in due)
    assert len({wait.seconds // 60 for wait in due}) > 1


def test_fewer_than_five_of_a_city_wait_and_join_the_department_after_two_days():
    CityFactory(code="35238", boundary=box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01))
    CityFactory(code="35047", boundary=box(LON - 0.01, LAT + 0.01, LON + 0.01, LAT + 0.03))
    report()
    assert publish_due(now=in_hours(47)) == 0
    assert publish_due(now=in_hours(49)) == 0  # alone: never
    report(lat=str(LAT + 0.02))
    assert publish_due(now=in_hours(47)) == 0
    assert publish_due(now=in_hours(49)) == 2
    assert Batch.objects.count() == 1


def test_the_switch_keeps_everything_off_the_map(settings, charlie):
    shown = on_map()[0].claim.device
    assert charlie.get(f"/devices/{shown.id}/").status_code == 200
    settings.PUBLISH_UNVERIFIED = False
    assert charlie.get(f"/devices/{shown.id}/").status_code == 404
    later = report(20).sighting
    assert (later.passage.due_at, later.passage.obstacle) == (None, "switched_off")
    assert publish_due(now=in_hours(100)) == 0


def test_nothing_unchecked_is_counted_listed_or_downloaded(charlie):
    city = CityFactory()
    shown = on_map()
    assert city_figures(city=city, day=timezone.now().date()).known == 0
    for path in (
        "/data/devices.geojson",
        "/data/devices.csv",
        f"/data/cities/{city.slug}/devices.geojson",
        "/api/v1/devices/",
        "/api/v1/devices/?verification=declared",
        "/api/v1/sightings/",
        f"/api/v1/cities/{city.slug}/",
        f"/cities/{city.slug}/",
    ):
        answer = charlie.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200
        assert not any(str(sighting.claim.device_id).encode() in body for sighting in shown)
    assert charlie.get("/api/v1/devices/?verification=unverified").status_code == 400


def test_the_database_refuses_more_words_of_an_unchecked_report():
    for more in (
        {"attributes": {"kind": "camera", "operator": "The neighbour"}},
        {"attributes": {"operator_type": "public"}},
        {"label_photo": "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClaimFactory(is_verified=False, **more)


# --- what does not appear by itself ---------------------------------------------------------------


def obstacle(**fields):
    return report(**fields).sighting.passage.obstacle


def test_what_is_not_a_new_point_seen_on_the_spot_waits_for_a_moderator():
    known = make_device(location=point(LON, LAT + 0.01))
    assert obstacle(device=str(known.id)) == "known_device"
    assert obstacle(presence="gone") == "known_device"
    assert obstacle(seen_how="picture") == "not_on_site"
    assert obstacle(seen_how="on_site") == ""


def test_outside_the_cities_served_nothing_appears_by_itself():
    assert obstacle() == ""
    CityFactory()
    assert obstacle(step=5) == ""
    assert obstacle(lat="48.9", lon="2.3") == "outside"


def test_an_excluded_area_and_null_island_are_refused_as_before():
    from mapper.intake.report import ReportErrors

    ExcludedAreaFactory()
    for lat, lon in (("48.125", "-1.695"), ("0", "0")):
        with pytest.raises(ReportErrors):
            report(lat=lat, lon=lon)


def test_over_the_limit_nothing_appears_by_itself_and_nothing_is_lost():
    from mapper.intake.actions import submit_report
    from mapper.intake.report import parse_report

    said = parse_report({"lat": str(LAT), "lon": str(LON)})
    slow = submit_report(report=said, slow_reason="slow").sighting
    assert slow.passage.obstacle == "slow"
    assert publish_due(now=in_hours(100)) == 0
    assert slow in queue()


@pytest.mark.parametrize(
    ("north_deg", "direction", "repeats"),
    [(0.0001, "90", True), (0.0001, "", True), (0.0001, "270", False), (0.0002, "90", False)],
)
def test_what_repeats_a_device_becomes_a_suggested_confirmation(north_deg, direction, repeats):
    known = make_device(attributes={"kind": "camera", "directions": [{"from": 80, "to": 80}]})
    passage = report(lat=str(LAT + north_deg), direction=direction).sighting.passage
    assert (passage.near_device == known) == repeats
    assert passage.obstacle == ("duplicate" if repeats else "")


def test_two_who_report_one_camera_make_one_point_and_a_confirmation():
    for step in range(5):
        report(step)
    report(0, lat=str(LAT + 0.00005))
    assert publish_due(now=in_hours(7)) == 5
    assert Device.objects.count() == 5
    repeat = Passage.objects.get(obstacle="duplicate")
    assert (
        distance_m(position_of(repeat.near_device.location), position_of(repeat.sighting.location))
        < 15
    )
    assert repeat.due_at is None


def test_more_reports_than_one_pole_explains_wait_for_a_moderator():
    directions = ("0", "50", "100", "150", "200", "250")
    assert [obstacle(direction=direction) for direction in directions] == [""] * 6
    assert obstacle(direction="300") == "cluster"


def test_a_photo_from_far_away_speaks_against_a_point():
    from mapper.trust.actions import enter

    sighting = SightingFactory()
    far = position_of(point(LON + 0.1, LAT))
    assert enter(sighting=sighting, photo_positions=[far]).obstacle == "far_photo"


# --- until it is decided --------------------------------------------------------------------------


def test_the_moderators_see_that_it_is_on_the_map_and_it_still_waits(alice):
    sighting = on_map()[0]
    page = browser_of(alice).get("/en/moderation/").text
    assert page.count("on the map, not verified") == 5
    assert sighting in queue()


def test_accepting_verifies_the_same_device(alice):
    sighting = on_map()[0]
    device, unchecked = sighting.claim.device, sighting.claim
    accept(sighting, alice)
    sighting.refresh_from_db()
    device.refresh_from_db()
    unchecked.refresh_from_db()
    assert sighting.claim.device == device
    assert device.verification == "verified"
    assert list(device.claims.all()) == [sighting.claim]
    assert (unchecked.device, unchecked.location, unchecked.attributes) == (None, None, {})
    assert not Passage.objects.filter(sighting=sighting).exists()


def test_accepting_onto_another_device_leads_there(alice):
    known = make_osm_device(LON + 0.01, LAT)
    sighting = on_map()[0]
    own = sighting.claim.device
    decision = accept(sighting, alice, device=known)
    assert find_device(own.id) == (known, True)
    decisions.undo(decision=decision, actor=alice)
    found, has_moved = find_device(own.id)
    assert (found.id, has_moved, found.verification) == (own.id, False, "unverified")
    known.refresh_from_db()
    assert known.verification == "osm_only"


def test_refusing_takes_it_off_with_the_reason_in_words(alice, charlie):
    sighting = on_map()[0]
    device, unchecked = sighting.claim.device, sighting.claim
    decision = decisions.refuse_report(sighting=sighting, actor=alice, reason="not_a_device")
    answer = charlie.get(f"/en/devices/{device.id}/")
    assert answer.status_code == 410
    assert "a moderator has looked at it since and refused it" in answer.text
    unchecked.refresh_from_db()
    device.refresh_from_db()
    assert (unchecked.location, unchecked.attributes, unchecked.seen_to) == (None, {}, "")
    assert (device.kind, device.directions, device.last_seen) == ("unknown", [], "")
    decisions.undo(decision=decision, actor=alice)
    sighting.refresh_from_db()
    assert find_device(device.id)[0].directions == [{"from": 90, "to": 90}]
    assert sighting.claim == unchecked
    assert sighting.note == "On my way to the meeting"


def test_an_acceptance_undone_puts_it_back_as_it_was_and_it_can_be_decided_again(alice):
    sighting = on_map()[0]
    device = sighting.claim.device
    decision = accept(sighting, alice, position=position_of(point(LON + 0.0001, LAT)))
    decisions.undo(decision=decision, actor=alice)
    sighting.refresh_from_db()
    assert sighting.claim.device == device
    assert find_device(device.id)[0].verification == "unverified"
    assert position_of(sighting.claim.location) == position_of(sighting.location)
    accept(sighting, alice)
    assert find_device(device.id)[0].verification == "verified"


def test_a_decision_undone_later_has_lost_the_place_on_the_map(alice):
    sighting = on_map()[0]
    device = sighting.claim.device
    decision = decisions.refuse_report(sighting=sighting, actor=alice, reason="unclear")
    for path in sorted(decisions.second_thoughts._kept()):
        path.unlink()
    decisions.undo(decision=decision, actor=alice)
    sighting.refresh_from_db()
    assert sighting.claim is None
    with pytest.raises(Gone):
        find_device(device.id)
    assert publish_due(now=in_hours(100)) == 0


def test_merged_into_another_it_leads_there_and_adds_nothing(alice):
    known = make_osm_device(LON + 0.01, LAT)
    sighting = on_map()[0]
    own = sighting.claim.device
    decisions.merge(survivor=known, other=own, actor=alice)
    known.refresh_from_db()
    assert find_device(own.id) == (known, True)
    assert (known.verification, known.sources, known.mount) == ("osm_only", ["osm"], "")
    sighting.refresh_from_db()
    accept(sighting, alice)
    assert find_device(own.id)[0].id == known.id
    assert find_device(known.id)[0].verification == "verified"


def test_a_withdrawal_by_the_receipt_deletes_all_and_the_address_is_gone():
    sighting = on_map()[0]
    device, claim = sighting.claim.device, sighting.claim
    withdraw(receipt=receipt_of(sighting))
    assert not Sighting.objects.filter(id=sighting.id).exists()
    claim.refresh_from_db()
    assert (claim.location, claim.attributes, claim.seen_from) == (None, {}, "")
    with pytest.raises(Gone):
        find_device(device.id)


def test_an_author_who_changes_a_report_changes_its_point_under_the_same_id():
    sighting = on_map()[0]
    device = sighting.claim.device
    amend(receipt=receipt_of(sighting), said={"mount": "wall", "direction": "180"})
    found = find_device(device.id)[0]
    assert (found.mount, found.directions) == ("wall", [{"from": 180, "to": 180}])
    known = make_device(location=point(LON, LAT + 0.02))
    amend(receipt=receipt_of(sighting), said={"device": str(known.id)})
    with pytest.raises(Gone):
        find_device(device.id)
    assert Passage.objects.get(sighting=sighting).obstacle == "known_device"


def test_the_author_sees_at_once_how_far_it_got():
    submitted = report()
    receipt = receipts.find(" ".join(submitted.code))
    assert "appears on the map by itself" in standing_of(receipt, submitted.sighting).on_the_map
    for step in range(1, 5):
        report(step)
    publish_due(now=in_hours(7))
    submitted.sighting.refresh_from_db()
    standing = standing_of(receipt, submitted.sighting)
    assert "not verified" in standing.on_the_map
    assert standing.device == submitted.sighting.claim.device


def test_confirmations_raise_a_report_and_verify_nothing():
    first, second = on_map()[:2]
    for _ in range(2):
        report(device=str(second.claim.device_id))
    raised = queue().filter(rank=Rank.RAISED)
    assert second in raised
    assert first not in raised
    assert not Device.objects.filter(verification="verified").exists()
    assert first.claim.device.verification == "unverified"


def test_a_phone_s_report_goes_the_same_way():
    import uuid

    taken = put_report(phone_id=uuid.uuid4(), said={"lat": LAT, "lon": LON, "kind": "camera"})
    assert taken.sighting.passage.due_at is not None


def test_after_a_restore_no_point_stands_without_its_report():
    device = on_map()[0].claim.device
    Sighting.objects.all().delete()
    assert take_off_orphans() == 5
    with pytest.raises(Gone):
        find_device(device.id)
    assert take_off_orphans() == 0


def test_no_public_answer_orders_or_dates_what_nobody_checked(charlie):
    device = on_map()[0].claim.device
    said = json.loads(charlie.get(f"/api/v1/devices/{device.id}/").content)["properties"]
    assert said["updated_on"].endswith("-01")
    assert said["last_seen"] == timezone.now().strftime("%Y-%m")
    assert Attachment.objects.filter(decision__isnull=False).count() == 0
    assert Claim.objects.filter(device=device).count() == 1
