"""What each decision does, to the report, to the device, to the photos; and what it leaves."""

import datetime
import uuid

import pytest
import time_machine

from geo.geodesy import distance_m, snap_to_grid
from geo.position import LonLat
from mapper.errors import BadInput, Conflict, Forbidden, Stale
from mapper.moderation import actions, second_thoughts
from mapper.moderation.models import Decision
from mapper.photos import storage
from mapper.photos.models import GATE, Photo
from mapper.sightings.facts import position_of
from mapper.sightings.models import Claim, Device, Sighting
from tests.factories import (
    LAT,
    LON,
    ExcludedAreaFactory,
    PhotoFactory,
    ReceiptFactory,
    SightingFactory,
    make_device,
    make_osm_device,
    point,
)

pytestmark = pytest.mark.django_db
HERE = LonLat(LON, LAT)
MOVED = LonLat(LON + 0.0003, LAT)


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


def accept(sighting, actor, **changes):
    facts = {"position": None, "device": None, "corrections": {}, "gates": {}}
    return actions.accept_report(sighting=sighting, actor=actor, **(facts | changes))


def device_of(decision):
    return Device.objects.get(id=decision.device)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# --- accepting ------------------------------------------------------------------------------------


def test_an_accepted_report_is_a_verified_device(alice, bobs_report):
    device = device_of(accept(bobs_report, alice))
    claim = device.claims.get()
    assert (device.verification, device.kind, device.camera_type) == ("verified", "camera", "dome")
    assert device.directions == [{"from": 90, "to": 90}]
    assert (claim.seen_from, claim.seen_to, claim.source) == ("2026-05", "2026-05", "walker")
    assert fresh(bobs_report).state == "accepted"
    assert fresh(bobs_report).claim == claim


def test_accepting_erases_what_is_private(alice, bobs_report):
    receipt = ReceiptFactory(sighting=bobs_report, question="which_way", answer="to my door")
    accept(bobs_report, alice)
    report = fresh(bobs_report)
    assert report.location is report.arrived_at is report.phone_key is None
    assert report.note == report.operator == report.body_key == report.position_source == ""
    assert report.seen_on == "2026-05"
    assert (fresh(receipt).question, fresh(receipt).answer) == ("", "")


def test_the_walkers_words_are_in_no_claim_and_no_decision(alice, bobs_report):
    decision = accept(bobs_report, alice)
    said = f"{Claim.objects.values().get()} {Decision.objects.values().get(id=decision.id)}"
    assert "neighbour" not in said
    assert "meeting" not in said
    assert device_of(decision).operator == ""


def test_the_moderator_names_an_organisation_as_the_operator(alice, bobs_report):
    decision = accept(bobs_report, alice, corrections={"operator": "Ville de Rennes"})
    assert device_of(decision).operator == "Ville de Rennes"


def test_a_report_that_names_no_day_is_dated_by_the_month_it_came_in(alice):
    report = SightingFactory(
        seen_on="", arrived_at=datetime.datetime(2026, 3, 31, tzinfo=datetime.UTC)
    )
    assert device_of(accept(report, alice)).last_seen == "2026-03"
    assert fresh(report).seen_on == "2026-03"


def test_a_pin_that_nobody_moved_stays_the_walkers(alice, bobs_report):
    device = device_of(accept(bobs_report, alice, position=LonLat(LON + 1e-7, LAT)))
    assert device.position_source == "walker"
    assert position_of(device.location) == HERE


def test_a_moved_point_is_the_moderators(alice, bobs_report):
    device = device_of(accept(bobs_report, alice, position=MOVED))
    assert (device.position_source, position_of(device.location)) == ("moderator", MOVED)


def test_the_position_of_a_photo_is_cut_to_a_10_m_grid(alice):
    report = SightingFactory(position_source="photo")
    device = device_of(accept(report, alice))
    assert device.position_source == "photo"
    assert position_of(device.location) == snap_to_grid(HERE, 10)
    assert 0 < distance_m(position_of(device.location), HERE) < 15


def test_a_report_without_a_pin_is_placed_by_its_photo(alice):
    report = SightingFactory(location=None, position_source="")
    PhotoFactory(sighting=report)
    assert device_of(accept(report, alice)).position_source == "photo"


