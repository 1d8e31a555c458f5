"""A changeset is taken back, and others' words are kept no longer than they are needed."""

import pytest

from mapper.intake.actions import take_back
from mapper.moderation.actions import erase_device
from mapper.upstream.actions import (
    forget_device,
    forget_report,
    let_go_of,
    take_back_batch,
    withdraw,
)
from mapper.upstream.api import OutcomeUnknown
from mapper.upstream.models import Proposal, PushBatch
from tests.factories import LAT
from tests.mapper.upstream.conftest import (
    CAMERA,
    UPLOAD,
    approve_all,
    approve_mount,
    osm_device,
    run,
    seen,
)

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("who_goes", ["report", "author", "device"])
def test_a_take_back_goes_on_whoever_lets_go(world, alice, account, who_goes):
    proposal = approve_mount(world, alice)
    (batch,) = run(world, account)[0].batches
    take_back_batch(batch=batch, actor=alice)
    if who_goes == "device":
        forget_device(device=proposal.device)
    elif who_goes == "author":
        forget_report(sighting=proposal.sighting)
    else:
        let_go_of(sighting=proposal.sighting)

    assert run(world, account)[0].sent == 1
    assert "camera:mount" not in world.current("node/7")["tags"]


@pytest.mark.parametrize("fault", ["lost_after", "lost_before"])
@pytest.mark.parametrize("way", ["taken back", "deleted", "device erased"])
@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_let_go_of_while_it_goes_up_is_not_kept(world, alice, account, fault, way, is_new):
    if is_new:
        proposal = approve_all(seen(None, alice, moved=True, mount="pole"), alice)
    else:
        proposal = approve_mount(world, alice)
    with pytest.raises(OutcomeUnknown):
        run(world, account, {UPLOAD: fault, UPLOAD + 1: "lost_before"})
    if way == "device erased":
        erase_device(device=proposal.device, actor=alice, reason="law")
    else:
        take_back(sighting=proposal.sighting)
        if way == "deleted":
            Proposal.objects.update(sighting=None)
    run(world, account)

    proposal.refresh_from_db()
    assert proposal.state == {"lost_after": "seen", "lost_before": "withdrawn"}[fault]
    assert (proposal.changes, proposal.place) == ({}, None)
    # And nothing stands in the way of the next.
    approve_all(seen(osm_device(world, 9, lat=LAT + 1), alice, lat=LAT + 1, mount="pole"), alice)
    assert run(world, account)[0].sent == 1


def test_what_its_author_takes_back_between_two_rounds_stays_here(world, alice, account):
    proposal = approve_mount(world, alice)

    def meanwhile(osm):
        osm.edit("node/7", tags={"operator": "Ville"})
        take_back(sighting=proposal.sighting)

    run(world, account, events={UPLOAD: meanwhile})
    proposal.refresh_from_db()
    assert (proposal.state, proposal.changes) == ("withdrawn", {})
    assert world.by_us() == []


def test_what_has_not_gone_up_is_withdrawn(world, alice, account):
    proposal = approve_mount(world, alice)
    withdraw(proposal=proposal)

    assert run(world, account)[0].sent == 0
    assert world.by_us() == []


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
