"""A moderator links a picture that others published to a device; nobody's browser is sent there."""

import pytest

from mapper.errors import BadInput, Conflict, Forbidden
from mapper.moderation import actions
from mapper.moderation.models import Decision
from mapper.photos.models import LinkedPicture
from mapper.sightings.models import Device
from tests.factories import make_osm_device
from tests.people import browser_of

pytestmark = pytest.mark.django_db

PIC = "01234567-89ab-cdef-0123-456789abcdef"
ADDRESS = f"https://panoramax.ign.fr/#focus=pic&pic={PIC}&map=18/48.1/-1.6"
SHOWN = f"https://api.panoramax.xyz/#focus=pic&amp;pic={PIC}"


@pytest.fixture
def device():
    return make_osm_device(lon=-1.65, lat=48.15)


def link(device, actor, address=ADDRESS):
    return actions.link_picture(device=device, actor=actor, address=address)


def test_a_linked_picture_is_evidence_and_no_more(device, alice, client):
    before = Device.objects.values().get()
    decision = link(device, alice)
    after = Device.objects.values().get()
    assert {name for name in after if after[name] != before[name]} <= {
        "version", "updated_on", "provenance"
    }  # fmt: skip
    page = client.get(f"/en/devices/{device.id}/").text
    assert SHOWN in page
    assert "A moderator found it in a picture that others published" in page
    assert 'rel="noreferrer noopener external"' in page
    assert 'src="https://' not in page
    (claim,) = (
        claim
        for claim in client.get(f"/devices/{device.id}.json").json()["properties"]["claims"]
        if claim["source"] == "desk"
    )
    assert claim["pictures"] == [
        {"service": "panoramax", "url": f"https://api.panoramax.xyz/#focus=pic&pic={PIC}"}
    ]
    assert (decision.act, decision.device) == ("link_picture", device.id)


def test_the_decision_is_undone_and_a_correction_leaves_the_picture(device, alice, client):
    decision = link(device, alice)
    actions.correct_device(
        device=Device.objects.get(), actor=alice, position=None, attributes={"mount": "wall"}
    )
    assert SHOWN in client.get(f"/devices/{device.id}/").text
    actions.undo(decision=decision, actor=alice)
    page = client.get(f"/devices/{device.id}/").text
    assert SHOWN not in page
    assert Device.objects.get().mount == "wall"
    link(Device.objects.get(), alice)


def test_it_goes_with_its_device(device, alice, client):
    other = make_osm_device(lon=-1.6501, lat=48.15)
    link(other, alice)
    actions.merge(survivor=device, other=other, actor=alice)
    assert SHOWN in client.get(f"/devices/{device.id}/").text
    actions.erase_device(device=Device.objects.get(id=device.id), actor=alice, reason="objection")
    assert not LinkedPicture.objects.exists()


def test_what_can_not_be_linked_is_refused_in_words(device, alice, erin):
    link(device, alice)
    with pytest.raises(Conflict):
        link(device, alice)
    with pytest.raises(BadInput, match="Panoramax"):
        link(device, alice, "https://example.org/1.jpg")
    with pytest.raises(Forbidden):
        link(device, erin, "https://www.mapillary.com/app/?pKey=1")
    assert Decision.objects.count() == 1


def test_of_a_private_home_no_picture_is_linked_or_shown(device, alice, client):
    link(device, alice)
    device.refresh_from_db()
    actions.correct_device(
        device=device, actor=alice, position=None, attributes={}, is_private_home=True
    )
    answer = client.get(f"/devices/{device.id}/")
    assert PIC not in answer.text
    with pytest.raises(Conflict):
        link(device, alice, "https://www.mapillary.com/app/?pKey=1")


def test_by_the_page_a_picture_is_linked_and_a_wrong_address_stays_to_be_mended(device, alice):
    browser = browser_of(alice)
    path = f"/en/moderation/devices/{device.id}/"
    answer = browser.post(path, {"act": "link_picture", "address": "https://example.org/1.jpg"})
    assert answer.status_code == 400
    assert "https://example.org/1.jpg" in answer.text
    assert 'role="alert"' in answer.text
    answer = browser.post(path, {"act": "link_picture", "address": ADDRESS}, follow=True)
    assert "The picture is linked." in answer.text
    assert SHOWN in browser.get(path).text


def test_what_openstreetmap_names_is_shown(alice, client):
    tags = {"panoramax": PIC, "wikimedia_commons": "File:A <b>.jpg", "mapillary": "498"}
    device = make_osm_device(lon=-1.65, lat=48.15, **tags)
    page = client.get(f"/devices/{device.id}/").text
    assert SHOWN in page
    assert "pKey=498" in page
    # No title on Commons has such a sign.
    assert "commons.wikimedia" not in page
    assert SHOWN in browser_of(alice).get(f"/moderation/devices/{device.id}/").text
