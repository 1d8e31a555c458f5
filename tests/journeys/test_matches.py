"""Alice settles matches with OpenStreetMap in a real browser: both ways, and back again."""

import pytest

from mapper.osm.matching import match_elements
from mapper.osm.models import DistinctPair, Match
from mapper.photos import storage
from mapper.sightings.models import Device
from tests.factories import LAT, LON, CityFactory, jpeg, make_device, make_osm_device, point
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_moderation import sign_in
from tests.published import accept_sighting, publish_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/moderation/osm/matches/"
LOOKS = [{"from": 90, "to": 90}]


@pytest.fixture
def two_matches(db):
    CityFactory()
    make_osm_device(
        **{
            "operator": "Ville de Rennes",
            "camera:direction": "90",
            "contact:website": "https://example.org/a/rather/long/address/without/any/space/in/it",
        }
    )
    make_osm_device(LON + 0.01, LAT)
    ours = make_device(
        location=point(LON + 0.00005, LAT), attributes={"kind": "camera", "directions": LOOKS}
    )
    make_device(location=point(LON + 0.0102, LAT), source="document")
    shown = accept_sighting(ours.claims.get())
    name = storage.write(storage.media(), jpeg((640, 480)), suffix=storage.PICTURE)
    photo = publish_photo(shown, name)
    photo.public_thumbnail_name = name
    photo.save()
    match_elements(is_quiet=True)
    assert Match.objects.open().count() == 2


@pytest.mark.parametrize(
    ("size", "javascript"),
    [(DESKTOP, True), (PHONE, False)],
    ids=["desktop", "phone-no-scripts"],
)
def test_alice_settles_both_and_takes_it_back(visit, alice, two_matches, size, javascript):
    alices = visit(size=size, javascript=javascript)
    sign_in(alices, "alice", prefix="/en")
    page = alices.page
    alices.follow("nav a:text-is('OpenStreetMap')")
    alices.follow("a[href$='/moderation/osm/matches/']")
    assert page.url.endswith(PAGE)
    assert page.locator(".match").count() == 2
    assert alices.overflow_px() <= 0
    drawn = page.locator(".match__map").first
    drawn.scroll_into_view_if_needed()
    assert drawn.evaluate("async (image) => { await image.decode(); return image.naturalWidth }")
    alices.picture(f"matches-{size['width']}-{'js' if javascript else 'plain'}")

    alices.follow(page.get_by_role("button", name="Two devices (1)"))
    assert "Kept as two devices." in page.locator("[role=status]").first.inner_text()
    assert page.locator(".match").count() == 1
    assert DistinctPair.objects.count() == 1
    alices.follow(".notice--good button")
    assert page.url.endswith(PAGE)
    assert page.locator(".match").count() == 2

    alices.follow(page.get_by_role("button", name="Same device (1)"))
    assert "Merged." in page.locator("[role=status]").first.inner_text()
    assert page.locator(".match").count() == 1
    assert Device.objects.present().count() == 3
    alices.follow(".notice--good button")
    assert Device.objects.present().count() == 4
    assert (alices.foreign, alices.faults) == ([], [])


@pytest.mark.parametrize(
    ("prefix", "size", "dark"),
    [("", PHONE, True), ("/en", DESKTOP, False)],
    ids=["fr-phone-dark", "en-desktop"],
)
def test_the_matches_are_open_to_all_senses(visit, alice, two_matches, prefix, size, dark):
    alices = visit(size=size, dark=dark)
    sign_in(alices, "alice", prefix=prefix)
    assert alices.go(prefix + PAGE) == 200
    assert (alices.axe(), alices.overflow_px()) == ([], 0)
    alices.picture(f"matches-{size['width']}-{prefix[1:] or 'fr'}-{dark}")
    Match.objects.all().delete()
    assert alices.go(prefix + PAGE) == 200
    assert (alices.axe(), alices.overflow_px()) == ([], 0)