def test_a_report_without_any_place_needs_one(alice):
    report = SightingFactory(location=None, position_source="")
    with pytest.raises(BadInput):
        accept(report, alice)
    assert not Claim.objects.exists()
    assert fresh(report).state == "received"
    assert device_of(accept(report, alice, position=HERE)).position_source == "moderator"


def test_a_report_without_a_place_may_confirm_a_known_device(alice):
    known = make_osm_device()
    report = SightingFactory(location=None, position_source="", confirms_device=known)
    accept(report, alice, device=known)
    assert (fresh(known).verification, fresh(known).sources) == ("verified", ["osm", "walker"])
    assert position_of(fresh(known).location) == HERE


def test_a_photo_s_place_does_not_move_a_known_device(alice):
    known = make_osm_device(lon=LON + 0.0001)
    accept(SightingFactory(position_source="photo"), alice, device=known)
    assert fresh(known).location == point(LON + 0.0001, LAT)


def test_a_point_on_the_other_side_of_the_country_is_refused(alice, bobs_report):
    with pytest.raises(BadInput, match="swapped"):
        accept(bobs_report, alice, position=LonLat(LAT, LON))
    assert fresh(bobs_report).state == "received"


def test_nothing_is_taken_in_an_excluded_area(alice):
    ExcludedAreaFactory()
    report = SightingFactory(location=point(-1.695, 48.125))
    with pytest.raises(BadInput):
        accept(report, alice)


def test_somebody_who_saw_it_gone_removes_it(alice):
    known = make_osm_device()
    accept(SightingFactory(presence="gone", confirms_device=known), alice, device=known)
    device = fresh(known)
    claim = device.claims.get(source="walker")
    assert (device.status, claim.seen_from, claim.seen_to) == ("removed", "", "2026-05")


@pytest.mark.parametrize(
    "said",
    [
        {"capabilities": ["zoom"]},
        {"manufacturer": "Acme"},
        {"model": "X1"},
    ],
)
def test_the_make_and_what_it_can_do_need_a_photo_of_the_label(alice, bobs_report, said):
    with pytest.raises(BadInput):
        accept(bobs_report, alice, corrections=said)
    photo = PhotoFactory(sighting=bobs_report)
    decision = accept(bobs_report, alice, corrections=said, label_photo=photo.id)
    claim = device_of(decision).claims.get()
    assert claim.attributes.items() >= said.items()
    assert claim.label_photo == photo.id


def test_a_label_is_not_somebody_elses_photo(alice, bobs_report):
    with pytest.raises(BadInput):
        accept(bobs_report, alice, label_photo=PhotoFactory().id)


@pytest.mark.parametrize(
    "corrections",
    [
        {"kind": "catapult"},
        {"colour": "red"},
        {"height_m": "tall"},
        {"height_m": float("nan")},
        {"directions": [{"from": 400, "to": 2}]},
        {"capabilities": ["mind_reading"]},
        {"mount": "x" * 256},
        {"operator": "a\x00b"},
    ],
)
def test_what_makes_no_sense_is_refused_whole(alice, bobs_report, corrections):
    with pytest.raises((BadInput, ValueError)):
        accept(bobs_report, alice, corrections=corrections)
    assert fresh(bobs_report).state == "received"
    assert not Claim.objects.exists()
    assert not Decision.objects.exists()


# --- private homes --------------------------------------------------------------------------------


