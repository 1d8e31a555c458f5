"""Every page in a real Chromium: phone, desktop, French, English, with JavaScript and without.

One demo serves all looks, since loading it is the dear part.
"""

import pytest
from django.core.management import call_command
from django.urls import reverse

from geo.position import LonLat
from geo.tiles import tile_at, tile_bbox
from geo.walk_sheets import SHEET_ZOOM, quarter_text, sheet_code
from mapper.documents.models import Document
from mapper.photos.models import Photo
from mapper.places.models import City
from mapper.sightings.models import Device, Event
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Of the demo's streets.
SHEET = sheet_code(tile_at(LonLat(24.945, 60.170), SHEET_ZOOM))
QUARTER = quarter_text(tile_bbox(tile_at(LonLat(24.945, 60.170), SHEET_ZOOM - 1)))

STANDING = ("about", "legal", "privacy", "safety", "notice", "look_alikes")


@pytest.fixture
def demo(settings):
    """Load the demo into this test's database and folders."""
    settings.IS_DEMO = True
    call_command("load_demo", verbosity=0)


def public_pages():
    """Return the French address of one page of every kind."""
    city = City.objects.get()
    photo = Photo.objects.public().select_related("sighting__claim").first()
    return [
        "/",
        "/?view=list",
        "/?kind=alpr&view=list",
        "/report/",
        f"/report/?device={photo.sighting.claim.device_id}",
        "/receipts/",
        reverse("device", args=[photo.sighting.claim.device_id]),
        reverse("device", args=[Device.objects.filter(verification="osm_only").first().id]),
        reverse("device", args=[Device.objects.filter(verification="declared").first().id]),
        reverse("event", args=[Event.objects.get().id]),
        "/cities/",
        reverse("city", args=[city.slug]),
        "/documents/",
        "/documents/?q=drone",
        "/documents/?q=introuvable",
        reverse("document", args=[Document.objects.first().slug]),
        "/data/",
        "/walk/",
        f"/walk/?city={city.slug}&party=banana",
        f"/walk/kit/?bbox={QUARTER}&party=banana",
        "/walk/notes/",
        f"/walk/notes/?sheet={SHEET}&party=banana",
        f"/notice/?photo={photo.id}",
        f"/notice/?device={photo.sighting.claim.device_id}",
        *(reverse(name) for name in STANDING),
    ]


# Each size, language and state of JavaScript, in pairs that cover every two of them.
LOOKS = ((PHONE, "", True), (DESKTOP, "/en", True), (PHONE, "/en", False), (DESKTOP, "", False))


def test_every_page_works_everywhere_and_asks_nobody_else(demo, visit):
    failures = []
    pages = public_pages()
    for size, language, javascript in LOOKS:
        visitor = visit(size=size, javascript=javascript)
        for path in pages:
            name = f"{language}{path} {size['width']} {'js' if javascript else 'no js'}"
            status = visitor.go(language + path)
            if status != 200:
                failures.append(f"{name}: status {status}")
            if visitor.page.locator("h1").count() != 1:
                failures.append(f"{name}: {visitor.page.locator('h1').count()} headings of rank 1")
            if visitor.page.locator("html").get_attribute("lang") != (language[1:] or "fr"):
                failures.append(f"{name}: wrong language attribute")
            if javascript:
                failures += [f"{name}: {finding}" for finding in visitor.axe()]
                if visitor.overflow_px() > 0:
                    failures.append(f"{name}: {visitor.overflow_px()} px too wide")
        failures += [f"left the origin: {url}" for url in visitor.foreign]
        failures += [f"fault: {fault}" for fault in visitor.faults]
        failures += [f"cookie: {cookie}" for cookie in visitor.context.cookies()]
    assert not failures, "\n".join(failures)
