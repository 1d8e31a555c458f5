"""A document that speaks of a report nobody has checked: declared too, and in no figure."""

import pytest

from mapper.dossiers.figures import city_figures
from mapper.moderation import actions
from mapper.sightings.days import today
from mapper.sightings.models import Device
from tests.factories import LAT, LON, CityFactory, DocumentFactory
from tests.mapper.trust.conftest import on_map
from tests.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return CityFactory()


@pytest.fixture
def cited(city, erin):
    """Return the report of a point that an editor found in a document."""
    shown = on_map()
    document = DocumentFactory(slug="vote")
    document.pages.create(number=2, text="vingt caméras, dont une rue de la Paix")
    fields = {"page": 2, "quote": "vingt caméras", "device": str(shown[0].claim.device_id)}
    assert browser_of(erin).post("/documents/vote/desk/cite/", fields).status_code == 302
    return shown[0]


def downloads(client):
    return b"".join(client.get("/data/devices.csv?verification=declared,osm_only,verified"))


def test_it_is_declared_too_and_its_page_says_that_nobody_has_checked(cited, client):
    device = cited.claim.device
    device.refresh_from_db()
    assert (device.verification, device.sources) == ("declared", ["document", "walker"])
    assert device.updated_on.day == 1
    page = client.get(f"/en/devices/{device.id}/").text
    assert "on paper only" in page
    assert "not verified" in page
    assert "Nobody has verified this report" in page
    assert "vingt caméras" in page


def test_it_is_in_no_list_download_or_figure_whatever_is_asked(cited, city, client):
    assert not Device.objects.public().exists()
    assert not Device.objects.counted().exists()
    assert str(cited.claim.device_id).encode() not in downloads(client)
    assert city_figures(city=city, day=today()).known == 0
    listed = client.get("/api/v1/devices/?verification=declared").json()
    assert listed["features"] == []


def test_accepted_it_is_verified_and_refused_nothing_of_the_walk_stays(cited, alice):
    device = cited.claim.device
    cited.refresh_from_db()
    decision = actions.refuse_report(sighting=cited, actor=alice, reason="unclear")
    device.refresh_from_db()
    assert (device.state, device.location) == ("withdrawn", None)
    actions.undo(decision=decision, actor=alice)
    device.refresh_from_db()
    assert device.verification == "declared"
    cited.refresh_from_db()
    actions.accept_report(
        sighting=cited, actor=alice, position=None, device=None, corrections={}, gates={}
    )
    device.refresh_from_db()
    assert (device.verification, device.sources) == ("verified", ["document", "walker"])


def test_a_document_that_says_the_place_stands_by_itself(cited, erin, alice):
    place = {"lat": str(LAT), "lon": str(LON), "kind": "camera"}
    fields = {"page": 2, "quote": "rue de la Paix", "device": str(cited.claim.device_id), **place}
    browser_of(erin).post("/documents/vote/desk/cite/", fields)
    device = Device.objects.public().get()
    assert (device.verification, device.sources) == ("declared", ["document"])
    actions.refuse_report(sighting=cited, actor=alice, reason="unclear")
    assert Device.objects.public().get() == device
