"""Two taps, "still there" and "gone": who is asked, what is sent, and what becomes of it."""

import re

import pytest
from django.contrib.gis.geos import Point

from mapper.moderation import actions as desk
from mapper.sightings import actions
from mapper.sightings.models import Device, Sighting
from mapper.trust.models import Passage
from tests.factories import make_osm_device
from tests.mapper.web.test_devices import make_claim, make_device

pytestmark = pytest.mark.django_db


def fields_of(page: str, said: str) -> dict[str, str]:
    """Return what the form of a page sends after a tap on one of its two buttons."""
    form = re.search(r"<form[^>]* data-presence.*?</form>", page, re.DOTALL)
    assert form is not None
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group())
    assert f'name="presence" value="{said}" required' in form.group()
    assert "checked" not in form.group().partition("prudent")[0]
    return dict(hidden) | {"presence": said}


def accept(moderator, device):
    """Accept the one report, as a confirmation of a device."""
    desk.accept_report(
        sighting=Sighting.objects.get(),
        actor=moderator,
        position=None,
        device=device,
        corrections={},
        gates={},
    )


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("said", ["there", "gone"])
def test_two_taps_on_a_device_page_are_a_report_with_a_receipt(client, prefix, said):
    device = make_device()
    fields = fields_of(client.get(f"{prefix}/devices/{device.id}/").text, said)
    answer = client.post(f"{prefix}/report/", fields)
    assert answer.status_code == 201
    assert answer.text.count("<li>") >= 12
    sighting = Sighting.objects.get()
    assert (sighting.confirms_device, sighting.presence) == (device, said)
    assert (sighting.seen_how, sighting.terms) == ("on_site", fields["terms"])
    assert sighting.location == device.location
    assert not sighting.has_osm_consent


def test_who_says_which_one_it_is_is_not_asked_again(client):
    device, _other = make_device(), make_device()
    answer = client.post("/en/report/", {"device": str(device.id), "presence": "there"})
    assert "Reported already?" not in answer.text


@pytest.mark.parametrize(("default", "ticked"), [(True, True), (False, False)])
def test_prudence_is_the_instances_until_somebody_says(client, settings, default, ticked):
    settings.PRUDENT_BY_DEFAULT = default
    device = make_device()
    page = client.get(f"/devices/{device.id}/").text
    assert ('name="prudent" value="1" checked' in page) is ticked
    fields = fields_of(page, "there") | ({"prudent": "1"} if ticked else {})
    client.post("/report/", fields)
    assert (Passage.objects.get().held_until is not None) is ticked


def test_the_page_says_what_to_look_for(client):
    device = make_device(
        attributes={
            "kind": "camera",
            "camera_type": "dome",
            "mount": "wall",
            "directions": [{"from": 45, "to": 45}],
        }
    )
    page = client.get(f"/en/devices/{device.id}/").text
    assert "Look for:" in page
    assert "<strong>Dome camera, on a wall, looks north-east.</strong>" in page


def test_what_was_removed_is_asked_about_no_more(client):
    device = actions.attach_claim(claim=make_claim(), device=None, decision=None)
    gone = make_claim(presence="gone", seen_to="2026-08", seen_from="", attributes={})
    actions.attach_claim(claim=gone, device=device, decision=None)
    page = client.get(f"/devices/{device.id}/").text
    assert "data-presence" not in page
    assert "report/?device=" not in page


def test_what_nobody_has_checked_is_asked_about_too(client):
    device = make_device(is_verified=False)
    assert (
        client.post(
            "/report/", fields_of(client.get(f"/devices/{device.id}/").text, "there")
        ).status_code
        == 201
    )


def test_nobody_is_asked_to_photograph_a_private_home(client):
    device = make_device(is_private_home=True)
    page = client.get(f"/devices/{device.id}/").text
    assert "data-presence" in page
    assert "report/?device=" not in page
    client.post("/report/", fields_of(page, "there"))
    # The point of the map, which is snapped: nothing finer is known of it.
    assert Sighting.objects.get().location == device.location


def test_a_device_that_went_meanwhile_is_said_and_the_form_keeps_what_was_said(client):
    claim = make_claim()
    device = actions.attach_claim(claim=claim, device=None, decision=None)
    fields = fields_of(client.get(f"/en/devices/{device.id}/").text, "gone")
    actions.detach_claim(claim=claim, decision=None)
    answer = client.post("/en/report/", fields)
    assert answer.status_code == 400
    assert "There is no device with this id" in answer.text
    assert 'name="presence" value="gone" checked' in answer.text
    assert f'name="device" value="{device.id}"' in answer.text
    assert not Sighting.objects.exists()


@pytest.mark.parametrize(
    ("said", "status", "last_seen"),
    [("there", "active", "2026-09"), ("gone", "removed", "2026-05")],
)
def test_an_accepted_one_changes_the_device_and_not_its_place(
    client, alice, said, status, last_seen
):
    device = make_device()
    client.post(
        "/report/",
        {"device": str(device.id), "presence": said, "seen_on": "2026-09-12", "prudent": "0"},
    )
    accept(alice, device)
    found = Device.objects.get()
    assert (found.status, found.last_seen) == (status, last_seen)
    assert found.location == Point(2.35, 48.85, srid=4326)
    assert (found.kind, found.camera_type) == ("camera", "dome")


def test_an_accepted_one_leaves_the_place_of_an_object_of_openstreetmap(client, alice):
    device = make_osm_device()
    client.post("/report/", {"device": str(device.id), "presence": "there", "prudent": "0"})
    accept(alice, device)
    found = Device.objects.get()
    assert found.location == device.location
    assert found.verification == "verified"


def test_the_map_has_the_same_form_for_its_dialog(client):
    page = client.get("/en/").text
    assert "data-presence-dialog" in page
    assert fields_of(page, "gone")["device"] == ""
    assert 'name="sealing-key"' in page
    # The list is a page without scripts: its devices' pages ask.
    assert "data-presence" not in client.get("/en/?view=list").text


@pytest.mark.parametrize("presence", ["yes", "THERE", "there\0", "<b>"])
def test_an_odd_answer_is_named(client, presence):
    device = make_device()
    answer = client.post("/en/report/", {"device": str(device.id), "presence": presence})
    assert answer.status_code == 400
    assert not Sighting.objects.exists()