def test_a_private_home_is_snapped_to_the_street_without_photo_or_name(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    decision = accept(
        bobs_report,
        alice,
        corrections={"operator": "Jeanne Martin"},
        gates={photo.id: GATE},
        is_private_home=True,
    )
    device = device_of(decision)
    assert device.is_private_home
    assert position_of(device.location) == snap_to_grid(HERE, 25)
    assert position_of(device.claims.get().location) == snap_to_grid(HERE, 25)
    assert "operator" not in device.claims.get().attributes
    assert fresh(photo).state == "kept_back"


def test_a_private_home_loses_the_photos_that_were_public(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    device = device_of(accept(bobs_report, alice, gates={photo.id: GATE}))
    assert fresh(photo).state == "published"
    accept(SightingFactory(), alice, device=device, is_private_home=True)
    assert fresh(photo).state == "kept_back"


# --- photos ---------------------------------------------------------------------------------------


def test_a_photo_that_passed_the_gate_is_published_and_the_others_are_not(alice, bobs_report):
    passed, partly, secret = (PhotoFactory(sighting=bobs_report) for _ in range(3))
    Photo.objects.filter(id=secret.id).update(may_be_public=False)
    gates = {passed.id: GATE, partly.id: GATE[:5], secret.id: GATE}
    accept(bobs_report, alice, gates=gates)
    states = [fresh(photo).state for photo in (passed, partly, secret)]
    assert states == ["published", "kept_back", "kept_back"]
    assert storage.read(storage.media(), fresh(passed).public_name)
    for photo in Photo.objects.all():
        assert photo.exif_location is photo.arrived_at is photo.exif_direction_deg is None
        assert photo.captured_local == ""


def test_a_photo_kept_back_can_be_published_while_its_copy_lasts_and_hidden(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    device = device_of(accept(bobs_report, alice))
    decision = actions.publish_photo(photo=fresh(photo), gate=GATE, actor=alice)
    assert (decision.device, fresh(photo).state) == (device.id, "published")
    actions.hide_photo(photo=fresh(photo), actor=alice)
    assert fresh(photo).state == "kept_back"


def test_no_photo_of_an_undecided_report_is_published(alice):
    with pytest.raises(Conflict):
        actions.publish_photo(photo=PhotoFactory(), gate=GATE, actor=alice)


# --- refusing and asking --------------------------------------------------------------------------


def test_a_refused_report_keeps_its_reason_and_nothing_private(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    decision = actions.refuse_report(sighting=bobs_report, actor=alice, reason="not_a_device")
    report = fresh(bobs_report)
    assert (report.state, report.refusal_reason) == ("refused", "not_a_device")
    assert report.location is None
    assert report.note == ""
    assert fresh(photo).state == "kept_back"
    assert (decision.reason, decision.target) == ("not_a_device", report.id)
    assert not Claim.objects.exists()


def test_a_refusal_names_a_reason_of_the_list(alice, bobs_report):
    with pytest.raises(BadInput):
        actions.refuse_report(sighting=bobs_report, actor=alice, reason="I don't like it")


def test_a_question_is_kept_beside_the_receipt(alice):
    receipt = ReceiptFactory()
    actions.ask_question(sighting=receipt.sighting, actor=alice, question="which_way")
    assert fresh(receipt).question == "which_way"
    assert fresh(receipt.sighting).state == "question_asked"
    actions.accept_report(
        sighting=receipt.sighting,
        actor=alice,
        position=None,
        device=None,
        corrections={},
        gates={},
    )
    assert fresh(receipt).question == ""


def test_nobody_is_asked_who_holds_no_receipt(alice, bobs_report):
    with pytest.raises(Conflict):
        actions.ask_question(sighting=bobs_report, actor=alice, question="which_way")


# --- who, and in which order ----------------------------------------------------------------------


def test_only_moderators_decide(erin, bobs_report):
    device, other = make_device(), make_device()
    photo = PhotoFactory()
    decision = Decision(act="accept")
    for act, facts in [
        (accept, {"sighting": bobs_report}),
        (actions.refuse_report, {"sighting": bobs_report, "reason": "abuse"}),
        (actions.ask_question, {"sighting": bobs_report, "question": "which_way"}),
        (actions.merge, {"survivor": device, "other": other}),
        (actions.unmerge, {"decision": decision}),
        (actions.undo, {"decision": decision}),
        (actions.publish_photo, {"photo": photo, "gate": GATE}),
        (actions.hide_photo, {"photo": photo}),
        (actions.correct_device, {"device": device, "attributes": {"mount": "pole"}}),
        (actions.erase_device, {"device": device, "reason": "law"}),
    ]:
        with pytest.raises(Forbidden):
            act(actor=erin, **facts)
    assert not Decision.objects.exists()


def test_a_moderator_who_left_decides_nothing(alice, bobs_report):
    alice.is_active = False
    with pytest.raises(Forbidden):
        accept(bobs_report, alice)


def test_a_report_is_decided_once(alice, bobs_report):
    accept(bobs_report, alice)
    with pytest.raises(Conflict):
        accept(bobs_report, alice)
    with pytest.raises(Conflict):
        actions.refuse_report(sighting=bobs_report, actor=alice, reason="abuse")
    assert Decision.objects.count() == 1


def test_a_report_that_changed_meanwhile_is_looked_at_again(alice, bobs_report):
    Sighting.objects.filter(id=bobs_report.id).update(version=2)
    with pytest.raises(Stale, match="version 1, it is now 2"):
        accept(bobs_report, alice, version=1)
    accept(bobs_report, alice, version=2)


def test_a_withdrawn_report_is_not_decided(alice, bobs_report):
    Sighting.objects.filter(id=bobs_report.id).delete()
    with pytest.raises(Conflict):
        accept(bobs_report, alice)


def test_a_decision_has_a_day_and_a_role_and_no_time(alice, bobs_report):
    with time_machine.travel("2026-05-12 14:00", tick=False):
        decision = accept(bobs_report, alice)
    assert (fresh(decision).made_on, decision.role) == (datetime.date(2026, 5, 12), "moderator")
    assert not [f for f in Decision._meta.fields if f.get_internal_type() == "DateTimeField"]


# --- merging, correcting, erasing -----------------------------------------------------------------


def test_a_merge_comes_apart_under_the_old_id(alice):
    survivor, other = make_device(), make_device()
    merged = actions.merge(survivor=survivor, other=other, actor=alice)
    assert fresh(other).merged_into == survivor
    undone = actions.unmerge(decision=merged, actor=alice)
    assert (fresh(other).state, undone.act, undone.undoes) == ("present", "unmerge", merged)
    with pytest.raises(Conflict):
        actions.unmerge(decision=merged, actor=alice)


def test_merges_of_merges_come_apart_last_first(alice):
    first, second, third = make_device(), make_device(), make_device()
    inner = actions.merge(survivor=second, other=first, actor=alice)
    outer = actions.merge(survivor=third, other=fresh(second), actor=alice)
    with pytest.raises(Conflict, match="later"):
        actions.undo(decision=inner, actor=alice)
    actions.undo(decision=outer, actor=alice)
    actions.undo(decision=inner, actor=alice)
    assert [fresh(device).state for device in (first, second, third)] == ["present"] * 3


def test_a_correction_stands_over_all_and_a_second_one_over_the_first(alice):
    device = make_device()
    actions.correct_device(device=device, actor=alice, attributes={"mount": "wall"})
    second = actions.correct_device(
        device=device, actor=alice, position=MOVED, attributes={"mount": "pole"}
    )
    device = fresh(device)
    assert (device.mount, position_of(device.location)) == ("pole", MOVED)
    assert device.claims.filter(source="desk").count() == 1
    actions.undo(decision=second, actor=alice)
    assert (fresh(device).mount, position_of(fresh(device).location)) == ("wall", HERE)


def test_a_correction_says_something_and_names_no_make(alice):
    device = make_device()
    for facts in ({}, {"attributes": {"manufacturer": "Acme"}}, {"attributes": {"kind": "x"}}):
        with pytest.raises(BadInput):
            actions.correct_device(device=device, actor=alice, **facts)
    with pytest.raises(Stale):
        actions.correct_device(device=device, actor=alice, attributes={"mount": "x"}, version=99)


def test_a_device_found_to_be_at_a_home_is_snapped_and_hidden(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    device = device_of(accept(bobs_report, alice, gates={photo.id: GATE}))
    actions.correct_device(device=device, actor=alice, is_private_home=True)
    assert position_of(fresh(device).location) == snap_to_grid(HERE, 25)
    assert fresh(photo).state == "kept_back"


def test_an_erased_device_leaves_nothing_of_its_reports(
    alice, bobs_report, django_capture_on_commit_callbacks
):
    photo = PhotoFactory(sighting=bobs_report)
    device = device_of(accept(bobs_report, alice, gates={photo.id: GATE}))
    public_name = fresh(photo).public_name
    with django_capture_on_commit_callbacks(execute=True):
        decision = actions.erase_device(device=device, actor=alice, reason="objection")
    assert (fresh(device).state, fresh(photo).state) == ("erased", "deleted")
    assert storage.read(storage.media(), public_name) is None
    assert Claim.objects.get().location is None
    with pytest.raises(BadInput):
        actions.undo(decision=decision, actor=alice)
    with pytest.raises(Conflict):
        actions.undo(decision=Decision.objects.get(act="accept"), actor=alice)


# --- undoing --------------------------------------------------------------------------------------


def test_an_acceptance_undone_at_once_brings_the_whole_report_back(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    receipt = ReceiptFactory(sighting=bobs_report, question="which_way", answer="north")
    before = Sighting.objects.values().get(id=bobs_report.id)
    decision = accept(bobs_report, alice, position=MOVED, gates={photo.id: GATE})
    undone = actions.undo(decision=decision, actor=alice)
    after = Sighting.objects.values().get(id=bobs_report.id)
    assert after | {"version": 1} == before
    assert fresh(receipt).answer == "north"
    assert fresh(device_of(decision)).state == "withdrawn"
    assert (fresh(photo).state, undone.undoes) == ("kept_back", decision)
    again = device_of(accept(fresh(bobs_report), alice, gates={photo.id: GATE}))
    assert again.verification == "verified"
    assert fresh(photo).state == "published"


def test_an_acceptance_undone_later_brings_back_what_is_left(alice, bobs_report):
    decision = accept(bobs_report, alice, position=MOVED)
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=11)):
        actions.undo(decision=decision, actor=alice)
    report = fresh(bobs_report)
    assert (report.state, report.note, report.arrived_at) == ("received", "", None)
    assert (position_of(report.location), report.position_source) == (MOVED, "moderator")


def test_a_refusal_undone_at_once_brings_the_whole_report_back(alice, bobs_report):
    before = Sighting.objects.values().get(id=bobs_report.id)
    decision = actions.refuse_report(sighting=bobs_report, actor=alice, reason="unclear")
    actions.undo(decision=decision, actor=alice)
    assert Sighting.objects.values().get(id=bobs_report.id) | {"version": 1} == before


def test_a_refusal_undone_later_has_lost_the_place(alice, bobs_report):
    decision = actions.refuse_report(sighting=bobs_report, actor=alice, reason="unclear")
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=11)):
        actions.undo(decision=decision, actor=alice)
    report = fresh(bobs_report)
    assert (report.state, report.location, report.refusal_reason) == ("received", None, "")
    assert (report.kind, report.seen_on) == ("camera", "2026-05")


def test_what_was_kept_for_undoing_is_ours_alone_and_gone_after_ten_minutes(
    alice, bobs_report, tmp_path, settings
):
    accept(bobs_report, alice)
    (kept,) = (tmp_path / "memory").rglob("*-*-*-*-*")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert second_thoughts.forget_old() == 0
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=11)):
        assert second_thoughts.forget_old() == 1
    assert not kept.exists()


