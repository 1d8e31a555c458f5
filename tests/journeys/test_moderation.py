"""Alice moderates and Erin edits in a real browser: with a map, without JavaScript, on a phone."""

import pytest

from mapper.moderation.actions import refuse_report
from mapper.sightings.models import Device, Event, Sighting
from tests.factories import (
    LAT,
    LON,
    PASSWORD,
    CitationFactory,
    CityFactory,
    DossierFactory,
    EventFactory,
    PhotoFactory,
    ReceiptFactory,
    SightingFactory,
    make_osm_device,
    point,
)
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


@pytest.fixture
def report(db):
    CityFactory()
    receipt = ReceiptFactory()
    PhotoFactory(sighting=receipt.sighting)
    make_osm_device(lon=LON + 0.0002)
    return receipt.sighting


def sign_in(visitor, name, *, prefix=""):
    visitor.go(f"{prefix}/staff/login/")
    visitor.page.fill("[name=username]", name)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.follow("button[type=submit].button--primary")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_alice_decides_and_takes_it_back(visit, alice, report, size, javascript):
    following = SightingFactory()
    alices = visit(size=size, javascript=javascript)
    sign_in(alices, "alice", prefix="/en")
    page = alices.page
    alices.follow("text=Look at the next one")
    assert str(report.id) in page.url
    assert alices.overflow_px() <= 0
    page.click(".desk-bar button:has-text('Accept')")
    alices.follow("button[name=device][value=new]")
    assert str(following.id) in page.url
    assert "Accepted. 1 left." in page.locator("[role=status]").first.inner_text()
    assert Sighting.objects.get(id=report.id).state == "accepted"
    alices.follow(".notice--good button")
    assert str(report.id) in page.url
    assert Sighting.objects.get(id=report.id).state == "received"
    assert alices.foreign == []
    assert alices.faults == []


def test_alice_moves_the_pin_with_the_keyboard(visit, alice, report):
    alices = visit()
    sign_in(alices, "alice", prefix="/en")
    alices.go(f"/en/moderation/reports/{report.id}/")
    pin = alices.page.locator("[data-moderation-map] .leaflet-marker-pane [tabindex='0']").last
    pin.focus()
    for _ in range(5):
        alices.page.keyboard.press("ArrowRight")
    assert float(alices.page.input_value("[name=lon]")) > LON
    alices.page.keyboard.press("a")
    alices.follow("button[name=device][value=new]")
    assert alices.page.url.endswith("/moderation/")
    assert Device.objects.get(sources=["walker"]).position_source == "moderator"
    assert alices.faults == []


def test_alice_places_it_on_the_picture_without_scripts(visit, alice, report):
    alices = visit(javascript=False)
    sign_in(alices, "alice", prefix="/en")
    alices.go(f"/en/moderation/reports/{report.id}/")
    alices.page.fill("[name=operator]", "Ville de Rennes")
    alices.follow("input[type=image]", position={"x": 200, "y": 160})
    assert float(alices.page.input_value("[name=lon]")) > LON
    assert alices.page.input_value("[name=operator]") == "Ville de Rennes"
    assert Sighting.objects.get(id=report.id).state == "received"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("prefix", ["", "/en"], ids=["fr", "en"])
def test_the_pages_of_moderation_are_open_to_all_senses(visit, alice, report, size, prefix):
    refuse_report(sighting=SightingFactory(), actor=alice, reason="unclear")
    alices = visit(size=size)
    sign_in(alices, "alice", prefix=prefix)
    device = Device.objects.get()
    for path in (
        "/moderation/",
        f"/moderation/reports/{report.id}/",
        f"/moderation/devices/{device.id}/",
        "/moderation/decisions/",
        "/moderation/figures/",
        "/moderation/batch/",
        "/staff/login/",
        "/staff/second-factor/",
    ):
        assert alices.go(prefix + path) == 200
        assert alices.axe() == [], path
        assert alices.overflow_px() <= 0, path
    assert alices.foreign == []
    assert alices.faults == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_alice_accepts_several_at_once_but_one(visit, alice, size, javascript):
    CityFactory()
    for number in range(3):
        place = point(LON + 0.002 * number)
        made = SightingFactory(note="", operator="", location=place)
        PhotoFactory(sighting=made)
    alices = visit(size=size, javascript=javascript)
    sign_in(alices, "alice", prefix="/en")
    alices.follow("text=Several at once")
    if javascript:
        assert alices.axe() == []
        shown = "[...document.querySelectorAll('.batch img')].map((i) => i.naturalWidth > 0)"
        assert alices.page.evaluate(shown) == [True, True, True]
    assert alices.overflow_px() <= 0
    alices.page.locator("[name=report]").nth(1).uncheck()
    alices.follow("text=Accept what is ticked")
    assert "2 reports accepted." in alices.page.locator("[role=status]").first.inner_text()
    states = sorted(Sighting.objects.values_list("state", flat=True))
    assert states == ["accepted", "accepted", "received"]
    alices.follow(".undo-bar button")
    assert "2 of 2 decisions are taken back." in alices.page.inner_text("main")
    assert set(Sighting.objects.values_list("state", flat=True)) == {"received"}
    assert alices.faults == []


def test_erin_places_an_event_on_our_own_map(visit, erin):
    erins = visit()
    sign_in(erins, "erin")
    event = EventFactory()
    assert erins.go(f"/admin/sightings/event/{event.id}/change/") == 200
    page = erins.page
    pin = page.locator(".map--admin .leaflet-marker-pane [tabindex='0']").first
    pin.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    erins.follow("[name=_save]")
    moved = Event.objects.get()
    assert moved.location.x > LON
    assert moved.location.y == pytest.approx(LAT)
    assert erins.foreign == []
    assert erins.faults == []


def test_erin_finds_a_citation_for_a_statement(visit, erin):
    citation, dossier = CitationFactory(quote="vingt caméras"), DossierFactory()
    erins = visit()
    sign_in(erins, "erin")
    erins.go(f"/admin/dossiers/dossier/{dossier.pk}/change/")
    page = erins.page
    page.locator("#statements-group .add-row a").click()
    page.fill("[name=statements-0-text]", "Twenty cameras.")
    page.locator("#statements-0 .select2-selection").click()
    page.keyboard.type("vingt")
    page.locator(".select2-results__option--highlighted").click()
    erins.follow("[name=_save]")
    assert page.url.endswith("/admin/dossiers/dossier/")
    assert list(dossier.statements.get().citations.all()) == [citation]
    for path in (
        "/admin/",
        f"/admin/places/city/{dossier.city_id}/change/",
        "/admin/sightings/event/add/",
    ):
        erins.go(path)
    assert erins.foreign == []
    assert erins.faults == []
