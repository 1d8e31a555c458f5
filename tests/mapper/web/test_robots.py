"""What browsers and crawlers ask of every site: an icon, robots.txt, the way into the API."""

import re

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def allows(client):
    """Return whether a crawler that reads robots.txt (RFC 9309) may fetch an address."""
    text = client.get("/robots.txt").text
    rules = re.findall(r"^Disallow: (\S+)$", text, re.MULTILINE)
    patterns = [".*".join(re.escape(part) for part in rule.split("*")) for rule in rules]
    return lambda address: not any(re.match(pattern, address) for pattern in patterns)


@pytest.mark.parametrize(
    "address",
    ["/", "/en/", "/cities/", "/cities/rennes-35238/", "/documents/a/", "/data/",
     "/data/devices.csv", "/about/", "/walk/", "/devices/2a/", "/static/assets/main.js"],
)  # fmt: skip
def test_crawlers_may_read_what_is_public(allows, address):
    assert allows(address)


@pytest.mark.parametrize(
    "address",
    ["/admin/", "/moderation/", "/en/moderation/reports/", "/staff/login/", "/en/staff/login/",
     "/receipts/", "/documents/new/", "/data/devices.csv?kind=camera",
     "/data/cities/rennes-35238/devices.geojson?status=active", "/api/v1/devices/?cursor=x",
     "/tiles/devices/3/2/1.mvt", "/map-picture.png?z=3",
     "/walk/kit/?bbox=1,2,3,4", "/en/walk/notes/", "/walk/?city=rennes"],
)  # fmt: skip
def test_crawlers_keep_away_from_staff_and_from_costly_answers(allows, address):
    assert not allows(address)


def test_robots_txt_is_plain_and_cached(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "max-age=60"
    assert answer.text.startswith("User-agent: *\nDisallow: /")


def test_the_icon_that_browsers_ask_for_unasked_is_found(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/favicon.ico")


def test_the_way_into_the_api_leads_to_its_version(client):
    answer = client.get("/api/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/v1/")


def test_the_security_contact_is_told_where_there_is_one(client, settings):
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = client.get("/.well-known/security.txt")
    assert "Contact: mailto:security@example.org\n" in answer.text
    assert "\nExpires: " in answer.text
