"""What was approved goes up once, merged with what is there; every refusal has its reaction."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mapper.errors import Unavailable
from mapper.osm.models import Element
from mapper.sightings.models import Device, Sighting
from mapper.upstream.actions import settle_conflict, take_back_batch, withdraw
from mapper.upstream.api import EditRefused, OutcomeUnknown
from mapper.upstream.candidates import candidates, suggest
from mapper.upstream.gate import Stopped, answer
from mapper.upstream.models import Account, Proposal, PushBatch, Stop
from tests.factories import LAT, LON, UserFactory
from tests.mapper.upstream.conftest import (
    CAMERA,
    approve_all,
    make_account,
    mirror,
    osm_device,
    run,
    seen,
)

pytestmark = pytest.mark.django_db

# The requests of a first run: user, capabilities, objects, changeset, and then the upload.
UPLOAD = 4


def test_a_field_that_osm_lacks_is_added_and_nothing_else_is_touched(world, alice, account):
    device = seen(osm_device(world, 7, note="a  b\n"), alice, mount="pole", direction="45")
    proposal = approve_all(device, alice)

    report, _ = run(world, account)

    assert (report.sent, report.seen) == (1, 1)
    assert world.current("node/7")["tags"] == CAMERA | {
        "note": "a  b\n",
        "camera:mount": "pole",
        "camera:direction": "NE",
        "check_date": "2026-05",
    }
    proposal.refresh_from_db()
    assert proposal.state == "seen"
    element = Element.objects.get(osm_id=7)
    assert (element.version, element.is_ours) == (2, True)
    assert suggest(device) is None


def test_a_new_object_is_made_once_and_speaks_of_its_device(world, alice, account, city):
    device = seen(None, alice, moved=True, mount="wall")
    approve_all(device, alice)

    report, _ = run(world, account)

    assert report.sent == 1
    ((name, said),) = world.by_us()
    assert said["tags"] == CAMERA | {"camera:mount": "wall", "check_date": "2026-05"}
    element = Element.objects.get(osm_id=int(name.split("/")[1]))
    assert element.claim.device_id == device.id
    assert sorted(Device.objects.get(id=device.id).sources) == ["osm", "walker"]
    assert run(world, account)[0].sent == 0


def test_the_changeset_says_who_what_and_why(world, alice, account, city, settings):
    device = seen(None, alice, moved=True)
    approve_all(device, alice)
    (batch,) = run(world, account)[0].batches

    (changeset,) = world.changesets.values()
    tags = changeset.tags
    assert tags["comment"] == "Un appareil de surveillance à Rennes, vu sur place #contrechamp"
    assert tags["source"] == "survey"
    assert tags["hashtags"] == "#contrechamp"
    assert tags["website"] == settings.OSM_WIKI_PAGE
    assert tags["contrechamp:batch"] == str(batch.id)
    assert tags["created_by"].startswith("Contrechamp ")
    assert changeset.closed_at is not None


def test_one_changeset_a_commune(world, alice, account, city):
    approve_all(seen(None, alice, moved=True), alice)
    approve_all(seen(None, alice, moved=True, lat=LAT + 0.001), alice)
    approve_all(seen(None, alice, moved=True, lon=2.35, lat=48.85), alice)

    assert run(world, account)[0].sent == 3
    assert sorted(len(changeset.changes) for changeset in world.changesets.values()) == [1, 2]


def test_push_then_pull_changes_no_verification(world, alice, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    approve_all(device, alice)
    run(world, account)
    before = Device.objects.values().get(id=device.id)

    mirror(world, "node/7")

    after = Device.objects.values().get(id=device.id)
    assert after["verification"] == before["verification"] == "verified"
    assert after["verified_by_id"] == before["verified_by_id"]
    assert Element.objects.of_others().count() == 0


# --- merging ---


def test_another_s_edit_of_another_field_is_kept(world, alice, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    approve_all(device, alice)
    world.edit("node/7", tags={"operator": "Ville"}, lat=LAT + 0.0001)

    run(world, account)

    now = world.current("node/7")
    assert (now["tags"]["operator"], now["tags"]["camera:mount"]) == ("Ville", "pole")
    assert now["lat"] == pytest.approx(LAT + 0.0001)


def test_the_same_field_is_a_conflict_and_the_others_go_on(world, alice, account):
    first = seen(osm_device(world, 7), alice, mount="pole")
    second = seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001, mount="wall")
    proposal = approve_all(first, alice)
    approve_all(second, alice)
    world.edit("node/7", tags={"camera:mount": "building"})

    report, _ = run(world, account)

    assert (report.sent, report.stuck) == (1, 1)
    assert world.current("node/7")["tags"]["camera:mount"] == "building"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.trouble, proposal.batch) == ("conflict", "fields", None)
    assert proposal.theirs["tags"]["camera:mount"] == "building"

    settle_conflict(proposal=proposal, actor=alice, ours={"mount"}, version=2)
    assert run(world, account)[0].sent == 1
    assert world.current("node/7")["tags"]["camera:mount"] == "pole"


def test_a_conflict_may_be_theirs(world, alice, account):
    proposal = approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    world.edit("node/7", tags={"camera:mount": "building"})
    run(world, account)
    proposal.refresh_from_db()

    settle_conflict(proposal=proposal, actor=alice, ours=set(), version=2)

    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_what_somebody_said_meanwhile_is_settled_without_an_edit(world, alice, account):
    proposal = approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    world.edit("node/7", tags={"camera:mount": "pole"})

    report, _ = run(world, account)

    proposal.refresh_from_db()
    assert (report.settled, proposal.state) == (1, "seen")
    assert world.by_us() == []
    assert not world.changesets


@pytest.mark.parametrize("change", [{"visible": False}, {"tags": {"man_made": None}}])
def test_an_object_that_is_no_device_any_more_is_a_conflict(world, alice, account, change):
    proposal = approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    world.edit("node/7", **change)

    run(world, account)

    proposal.refresh_from_db()
    assert proposal.state == "conflict"
    assert world.by_us() == []


def test_a_new_neighbour_that_nobody_here_saw_stops_a_new_object(world, alice, account):
    proposal = approve_all(seen(None, alice, moved=True), alice)
    world.put("node/9", tags=CAMERA, lon=LON, lat=LAT + 0.00005)

    run(world, account)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.trouble) == ("conflict", "neighbour")
    assert world.by_us() == []


def test_the_neighbour_that_was_on_the_page_does_not(world, alice, account):
    osm_device(world, 9, lat=LAT + 0.00005)
    approve_all(seen(None, alice, moved=True), alice)

    assert run(world, account)[0].sent == 1


def test_the_race_between_reading_and_sending_is_won_by_reading_again(world, alice, account):
    approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    report, _ = run(
        world, account, events={UPLOAD: lambda w: w.edit("node/7", tags={"operator": "Ville"})}
    )

    assert report.sent == 1
    tags = world.current("node/7")["tags"]
    assert (tags["operator"], tags["camera:mount"]) == ("Ville", "pole")
    assert len(world.changesets) == 1


# --- gone ---


def test_one_anonymous_gone_marks_it_disused(world, alice, account):
    device = seen(osm_device(world, 7), alice, presence="gone")
    approve_all(device, alice, is_mount_gone=True)

    run(world, account)

    now = world.current("node/7")
    assert now["visible"]
    assert now["tags"]["disused:man_made"] == "surveillance"
    assert "man_made" not in now["tags"]


def test_two_months_of_gone_delete_it_where_the_mount_is_gone_too(world, alice, account):
    device = osm_device(world, 7)
    seen(device, alice, presence="gone", seen_on="2026-05-12")
    seen(device, alice, presence="gone", seen_on="2026-06-12")
    proposal = approve_all(device, alice, is_mount_gone=True)

    run(world, account)

    assert not world.current("node/7")["visible"]
    proposal.refresh_from_db()
    assert proposal.state == "seen"
    assert not Element.objects.get(osm_id=7).is_visible


def test_a_moderator_on_the_spot_is_enough(world, alice, account):
    device = seen(osm_device(world, 7), alice, presence="gone")
    approve_all(device, alice, is_mount_gone=True, was_on_spot=True)
    run(world, account)

    assert not world.current("node/7")["visible"]


def test_a_deletion_waits_where_somebody_edited_since(world, alice, account):
    device = seen(osm_device(world, 7), alice, presence="gone")
    proposal = approve_all(device, alice, is_mount_gone=True, was_on_spot=True)
    world.edit("node/7", tags={"fixme": "look again"})

    run(world, account)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.trouble) == ("conflict", "edited")
    assert world.current("node/7")["visible"]


def test_what_a_way_uses_is_not_deleted_and_the_rest_goes_on(world, alice, account):
    device = seen(osm_device(world, 7), alice, presence="gone")
    proposal = approve_all(device, alice, is_mount_gone=True, was_on_spot=True)
    other = seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001, mount="pole")
    approve_all(other, alice)
    world.put("way/3", nodes=[7, 8])

    report, _ = run(world, account)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.trouble, report.sent) == ("refused", "still_used", 1)


def test_what_is_deleted_already_is_settled(world, alice, account):
    device = seen(osm_device(world, 7), alice, presence="gone")
    proposal = approve_all(device, alice, is_mount_gone=True, was_on_spot=True)
    world.edit("node/7", visible=False)

    assert run(world, account)[0].settled == 1
    proposal.refresh_from_db()
    assert proposal.state == "seen"


# --- noise stays ours ---


def test_a_shift_of_six_metres_is_no_move(world, alice):
    device = seen(osm_device(world, 7), alice, lat=LAT + 0.000054, moved=True)

    assert suggest(device) is None


def test_a_place_that_only_the_phone_knows_is_not_proposed(world, alice):
    assert suggest(seen(None, alice)) is None
    assert suggest(seen(osm_device(world, 7), alice, lat=LAT + 0.0003)) is None


def test_a_moderator_s_place_is(world, alice, account):
    device = seen(osm_device(world, 7), alice, lat=LAT + 0.0003, moved=True)
    approve_all(device, alice)
    run(world, account)

    assert world.current("node/7")["lat"] == pytest.approx(LAT + 0.0003)


@pytest.mark.parametrize(
    "report", [{"consent": False}, {"how": "picture"}, {"how": "document"}, {"how": ""}]
)
def test_only_the_spot_and_consent_make_a_candidate(world, alice, report):
    device = seen(osm_device(world, 7), alice, mount="pole", **report)

    assert suggest(device) is None
    assert not candidates().exists()


@pytest.mark.parametrize("column", [{"seen_how": "picture"}, {"has_osm_consent": False}])
def test_the_database_refuses_anything_else(world, alice, column):
    device = seen(osm_device(world, 7), alice, mount="pole")
    proposal = approve_all(device, alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(id=proposal.id).update(**column)
    # Nor can the report be changed under it.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Sighting.objects.filter(id=proposal.sighting_id).update(**column)


def test_a_private_home_is_no_candidate(world, alice):
    device = seen(osm_device(world, 7), alice, mount="pole")
    Device.objects.filter(id=device.id).update(is_private_home=True)
    device.refresh_from_db()

    assert suggest(device) is None


def test_a_report_taken_back_after_the_click_is_not_sent(world, alice, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    proposal = approve_all(device, alice)
    Sighting.objects.filter(id=proposal.sighting_id).update(state="withdrawn")

    run(world, account)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.trouble) == ("withdrawn", "evidence")
    assert world.by_us() == []


# --- refusals ---


def _one(world, alice):
    return approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)


def test_an_unknown_token_needs_a_login(world, alice, account):
    proposal = _one(world, alice)
    world.tokens.clear()
    with pytest.raises(EditRefused):
        run(world, account)
    assert Account.objects.get().is_lost
    proposal.refresh_from_db()
    assert (proposal.state, proposal.batch) == ("approved", None)


def test_a_blocked_account_sends_nothing_until_answered(world, alice, account):
    _one(world, alice)
    world.user.blocks = world.user.active_blocks = 1
    with pytest.raises(Stopped):
        run(world, account)
    answer(stop=Stop.objects.get(), actor=alice)
    # Marked as answered while it is in force: it still stops.
    with pytest.raises(Stopped):
        run(world, account)
    world.user.active_blocks = 0
    answer(stop=Stop.objects.get(), actor=alice)
    assert run(world, account)[0].sent == 1


def test_unread_messages_stop_until_answered(world, alice, account):
    _one(world, alice)
    world.user.messages = world.user.unread = 1
    with pytest.raises(Stopped):
        run(world, account)
    assert world.by_us() == []
    answer(stop=Stop.objects.get(kind="message"), actor=alice)
    assert run(world, account)[0].sent == 1


def test_a_comment_stops_everything_until_answered(world, alice, account):
    _one(world, alice)
    run(world, account)
    other = seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001, mount="pole")
    approve_all(other, alice)
    world.comment(1)
    uploads = len(world.by_us())
    for _ in range(2):
        with pytest.raises(Stopped):
            run(world, account)
    assert len(world.by_us()) == uploads
    stop = Stop.objects.get(kind="comment")
    assert stop.url.endswith("/changeset/1")
    # Our own answer is no new comment.
    world.comment(1, "Thank you, corrected.", user=world.user)
    answer(stop=stop, actor=alice)
    assert run(world, account)[0].sent == 1
    world.comment(1)
    with pytest.raises(Stopped):
        run(world, account)


def test_without_the_contributor_terms_nothing_goes_up(world, alice, account):
    _one(world, alice)
    world.user.has_agreed = False
    with pytest.raises(Stopped):
        run(world, account)
    world.user.has_agreed = True
    assert run(world, account)[0].sent == 1
    assert PushBatch.objects.get().has_agreed_terms


def test_a_limit_pauses_and_ends_by_itself(world, alice, account, time_machine):
    _one(world, alice)
    world.user.is_limited = True
    with pytest.raises(EditRefused):
        run(world, account)
    world.user.is_limited = False
    with pytest.raises(Stopped):
        run(world, account)
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=3700))
    assert run(world, account)[0].sent == 1


def test_an_offline_server_is_left_alone(world, alice, account):
    _one(world, alice)
    world.is_online = False
    with pytest.raises(Unavailable):
        run(world, account)
    assert not world.changesets


@pytest.mark.parametrize("name", ["OSM_PUSH", "OSM_WIKI_PAGE", "OSM_HASHTAG", "OSM_CLIENT_ID"])
def test_nothing_goes_up_without_the_settings(world, alice, account, settings, name):
    _one(world, alice)
    setattr(settings, name, "")
    with pytest.raises(Stopped, match=name):
        run(world, account)


def test_the_day_has_a_cap(world, alice, account, settings):
    settings.OSM_DAILY_CAP = 1
    _one(world, alice)
    other = seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001, mount="pole")
    approve_all(other, alice)

    report, _ = run(world, account)
    assert (report.sent, report.left) == (1, 1)
    assert run(world, account)[0].sent == 0


@pytest.mark.parametrize(
    "fault",
    ["lost_before", "lost_after", "late", "hang_after", "500_before", "502_after", "504_after",
     "garbled_after", "html_after", "503", "closed"],
)  # fmt: skip
def test_a_lost_answer_makes_no_duplicate(world, alice, account, fault):
    approve_all(seen(None, alice, moved=True), alice)
    for faults in ({UPLOAD: fault}, {}, {}):
        try:
            run(world, account, faults)
        except (OutcomeUnknown, EditRefused, Stopped):
            continue
    (proposal,) = Proposal.objects.all()
    assert proposal.state == "seen"
    assert len(world.by_us()) == 1


def test_a_wrong_request_stops_for_good(world, alice, account):
    _one(world, alice)
    with pytest.raises(EditRefused):
        run(world, account, {UPLOAD: "400"})
    with pytest.raises(Stopped):
        run(world, account)
    assert Stop.objects.get().kind == "fault"


def test_a_moderator_s_own_account_sends_only_what_they_approved(world, alice, settings):
    settings.OSM_PUSH = "own"
    own = make_account(alice)
    _one(world, alice)
    bob = UserFactory(username="bob")
    assert run(world, make_account(bob))[0].sent == 0
    assert run(world, own)[0].sent == 1


def test_others_words_are_kept_no_longer_than_they_are_needed(world, alice, account):
    """Once sent, or withdrawn, nothing of an object's tags is left but what we changed."""
    sent = approve_all(seen(osm_device(world, 7, operator="M. X"), alice, mount="pole"), alice)
    gone = seen(osm_device(world, 8, lat=LAT + 0.001, operator="M. X"), alice, presence="gone")
    approve_all(gone, alice, is_mount_gone=True, was_on_spot=True)
    other = osm_device(world, 9, lat=LAT + 0.002, operator="M. X")
    withdrawn = approve_all(seen(other, alice, lat=LAT + 0.002, mount="pole"), alice)
    assert "M. X" in str(list(Proposal.objects.values_list("base")))
    withdraw(proposal=withdrawn)
    run(world, account)

    kept = str([*Proposal.objects.values(), *PushBatch.objects.values()])
    assert "M. X" not in kept
    sent.refresh_from_db()
    assert sent.after["tags"] == {"camera:mount": "pole", "check_date": "2026-05"}


