"""The stand-alone map of a city, opened from a disk without a network."""

import pytest

from mapper.exports.city_map import city_map
from tests.factories import CityFactory, make_device, make_osm_device
from tests.journeys.conftest import AXE, DESKTOP, PHONE
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_file_opens_from_a_disk_and_asks_for_nothing(chromium, tmp_path, size):
    city = CityFactory()
    make_rich_device()
    make_device()
    make_osm_device()
    path = tmp_path / "map.html"
    path.write_text(city_map(city), encoding="utf-8")
    context = chromium.new_context(viewport=size, offline=True)
    page = context.new_page()
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri(), wait_until="load")
    page.locator(".leaflet-container canvas, .map-group").first.wait_for(state="attached")
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert city.name in page.title()
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == "Agrandir"
    assert page.locator(".leaflet-container").bounding_box()["height"] == size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document)).violations")
    assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert faults == []
    context.close()
