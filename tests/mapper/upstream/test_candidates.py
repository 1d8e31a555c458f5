"""What is suggested of a device, and what is not said to OSM a second time."""

import pytest

from mapper.upstream.actions import let_go_of, settle_conflict, take_back_batch
from mapper.upstream.candidates import suggest
from mapper.upstream.models import Proposal
from tests.factories import LAT
from tests.mapper.upstream.conftest import approve_all, approve_mount, mirror, osm_device, run, seen

pytestmark = pytest.mark.django_db


def test_what_somebody_undid_in_osm_is_not_said_again_by_the_same_report(world, alice, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    approve_all(device, alice)
    run(world, account)
    world.edit("node/7", tags={"camera:mount": None})
    mirror(world, "node/7")

    assert suggest(device) is None
    # A later report is a second word.
    seen(device, alice, mount="pole", seen_on="2026-08-12")
    assert {each.field for each in suggest(device).fields} == {"mount"}


def test_nor_where_its_acceptance_was_undone_and_said_again(world, alice, account):
    proposal = approve_mount(world, alice)
    run(world, account)
    let_go_of(sighting=proposal.sighting)
    world.edit("node/7", tags={"camera:mount": None})
    mirror(world, "node/7")
    assert suggest(proposal.device) is None


def test_what_we_made_and_somebody_deleted_is_not_made_again(world, alice, account):
    device = seen(None, alice, moved=True)
    approve_all(device, alice)
    run(world, account)
    ((name, _said),) = world.by_us()
    world.edit(name, visible=False)
    mirror(world, name)
    device.refresh_from_db()

    assert suggest(device) is None


def test_what_osm_removed_after_the_report_is_no_new_object(world, alice):
    device = seen(osm_device(world, 7), alice, moved=True, lat=LAT + 0.0003, mount="pole")
    world.edit("node/7", visible=False)
    mirror(world, "node/7")
    device.refresh_from_db()

    assert suggest(device) is None
    seen(device, alice, moved=True, lat=LAT + 0.0003, seen_on="2027-03-01")
    assert suggest(device).action == "create"


def test_what_was_taken_back_is_not_suggested_anew(world, alice, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    approve_all(device, alice)
    (batch,) = run(world, account)[0].batches
    take_back_batch(batch=batch, actor=alice)
    run(world, account)

    assert suggest(device) is None


def test_the_month_goes_along_when_a_conflict_is_decided(world, alice, account):
    device = seen(osm_device(world, 7), alice, mount="pole", direction="45")
    proposal = approve_all(device, alice)
    world.edit("node/7", tags={"camera:mount": "wall"})
    run(world, account)

    settle_conflict(proposal=proposal, actor=alice, ours={"directions"}, version=2)
    run(world, account)

    tags = world.current("node/7")["tags"]
    assert (tags["camera:mount"], tags["camera:direction"]) == ("wall", "NE")
    assert tags["check_date"] == "2026-05"


def test_the_worst_report_tells_how_far_a_device_may_be_moved(world, alice):
    device = seen(osm_device(world, 7), alice, lat=LAT + 0.0003, moved=True)
    assert suggest(device).place is not None
    device.claims.filter(source="walker").update(accuracy_m=50)
    assert suggest(device) is None
    assert not Proposal.objects.exists()
