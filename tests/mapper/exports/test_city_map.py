"""The stand-alone map of a city: one file that fetches nothing and runs no stranger's text."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.core.management import call_command
from django.utils import translation

from mapper.errors import CommandFailure, Unavailable
from mapper.exports import city_map as city_map_module
from mapper.exports.city_map import city_map
from mapper.sightings.models import Device
from tests.factories import CityFactory, make_device, make_osm_device
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db

EVIL = "</script><script>alert(1)</script><img src=//evil.example onerror=alert(1)>"


class Attributes(HTMLParser):
    """Gathers what the elements of a page would fetch."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset")]


@pytest.fixture(autouse=True)
def _leaflet(settings):
    """Lay a short Leaflet by, so that no test needs the front end built."""
    folder = settings.STATIC_ROOT / "vendor"
    folder.mkdir(parents=True)
    (folder / "leaflet.js").write_text("window.L = {}; '</script>'\n//# sourceMappingURL=l.js.map")
    (folder / "leaflet.css").write_text(".a { background: url(images/layers.png) }")
    settings.STATICFILES_DIRS = []


def test_the_file_names_nothing_outside_that_would_be_fetched():
    city = CityFactory()
    make_rich_device(operator=EVIL)
    page = city_map(city)
    attributes = Attributes()
    attributes.feed(page)
    assert not attributes.addresses
    assert not re.findall(r"url\((?!none|\"data:|data:)", page)
    assert "@import" not in page
    assert "sourceMappingURL" not in page
    assert "cdn" not in page.lower()


def test_the_text_of_strangers_can_not_end_the_script_it_stands_in():
    city = CityFactory(name=EVIL)
    make_rich_device(operator=EVIL)
    page = city_map(city)
    assert "<img" not in page
    assert "alert(1)</script>" not in page
    # Its own scripts: folium's flags, Leaflet, ours, and the call.
    assert page.count("</script>") == page.count("<script>") == 4


def test_the_map_holds_the_default_download_of_the_city():
    city = CityFactory()
    shown = make_osm_device()
    elsewhere = make_osm_device(5.0, 45.0)
    unchecked = make_device(is_verified=False)
    page = city_map(city)
    assert str(shown.id) in page
    assert str(elsewhere.id) not in page
    assert str(unchecked.id) not in page
    assert "OpenStreetMap" in page
    assert "ODbL" in page


def test_a_private_home_is_shown_without_an_operator():
    city = CityFactory()
    device = make_rich_device(operator="Dupont")
    Device.objects.filter(id=device.id).update(is_private_home=True)
    assert "Dupont" not in city_map(city)


def test_the_same_data_gives_the_same_bytes():
    city = CityFactory()
    make_rich_device()
    assert city_map(city) == city_map(city)


def test_two_thousand_devices_weigh_less_than_two_megabytes(monkeypatch):
    city = CityFactory()
    device = make_rich_device()
    monkeypatch.setattr(city_map_module, "_leaflet", lambda name: "x" * 150_000)
    many = [device] * 2000
    page = city_map_module._as_script(city_map_module._said(city, many, "2026-11-23"))
    assert len(page.encode()) + 300_000 < 2_000_000


def test_the_download_is_a_file_to_keep_and_not_a_page_of_ours(client):
    city = CityFactory()
    answer = client.get(f"/data/cities/{city.slug}/map.html")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


def test_the_page_says_its_language_and_its_title():
    city = CityFactory()
    assert city_map(city).startswith('<!DOCTYPE html>\n<html lang="fr">\n')
    with translation.override("en"):
        page = city_map(city)
    assert '<html lang="en">' in page
    assert f"<title>Surveillance in {city.name}</title>" in page


def test_the_command_writes_the_same_file(client, tmp_path):
    city = CityFactory()
    make_osm_device()
    call_command("city_map", city.slug, "-o", str(tmp_path / "map.html"))
    answer = client.get(f"/data/cities/{city.slug}/map.html")
    assert (tmp_path / "map.html").read_bytes() == answer.content


@pytest.mark.parametrize("where", ["missing/map.html", "."])
def test_the_command_refuses_a_place_it_can_not_write_to(tmp_path, where):
    city = CityFactory()
    with pytest.raises(CommandFailure) as failure:
        call_command("city_map", city.slug, "-o", str(tmp_path / where))
    assert failure.value.returncode == 2
    assert not list(tmp_path.glob("**/*.part"))


def test_the_command_refuses_a_city_that_is_not_there(tmp_path):
    with pytest.raises(CommandFailure, match="atlantis"):
        call_command("city_map", "atlantis", "-o", str(tmp_path / "map.html"))


def test_without_a_built_front_end_the_map_says_what_to_do(settings):
    (settings.STATIC_ROOT / "vendor" / "leaflet.js").unlink()
    with pytest.raises(Unavailable, match="npm"):
        city_map(CityFactory())


@pytest.mark.parametrize("text", ["{{ 7 * 191 }}", "{{{{ 7 * 191 }}", "a{{{% if %}", "{# gone #}{"])
def test_the_text_of_strangers_is_no_template(text):
    """branca runs with Jinja what a part of the page has drawn, and Jinja reaches all of Python."""
    city = CityFactory(name=text)
    make_device(attributes={"kind": "camera", "operator": text})
    page = city_map(city)
    said = json.loads(page.rpartition("draw_city(map_city, ")[2].partition(");")[0])
    assert said["title"].endswith(f" {text}")
    (device,) = said["devices"]
    assert [line for line in device["lines"] if line.endswith(f" {text}")]
    assert f" {text}</title>" in page
