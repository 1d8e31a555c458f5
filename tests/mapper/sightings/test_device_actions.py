"""Attach, detach, merge, un-merge, undo, erase: what becomes of a device and of its address."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from geo.position import LonLat
from mapper.errors import BadInput, Conflict
from mapper.sightings import actions
from mapper.sightings.models import Attachment, Claim, Device, DeviceCapability
from tests.factories import (
    LAT,
    LON,
    CityFactory,
    ClaimFactory,
    EventFactory,
    make_device,
    make_osm_device,
    point,
)

pytestmark = pytest.mark.django_db


def fresh(device):
    return Device.objects.get(id=device.id)


def test_a_claim_alone_makes_a_device_in_its_city():
    city = CityFactory()
    device = fresh(make_device())
    assert (device.kind, device.verification, device.city) == ("camera", "verified", city)
    assert device.provenance["kind"] == str(device.claims.get().id)


def test_a_claim_without_a_place_makes_no_device():
    with pytest.raises(BadInput):
        actions.attach_claim(
            claim=ClaimFactory(location=None, position_source=""), device=None, decision=None
        )
    assert not Device.objects.exists()


def test_a_claim_moved_elsewhere_leaves_its_device_withdrawn():
    first, second = make_device(), make_device()
    actions.attach_claim(claim=first.claims.get(), device=second, decision=uuid.uuid4())
    assert fresh(first).state == "withdrawn"
    assert second.claims.count() == 2


def test_a_claim_taken_off_closes_and_keeps_its_chain():
    device = make_device()
    claim = device.claims.get()
    actions.detach_claim(claim=claim, decision=uuid.uuid4())
    rows = Attachment.objects.filter(claim=claim)
    assert [row.device_id for row in rows.filter(follows__isnull=True)] == [device.id]
    assert rows.get(follows__isnull=False).device_id is None
    assert fresh(device).state == "withdrawn"
    assert actions.detach_claim(claim=claim, decision=None) is None


def test_a_merged_device_leads_on_and_comes_back_under_its_old_id():
    survivor, other = make_device(), make_osm_device()
    claim = other.claims.get()
    merge = uuid.uuid4()
    actions.merge_devices(survivor=survivor, other=other, decision=merge)
    assert (fresh(other).state, fresh(other).merged_into) == ("merged", survivor)
    assert fresh(survivor).sources == ["osm", "walker"]
    actions.undo_attachments(undone=merge, decision=uuid.uuid4())
    assert fresh(other).state == "present"
    assert fresh(other).claims.get() == claim
    assert fresh(survivor).sources == ["walker"]


def test_a_merge_of_merges_comes_apart_in_its_order():
    first, second, third = make_device(), make_device(), make_device()
    inner, outer = uuid.uuid4(), uuid.uuid4()
    actions.merge_devices(survivor=second, other=first, decision=inner)
    actions.merge_devices(survivor=third, other=fresh(second), decision=outer)
    assert actions.survivor_of(fresh(first)) == third
    assert actions.undo_attachments(undone=inner, decision=uuid.uuid4()) == []
    undoing = uuid.uuid4()
    actions.undo_attachments(undone=outer, decision=undoing)
    assert actions.survivor_of(fresh(first)) == second
    assert fresh(second).claims.count() == 2
    actions.undo_attachments(undone=inner, decision=uuid.uuid4(), taken_back={undoing: outer})
    assert [fresh(device).state for device in (first, second, third)] == ["present"] * 3


def test_a_claim_for_a_merged_device_goes_to_its_survivor():
    survivor, other = make_device(), make_device()
    actions.merge_devices(survivor=survivor, other=other, decision=uuid.uuid4())
    stood_on = actions.attach_claim(claim=ClaimFactory(), device=fresh(other), decision=None)
    assert stood_on == survivor
    assert fresh(other).state == "merged"


def test_a_device_is_not_merged_with_itself_or_with_what_is_gone():
    survivor, other = make_device(), make_device()
    with pytest.raises(Conflict):
        actions.merge_devices(survivor=survivor, other=survivor, decision=uuid.uuid4())
    actions.detach_claim(claim=other.claims.get(), decision=None)
    with pytest.raises(Conflict):
        actions.merge_devices(survivor=survivor, other=other, decision=uuid.uuid4())


def test_an_erased_device_forgets_what_was_said_and_takes_no_claim():
    device = make_device(attributes={"kind": "camera", "operator": "Jeanne Martin"})
    claim = device.claims.get()
    actions.erase_device(device=device, decision=uuid.uuid4())
    claim.refresh_from_db()
    device = fresh(device)
    assert (device.state, device.location, device.operator) == ("erased", None, "")
    assert (claim.device, claim.location, claim.attributes) == (None, None, {})
    with pytest.raises(Conflict):
        actions.attach_claim(claim=ClaimFactory(), device=device, decision=None)
    actions.project_device(device=device)
    assert fresh(device).state == "erased"


def test_erasing_leaves_the_words_of_openstreetmap_in_the_mirror():
    device = make_osm_device()
    claim = device.claims.get()
    actions.erase_device(device=device, decision=uuid.uuid4())
    claim.refresh_from_db()
    assert (claim.device, claim.attributes["kind"]) == (None, "camera")


def test_undoing_does_not_bring_back_what_was_erased():
    device = make_device()
    taken_off = uuid.uuid4()
    second = ClaimFactory()
    actions.attach_claim(claim=second, device=device, decision=None)
    actions.detach_claim(claim=second, decision=taken_off)
    actions.erase_device(device=device, decision=uuid.uuid4())
    with pytest.raises(Conflict):
        actions.undo_attachments(undone=taken_off, decision=uuid.uuid4())


def test_an_event_is_placed_in_its_city():
    city = CityFactory()
    event = actions.save_event(event=EventFactory.build())
    assert event.city == city


def test_devices_near_are_measured_on_the_ellipsoid():
    make_device(location=point(LON + 0.0005, LAT))
    make_device(location=point(LON + 0.002, LAT))
    near = Device.objects.present().near(LonLat(LON, LAT), 50)
    assert [round(device.distance.m) for device in near] == [37]


# --- what the database itself refuses ----------------------------------------------------------


def refused():
    return pytest.raises(IntegrityError)


def test_a_device_is_verified_only_by_a_verified_claim():
    device = make_osm_device()
    claim = device.claims.get()
    with refused(), transaction.atomic():
        Device.objects.filter(id=device.id).update(verification="verified")
    with refused(), transaction.atomic():
        Device.objects.filter(id=device.id).update(verification="verified", verified_by=claim)
        connection.check_constraints()


def test_only_evidence_of_the_spot_verifies():
    with refused(), transaction.atomic():
        ClaimFactory(source="osm", is_verified=True)


def test_a_capability_needs_a_source():
    with refused(), transaction.atomic():
        ClaimFactory(attributes={"capabilities": ["zoom"]})
    device = make_device()
    with refused(), transaction.atomic():
        DeviceCapability.objects.create(device=device, name="zoom", claim=None)


def test_a_walker_s_claim_is_dated_no_finer_than_a_month():
    with refused(), transaction.atomic():
        ClaimFactory(seen_to="2026-05-12")
    ClaimFactory(source="document", is_verified=False, seen_to="2026-05-12")


def test_the_chain_of_a_claim_has_one_start_and_no_fork():
    device = make_device()
    claim = device.claims.get()
    start = Attachment.objects.get(claim=claim)
    with refused(), transaction.atomic():
        Attachment.objects.create(claim=claim, device=device)
    Attachment.objects.create(claim=claim, device=device, follows=start)
    with refused(), transaction.atomic():
        Attachment.objects.create(claim=claim, device=None, follows=start)


def test_an_event_has_a_point_or_an_area_and_a_period():
    with refused(), transaction.atomic():
        EventFactory(location=None)
    event = EventFactory.build()
    event.starts_at, event.ends_at = event.ends_at, event.starts_at
    with refused(), transaction.atomic():
        event.save()


def test_a_decided_report_keeps_nothing_private(bobs_report):
    for state in ("accepted", "refused", "withdrawn"):
        bobs_report.state = state
        with refused(), transaction.atomic():
            bobs_report.save()


def test_an_accepted_report_has_a_claim(bobs_report):
    with refused(), transaction.atomic():
        type(bobs_report).objects.filter(id=bobs_report.id).update(
            state="accepted",
            location=None,
            arrived_at=None,
            phone_key=None,
            body_key="",
            note="",
            operator="",
            seen_on="2026-05",
        )


def test_claims_are_never_deleted_under_a_device():
    device = make_device()
    with pytest.raises(IntegrityError), transaction.atomic():
        device.claims.get().delete()
    assert Claim.objects.count() == 1
