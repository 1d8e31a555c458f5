"""The walker's road in a real Chromium: without JavaScript, on a phone, without a cookie."""

import pytest

from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests.conftest import REPOSITORY
from tests.factories import CityFactory
from tests.journeys.conftest import PHONE
from tests.journeys.phones import skip_to_send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHOTOS = REPOSITORY / "fixtures" / "photos"


@pytest.fixture
def bob(visit):
    """Return Bob's phone, JavaScript off."""
    return visit(size=PHONE, javascript=False)


def test_a_photo_alone_makes_a_report_that_its_code_finds(bob):
    bob.go("/en/report/")
    bob.page.set_input_files("#photo-choose", PHOTOS / "phone.jpg")
    bob.follow(bob.page.get_by_role("button", name="Send; the photo may be published"))
    assert bob.page.locator("h1").inner_text() == "Sent. Thank you."
    assert bob.page.locator("#code li").count() == 12
    assert "the make or number of the camera" in bob.page.content()
    assert "CANARY" not in bob.page.content()
    sighting = Sighting.objects.get()
    assert sighting.location.x == pytest.approx(24.940731, abs=1e-6)
    assert Photo.objects.get().may_be_public
    bob.follow(bob.page.get_by_role("button", name="Follow this report"))
    assert "Received" in bob.page.content()
    assert bob.context.cookies() == []
    assert bob.foreign == []


def test_a_place_is_picked_by_tapping_on_the_picture(bob):
    CityFactory()
    bob.go("/en/report/")
    bob.page.set_input_files("#photo-choose", PHOTOS / "no_position.jpg")
    picture = bob.page.locator('input[name="place"]')
    bob.follow(picture, position={"x": 160, "y": 160})
    assert "1 photo is kept" in bob.page.content()
    assert bob.page.locator("#field-lat").input_value() == ""
    bob.follow('input[name="place"]', position={"x": 200, "y": 100})
    lat = float(bob.page.locator("#field-lat").input_value())
    lon = float(bob.page.locator("#field-lon").input_value())
    assert 48 < lat < 49
    assert bob.overflow_px() == 0
    bob.page.get_by_label("north-east").check()
    bob.follow(bob.page.get_by_role("button", name="Send; the photo is for the moderators only"))
    sighting = Sighting.objects.get()
    assert (sighting.location.x, sighting.location.y) == (lon, lat)
    assert (sighting.direction, sighting.position_source) == ("45", "walker")
    assert Photo.objects.count() == 1


def test_the_enter_key_sends_nothing_yet(bob):
    bob.go("/en/report/")
    bob.page.locator("summary").first.click()
    bob.page.locator("#field-operator").fill("typed")
    bob.page.locator("#field-operator").press("Enter")
    assert bob.page.locator("#field-operator").input_value() == "typed"
    assert not Sighting.objects.exists()


def test_errors_are_read_first_and_lead_to_their_field(visit):
    walker = visit(size=PHONE)
    walker.go("/en/report/")
    skip_to_send(walker.page)
    walker.page.get_by_text("More, if you know it").click()
    walker.page.locator("#field-note").fill("kept")
    # Without a place the form itself is sent: the photo may have one.
    walker.follow("button[name=photo_use][value=public]")
    walker.page.wait_for_selector("#errors:focus")
    assert walker.page.locator("#field-note").input_value() == "kept"
    assert walker.axe() == []
    walker.page.locator("#errors a").first.click()
    walker.page.wait_for_url("**#place")
    assert walker.faults == []
    assert walker.foreign == []


def test_every_page_of_the_road_can_be_read_by_all(visit):
    walker = visit(size=PHONE)
    found = {}
    walker.go("/report/")
    found["report"] = (walker.axe(), walker.overflow_px())
    walker.page.set_input_files("#photo-choose", PHOTOS / "no_position.jpg")
    walker.page.locator("[data-step=place]").wait_for()
    skip_to_send(walker.page)
    # Where the phone can keep nothing, the form itself is sent.
    walker.page.evaluate("document.querySelector('meta[name=sealing-key]').remove()")
    walker.page.evaluate(
        """() => { for (const [name, value] of [["lat", "48.86"], ["lon", "2.35"]])
             document.querySelector(`[name="${name}"]`).value = value; }"""
    )
    walker.follow('button[name="photo_use"][value="public"]')
    walker.page.wait_for_selector("#code")
    found["sent"] = (walker.axe(), walker.overflow_px())
    walker.follow(walker.page.locator('form[action$="/receipts/"] button').first)
    walker.page.wait_for_selector('input[name="sure"]', state="attached")
    for summary in walker.page.locator("summary").all():
        summary.click()
    found["receipt"] = (walker.axe(), walker.overflow_px())
    walker.go("/receipts/")
    found["receipts"] = (walker.axe(), walker.overflow_px())
    assert found == dict.fromkeys(found, ([], 0))
    assert walker.faults == []
    assert walker.foreign == []
