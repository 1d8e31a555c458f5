"""A reader ticks the layer of what is no device, and finds it beside the devices."""

import pytest
from django.contrib.gis.geos import Point

from mapper.osm.models import OsmFlag
from tests.factories import LAT, LON, CityFactory, make_osm_device
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flagged(db):
    CityFactory()
    make_osm_device()
    for number, kind in ((1, "enforcement"), (2, "car_park")):
        place = Point(LON + number / 2000, LAT, srid=4326)
        OsmFlag.objects.create(
            osm_type="relation", osm_id=number, version=1, kind=kind, location=place
        )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_reader_ticks_the_layer_and_reads_a_flag(visit, flagged, size):
    reader = visit(size=size)
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.go(f"/en/#map=16/{LAT}/{LON}")
    page = reader.page
    page.wait_for_selector(".mark")
    assert not [url for url in asked if "flags" in url]
    assert page.locator(".flag-mark").count() == 0
    if size == PHONE:
        page.click("[data-map-sheet]")
    page.get_by_label("Also show").check()
    page.locator("[data-map-flags-status]").get_by_text("shown.").wait_for()
    assert reader.axe() == []
    if size == PHONE:
        # The raised sheet leaves a strip of the map.
        page.click("[data-map-sheet]")
    page.wait_for_selector(".flag-mark")
    assert page.locator(".flag-mark").count() == 2
    mark = page.get_by_role("button", name="Traffic rules are checked here")
    mark.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a[rel=noreferrer]")
    link.wait_for()
    assert link.get_attribute("href") == "https://www.openstreetmap.org/relation/1"
    # What is asked for is a cell of some 50 km, not the view.
    (box,) = {url.partition("bbox=")[2] for url in asked if "flags.geojson" in url}
    west, _, east, _ = map(float, box.split(","))
    assert east - west > 0.7
    assert reader.foreign == []
    assert reader.faults == []


def test_without_scripts_there_is_no_box_that_does_nothing(visit, flagged):
    reader = visit(javascript=False)
    reader.go("/en/")
    assert not reader.page.get_by_label("Also show").is_visible()
