"""Alice links a picture that others published; readers find the link, and nothing is fetched."""

import pytest

from mapper.photos.models import LinkedPicture
from tests.factories import CityFactory, make_osm_device
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_moderation import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PIC = "01234567-89ab-cdef-0123-456789abcdef"
TAGS = {"mapillary": "1234567890", "wikimedia_commons": "File:Caméra de la place.jpg"}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_she_links_it_and_readers_find_the_link(visit, alice, size, javascript):
    CityFactory()
    device = make_osm_device(**TAGS)
    alices = visit(size=size, javascript=javascript)
    sign_in(alices, "alice", prefix="/en")
    alices.go(f"/en/moderation/devices/{device.id}/")
    page = alices.page
    form = page.locator("form:has(button[value=link_picture])")
    assert form.locator("a").count() == len(TAGS)
    assert alices.overflow_px() <= 0
    if javascript:  # axe is a script itself
        assert alices.axe() == []
    form.locator("input[type=text], input[type=url]").fill("https://example.org/cat.jpg")
    alices.follow(form.locator("button"))
    assert "open the picture there and copy the address" in page.get_by_role("alert").inner_text()
    form.locator("input[type=text], input[type=url]").fill(
        f"https://panoramax.ign.fr/#focus=pic&pic={PIC}"
    )
    alices.follow(form.locator("button"))
    assert LinkedPicture.objects.get().picture == PIC
    readers = visit(size=size, javascript=javascript)
    readers.go(f"/en/devices/{device.id}/")
    hrefs = readers.page.locator("a[rel~=external]").evaluate_all(
        "links => links.map(link => link.href)"
    )
    for name in (PIC, "1234567890", "Cam%C3%A9ra_de_la_place.jpg"):
        assert [href for href in hrefs if name in href], name
    assert readers.overflow_px() <= 0
    for visitor in (alices, readers):
        assert visitor.foreign == []
        assert visitor.faults == []