# --- taking back ---


def test_a_batch_is_taken_back_and_later_edits_of_others_stay(world, alice, account):
    changed = seen(osm_device(world, 7), alice, mount="pole", direction="45")
    approve_all(changed, alice)
    made = seen(None, alice, moved=True, lat=LAT + 0.001)
    approve_all(made, alice)
    (batch,) = run(world, account)[0].batches
    world.edit("node/7", tags={"operator": "Ville", "camera:direction": "S"})

    take_back_batch(batch=batch, actor=alice)
    run(world, account)

    now = world.current("node/7")["tags"]
    assert now == CAMERA | {"operator": "Ville", "camera:direction": "S"}
    new = [name for name, said in world.by_us() if said["version"] == 1]
    assert not world.current(new[0])["visible"]
    assert set(Proposal.objects.values_list("action", "state")) == {
        ("modify", "reverted"), ("create", "reverted"), ("revert", "seen"),
    }  # fmt: skip
    assert world.changesets[2].tags["revert:id"] == "1"


def test_a_deletion_is_taken_back(world, alice, account):
    device = seen(osm_device(world, 7, operator="Ville"), alice, presence="gone")
    approve_all(device, alice, is_mount_gone=True, was_on_spot=True)
    (batch,) = run(world, account)[0].batches
    take_back_batch(batch=batch, actor=alice)
    run(world, account)

    now = world.current("node/7")
    assert now["visible"]
    assert now["tags"]["operator"] == "Ville"


def test_what_has_not_gone_up_is_withdrawn(world, alice, account):
    proposal = _one(world, alice)
    withdraw(proposal=proposal)

    assert run(world, account)[0].sent == 0
    assert world.by_us() == []
