"""What was approved goes up once, merged with what is there; every refusal has its reaction."""

import pytest
from django.db import IntegrityError, connection, transaction

from mapper.osm.models import Element
from mapper.sightings.models import Device, Sighting
from mapper.upstream.actions import settle_conflict
from mapper.upstream.candidates import candidates, suggest
from mapper.upstream.models import Proposal
from tests.factories import LAT, LON
from tests.mapper.upstream.conftest import (
    CAMERA,
    UPLOAD,
    approve_all,
    mirror,
    osm_device,
    run,
    seen,
)

pytestmark = pytest.mark.django_db


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


def test_what_we_made_a_moment_ago_is_no_stranger(world, alice, account, settings):
    settings.OSM_DAILY_CAP = 1
    for lat in (LAT, LAT + 0.0001):
        approve_all(seen(None, alice, moved=True, lat=lat), alice)
    assert run(world, account)[0].sent == 1
    settings.OSM_DAILY_CAP = 2
    assert run(world, account)[0].sent == 1
    assert len(world.by_us()) == 2


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