def test_without_memory_to_keep_it_in_nothing_is_kept(alice, bobs_report, settings):
    settings.FILE_UPLOAD_TEMP_DIR = None
    decision = actions.refuse_report(sighting=bobs_report, actor=alice, reason="unclear")
    actions.undo(decision=decision, actor=alice)
    assert fresh(bobs_report).location is None


def test_a_decision_is_undone_once(alice, bobs_report):
    decision = accept(bobs_report, alice)
    actions.undo(decision=decision, actor=alice)
    accept(fresh(bobs_report), alice)
    with pytest.raises(Conflict):
        actions.undo(decision=decision, actor=alice)


def test_a_question_can_be_taken_back_until_it_is_answered(alice):
    receipt = ReceiptFactory()
    decision = actions.ask_question(sighting=receipt.sighting, actor=alice, question="which_way")
    actions.undo(decision=decision, actor=alice)
    assert (fresh(receipt).question, fresh(receipt.sighting).state) == ("", "received")


def test_a_published_photo_is_hidden_by_undoing(alice, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    accept(bobs_report, alice)
    decision = actions.publish_photo(photo=fresh(photo), gate=GATE, actor=alice)
    actions.undo(decision=decision, actor=alice)
    assert fresh(photo).state == "kept_back"


def test_an_undoing_is_not_undone(alice, bobs_report):
    decision = accept(bobs_report, alice)
    undone = actions.undo(decision=decision, actor=alice)
    with pytest.raises(BadInput):
        actions.undo(decision=undone, actor=alice)


def test_a_report_accepted_onto_a_merged_device_is_still_undone(alice, bobs_report):
    decision = accept(bobs_report, alice)
    survivor = make_osm_device()
    actions.merge(survivor=survivor, other=device_of(decision), actor=alice)
    assert fresh(survivor).verification == "verified"
    actions.undo(decision=decision, actor=alice)
    assert fresh(survivor).verification == "osm_only"
    assert fresh(bobs_report).state == "received"


def test_ids_of_decisions_are_random(alice, bobs_report):
    assert accept(bobs_report, alice).id.version == 4
    assert uuid.UUID(int=0) != Decision.objects.get().id
