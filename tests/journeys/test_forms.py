"""A plain form posts from real browsers without a cookie; a post from another site is refused."""

import pytest

from geo.position import LonLat
from mapper.operations.demo_pictures import draw_picture
from mapper.sightings.models import Sighting
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACE = LonLat(2.3522, 48.8566)


@pytest.fixture
def photo(tmp_path):
    """Return a photo that says where it was taken."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(
        draw_picture(
            kind="camera",
            camera_type="dome",
            mount="pole",
            position=PLACE,
            direction_deg=45.0,
            captured_local="2026:05:12 14:03:22",
            seed=1,
        )
    )
    return file


def test_a_report_is_sent_from_chromium_without_a_cookie(visit, photo):
    walker = visit(size=PHONE, javascript=False)
    assert walker.go("/report/") == 200
    walker.page.locator("input[name=photo]").last.set_input_files(photo)
    sent = walker.follow("button[name=photo_use][value=moderators]")
    assert sent.status == 201
    assert walker.page.locator(".code-words li").count() == 12
    assert walker.context.cookies() == []
    assert walker.foreign == []
    sighting = Sighting.objects.get()
    assert sighting.location.x == pytest.approx(PLACE.lon, abs=1e-5)
    assert not sighting.photos.get().may_be_public


def test_without_javascript_the_place_is_picked_on_a_picture(visit):
    walker = visit(size=PHONE, javascript=False)
    walker.go("/report/")
    # From far off a tap comes closer; from the street it places the pin.
    for _tap in range(8):
        walker.follow("input[type=image]", position={"x": 60, "y": 60})
        if walker.page.locator("input[name=lat]").input_value():
            break
    assert walker.page.locator("input[name=lon]").input_value()
    sent = walker.follow("button[name=photo_use][value=moderators]")
    assert sent.status == 201
    assert Sighting.objects.get().position_source == "walker"


def test_a_receipt_is_followed_and_withdrawn_without_javascript(visit, photo):
    walker = visit(size=PHONE, javascript=False)
    walker.go("/report/")
    walker.page.locator("input[name=photo]").last.set_input_files(photo)
    walker.follow("button[name=photo_use][value=moderators]")
    code = " ".join(walker.page.locator(".code-words li").all_inner_texts())
    walker.go("/receipts/")
    walker.page.locator("[name=code]").fill(code)
    followed = walker.follow(walker.page.locator("main form button").first)
    assert followed.status == 200
    assert code.split()[0] not in walker.page.url
    assert walker.page.locator("h1").count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("address", ["/report/", "/receipts/"])
def test_a_post_from_another_site_is_refused(client, address, headers):
    assert client.post(address, {"lat": "48.85", "lon": "2.35"}, headers=headers).status_code == 403
    assert not Sighting.objects.exists()
