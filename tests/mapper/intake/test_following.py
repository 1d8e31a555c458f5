"""After the decision: what the author reads, amends and takes back."""

import pytest
from django.utils import timezone

from geo.position import LonLat
from mapper.errors import Conflict
from mapper.intake import actions, receipts
from mapper.intake.following import standing_of
from mapper.intake.incoming import read_incoming
from mapper.intake.report import ReportInput
from mapper.moderation import actions as moderation
from mapper.photos import storage
from mapper.photos.actions import clean_photo
from mapper.photos.models import GATE, Photo
from mapper.sightings.models import Claim, Device, Receipt, Sighting
from tests import pictures
from tests.people import *  # noqa: F403 - fixtures

pytestmark = pytest.mark.django_db
HERE = LonLat(-1.68, 48.11)


@pytest.fixture
def report(django_capture_on_commit_callbacks):
    """Return a report of Bob's that may be published with its photo, and its receipt."""
    photo = read_incoming(pictures.phone_photo())
    made = actions.submit_report(
        report=ReportInput(position=HERE, kind="camera", note="words", photo_use="public"),
        photos=[photo],
    )
    with django_capture_on_commit_callbacks(execute=True):
        clean_photo(photo_id=Photo.objects.get().id)
    return receipts.find(" ".join(made.code))


def accept(receipt, actor):
    sighting = receipt.sighting
    photo = sighting.photos.get()
    moderation.accept_report(
        sighting=sighting,
        actor=actor,
        position=None,
        device=None,
        corrections={},
        gates={photo.id: GATE},
    )
    receipt.refresh_from_db()
    return Device.objects.get()


def test_an_accepted_report_leads_to_its_device_and_photo(report, alice):
    device = accept(report, alice)
    standing = standing_of(report, report.sighting)
    assert standing.is_accepted
    assert standing.device == device
    assert standing.photos[0].public_name
    assert "the make or number of the camera" in standing.removed


def test_a_refused_report_tells_its_reason(report, alice):
    moderation.refuse_report(sighting=report.sighting, actor=alice, reason="not_a_device")
    report.refresh_from_db()
    standing = standing_of(report, report.sighting)
    assert standing.reason == "This is not a surveillance device."
    assert not standing.is_open
    with pytest.raises(Conflict):
        actions.amend(receipt=report, said={"kind": "alpr"})


def test_withdrawing_an_accepted_report_closes_its_claim(
    report, alice, client, django_capture_on_commit_callbacks
):
    device = accept(report, alice)
    assert client.get(f"/devices/{device.id}/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(receipt=report)
    sighting = Sighting.objects.get()
    assert sighting.state == "withdrawn"
    assert not Receipt.objects.exists()
    assert not Photo.objects.exists()
    for folder in (storage.quarantine().folder, storage.media().folder):
        assert list(folder.iterdir()) == []
    assert Claim.objects.get().device is None
    assert client.get(f"/devices/{device.id}/").status_code == 410


def test_withdrawing_leaves_a_device_that_others_support(report, alice):
    device = accept(report, alice)
    other = actions.submit_report(report=ReportInput(position=HERE, device=device.id))
    moderation.accept_report(
        sighting=other.sighting, actor=alice, position=None, device=device, corrections={}, gates={}
    )
    actions.withdraw(receipt=report)
    device.refresh_from_db()
    assert device.state == "present"


def test_withdrawing_a_refused_report_leaves_nothing(report, alice):
    moderation.refuse_report(sighting=report.sighting, actor=alice, reason="unclear")
    actions.withdraw(receipt=report)
    assert not Sighting.objects.exists()
    assert not Receipt.objects.exists()


def test_amending_an_accepted_report_makes_a_new_one_on_the_same_device(report, alice):
    device = accept(report, alice)
    made = actions.amend(receipt=report, said={"kind": "alpr", "direction": "E"})
    assert made is not None
    new = made.sighting
    assert (new.state, new.kind, new.direction) == ("received", "alpr", "90")
    assert new.confirms_device == device
    assert new.seen_on == timezone.now().date().isoformat()
    old = Sighting.objects.exclude(id=new.id).get()
    assert (old.state, old.kind, old.version) == ("accepted", "camera", old.version)
    assert receipts.find(" ".join(made.code)).sighting == new
    assert Claim.objects.count() == 1


def test_amending_an_open_report_keeps_a_photos_place():
    photo = read_incoming(pictures.phone_photo(lon=2.35, lat=48.85))
    made = actions.submit_report(report=ReportInput(kind="camera"), photos=[photo])
    receipt = receipts.find(" ".join(made.code))
    actions.amend(receipt=receipt, said={"kind": "alpr", "lat": "", "lon": ""})
    sighting = Sighting.objects.get()
    assert (sighting.kind, sighting.position_source) == ("alpr", "photo")
    assert sighting.location.x == pytest.approx(2.35, abs=1e-5)
    actions.amend(receipt=receipt, said={"lat": "48.9", "lon": "2.4"})
    sighting.refresh_from_db()
    assert (sighting.position_source, sighting.location.x) == ("walker", 2.4)


def test_a_failure_midway_leaves_no_report(monkeypatch):
    photo = read_incoming(pictures.phone_photo())
    monkeypatch.setattr(actions, "receive_photo", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.submit_report(report=ReportInput(position=HERE), photos=[photo])
    assert not Sighting.objects.exists()
    assert not Receipt.objects.exists()


def test_a_report_withdrawn_in_another_window_is_a_conflict_and_no_fault(report):
    stale = Receipt.objects.get(code_key=report.code_key)
    actions.withdraw(receipt=report)
    with pytest.raises(Conflict):
        actions.withdraw(receipt=stale)
