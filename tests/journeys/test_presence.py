"""Two taps, "still there" and "gone": from a device's page and from the map near me."""

import re

import pytest

from mapper.sightings.models import Sighting
from tests.factories import make_osm_device
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_walk import LAT, LON, Walker, coordinates_in, stand_at, stored_positions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENT = "h1[data-when=sent]:visible"
KEPT = "h1[data-when=kept]:visible"
THERE = ".presence .choice:has([value=there])"
GONE = ".presence .choice:has([value=gone])"
SEND = ".presence__send button"


@pytest.mark.parametrize(("said", "button"), [("there", THERE), ("gone", GONE)])
def test_two_taps_on_a_device_page_are_enough_without_javascript(visit, said, button):
    device = make_osm_device(lon=LON, lat=LAT)
    visitor = visit(size=PHONE, javascript=False)
    visitor.go(f"/devices/{device.id}/")
    visitor.page.locator(button).click()
    assert visitor.follow(SEND).status == 201
    assert visitor.page.locator("#code li").count() == 12
    sighting = Sighting.objects.get()
    assert (sighting.confirms_device, sighting.presence) == (device, said)
    assert visitor.context.cookies() == []
    assert visitor.foreign == []


def test_nothing_is_sent_before_one_of_the_two_was_chosen(visit):
    device = make_osm_device(lon=LON, lat=LAT)
    visitor = visit(size=PHONE)
    visitor.go(f"/devices/{device.id}/")
    assert visitor.page.locator(SEND).is_hidden()
    visitor.page.locator(THERE).click()
    assert visitor.page.locator(SEND).is_visible()
    assert not Sighting.objects.exists()


def test_two_taps_on_a_device_page_wait_sealed_without_a_network(visit):
    device = make_osm_device(lon=LON, lat=LAT)
    visitor = visit(size=PHONE, offline=True)
    walker = Walker(visitor)
    visitor.go(f"/devices/{device.id}/")
    walker.page.wait_for_load_state("networkidle")
    assert walker.page.evaluate("navigator.serviceWorker.getRegistrations()") == []
    walker.tap(THERE)
    walker.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.context.set_offline(True)
    walker.tap(SEND)
    walker.page.wait_for_selector(KEPT)
    assert walker.taps == 2
    assert len(walker.page.locator("#code li").all_inner_texts()) == 12
    assert walker.page.get_by_text("Ce navigateur n’a pas promis").is_visible()
    assert stored_positions(walker.page) == []
    tags = "navigator.serviceWorker.ready.then((worker) => worker.sync.getTags())"
    assert walker.page.evaluate(tags) == ["contrechamp-outbox"]
    visitor.context.set_offline(False)
    walker.page.wait_for_selector(SENT)
    sighting = Sighting.objects.get()
    assert (sighting.confirms_device, sighting.presence) == (device, "there")
    assert (sighting.seen_how, sighting.seen_on) == ("on_site", local_day(walker.page))
    assert [fault for fault in visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []
    assert visitor.foreign == []


def local_day(page) -> str:
    """Return today on the phone's clock."""
    return page.evaluate("new Date().toLocaleDateString('sv')")


def find_me(walker) -> None:
    """Tap on "show where I am" and wait for what is near."""
    walker.page.wait_for_selector(".map .leaflet-marker-icon")
    walker.tap(".map-button")
    walker.page.wait_for_selector("path.accuracy")


def test_two_taps_from_the_map_near_me_and_nobody_is_told_where(visit):
    near = make_osm_device(lon=LON, lat=LAT + 0.0003)
    make_osm_device(lon=LON + 0.02, lat=LAT)
    visitor = visit(size=PHONE)
    stand_at(visitor, accuracy=8)
    walker = Walker(visitor)
    visitor.go("/")
    find_me(walker)
    walker.tap("[data-map-sheet]")
    row = walker.page.locator("[data-map-list] li").first
    row.get_by_text(re.compile(r"33\sm")).wait_for()
    assert stored_positions(walker.page) == []
    walker.taps = 0
    walker.tap("[data-map-list] li:first-child .presence__pair button:nth-child(2)")
    dialog = walker.page.locator("dialog[open]")
    dialog.wait_for()
    assert dialog.locator("[name=presence]:checked").get_attribute("value") == "gone"
    assert visitor.axe() == []
    before = list(walker.asked)
    walker.tap(SEND)
    walker.page.wait_for_selector(f"dialog {SENT}")
    assert walker.taps == 2
    assert visitor.axe() == []
    assert [line for line in before if coordinates_in(line)] == []
    # No tile is finer than a quarter: of a street corner they would say the corner.
    zooms = re.findall(r"/tiles/devices/(\d+)/", "\n".join(before))
    assert 0 < max(int(zoom) for zoom in zooms) <= 16
    sighting = Sighting.objects.get()
    assert (sighting.confirms_device, sighting.presence) == (near, "gone")
    # Its place is the known one, not the walker's.
    assert sighting.location == near.location
    # The map is still there, and the next one can be said.
    walker.tap("dialog [data-to-map]")
    assert walker.page.locator("dialog[open]").count() == 0
    assert "Envoyé" not in walker.page.title()
    walker.tap("[data-map-list] li:first-child .presence__pair button:nth-child(1)")
    assert dialog.locator("[name=presence]:checked").get_attribute("value") == "there"
    assert visitor.faults == []
    assert visitor.foreign == []
    assert visitor.context.cookies() == []


def test_a_popup_of_the_map_asks_the_same_by_keys_alone(visit):
    device = make_osm_device(lon=LON, lat=LAT)
    visitor = visit(size=DESKTOP)
    visitor.go("/en/")
    marker = visitor.page.locator(".map .leaflet-marker-icon")
    marker.wait_for()
    marker.focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.locator(".leaflet-popup").get_by_role("button", name="Still there").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.locator("dialog[open]").wait_for()
    visitor.page.keyboard.press("Escape")
    assert visitor.page.locator("dialog[open]").count() == 0
    visitor.page.keyboard.press("Enter")
    visitor.page.locator(f"dialog[open] {SEND}").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector(f"dialog {SENT}")
    assert Sighting.objects.get().confirms_device == device
    assert visitor.faults == []


def test_everybody_can_use_the_two_taps(visit):
    device = make_osm_device(lon=LON, lat=LAT)
    found = {}
    for size in (PHONE, DESKTOP):
        visitor = visit(size=size)
        visitor.go(f"/en/devices/{device.id}/")
        visitor.page.locator(GONE).click()
        found[size["width"]] = (visitor.axe(), visitor.overflow_px())
    assert found == dict.fromkeys(found, ([], 0))
