"""What a hostile client may send: each answer is a clear refusal, none a fault or half a row."""

import uuid

import pytest
from django.test import Client

from tests.factories import CityFactory, DocumentFactory, EventFactory, PhotoFactory, make_device
from tests.mapper.test_access import PUBLIC, access_of, filled, routes
from tests.published import publish_photo

pytestmark = pytest.mark.django_db

# As they stand in an address: NUL, no UTF-8, endless digits, floats that are no numbers, markup.
TEXTS = (
    "%00",
    "%FF%ED%A0%80",
    "9" * 5000,
    "Infinity",
    "nan,nan,nan,nan",
    "1e400,-1,0,1e400",
    "-1",
    "%D9%A3%C2%B2",
    "9999-99-99",
    "a" * 20_000,
    "'%22%3E%3Cscript%3E%2500",
)
_FILTERS = ("kind", "city", "bbox", "seen_since", "changed_since", "%00", "utf8%FF")
# What each page reads of its address; the filters of devices are read by one parser for all.
PARAMETERS = {
    "/?view=list&": ("page", "view", "map", *_FILTERS),
    "/report/?": ("device", "direction", "lat", "lon", "map_lon", "map_lat", "map_zoom", "kind"),
    "/cities/?": ("q", "department", "page"),
    "/cities/{slug}/?": ("page",),
    "/documents/?": ("q", "type", "city", "page"),
    "/documents/?q=vote&": ("page",),
    "/documents/vote/?": ("page",),
    "/map-picture.png?lon=1&lat=1&": ("lon", "lat", "zoom", "width", "height", "pin", "bbox"),
    "/map-picture.png?devices=1&bbox=1,2,3,4&": ("lang", "devices", *_FILTERS),
    "/tiles/devices/14/8115/5668.mvt?": _FILTERS,
    "/data/devices.csv?": _FILTERS,
    "/data/events.geojson?": _FILTERS,
    "/data/cities/{slug}/devices.csv?": _FILTERS,
    "/api/v1/devices/?": ("limit", "cursor", *_FILTERS),
    "/api/v1/events/?": ("limit", "cursor", *_FILTERS),
    "/api/v1/sightings/?": ("limit", "cursor", "bbox"),
    "/api/v1/cities/?": ("limit", "cursor", "q", "bbox"),
    "/api/v1/documents/?": ("limit", "cursor", "q", "city"),
    "/api/schema/?": ("lang", "format"),
    "/staff/login/?": ("next",),
    "/notice/?": ("device",),
}
JUNK_HEADERS = (
    {"Range": "bytes=0-1,2-3,0-,-1"},
    {"Range": "bytes=-0"},
    {"Range": "bytes=999999999999999-"},
    {"Range": "bytes=5-2"},
    {"Range": "bytes=" + ",".join(["0-"] * 2000)},
    {"Range": "lines=\x01-²"},
    {"If-None-Match": '"'},
    {"If-None-Match": "W/" * 5000},
    {"If-None-Match": "*, \"a\", W/'b', \xff"},
    {"If-Range": "\x00"},
    {"If-Modified-Since": "Thu, 99 Foo 99999 25:61:61 GMT"},
    {"If-Unmodified-Since": "0"},
    {"Accept": "a/" * 5000},
    {"Accept": ";q=nan,*/*;q=1e999"},
    {"Accept-Language": "a-" * 3000},
    {"Accept-Encoding": "gzip;q=nan"},
    {"Cookie": 'sessionid="\\000\\377"; csrftoken="\\000"; messages="\\000"'},
    {"Cookie": "messages=x; sessionid=" + "a" * 8000},
    {"Authorization": "Basic \xff"},
    {"X-Forwarded-For": "1.2.3.4, \x00, ::::1"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    {"X-Original-Url": "/moderation/", "X-Rewrite-Url": "/admin/"},
    {"X-Http-Method-Override": "DELETE"},
    {"Origin": "null"},
    {"Origin": "http://[::1"},
    {"Referer": "http://[bad"},
    {"Sec-Fetch-Site": "\xff"},
    {"Content-Type": "multipart/form-data; boundary="},
)


@pytest.fixture
def browser():
    """Return a stranger's browser that shows a fault as the 500 it is."""
    return Client(raise_request_exception=False)


@pytest.fixture
def values():
    """Return what fills the routes' parameters so that something is there."""
    device = make_device()
    photo = PhotoFactory()
    shown = publish_photo(photo.sighting, name="c" * 32 + ".jpg")
    shown.public_thumbnail_name = "d" * 32 + ".jpg"
    shown.save()
    return {
        "id": device.id,
        "slug": CityFactory().slug,
        "code": "35238",
        "format": "geojson",
        "name": shown.public_name,
        "day": "2026-05-12",
        "z": 14,
        "x": 8115,
        "y": 5668,
        "phone_id": uuid.uuid4(),
        "event": EventFactory().id,
        "document": DocumentFactory(slug="vote").id,
    }


def status_of(answer):
    """Return the status once the whole body was made."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def faults(browser, requests):
    """Return what of these (path, keywords) ended in a fault of ours."""
    found = []
    for path, more in requests:
        status = status_of(browser.get(path, **more))
        if status >= 500 and path.partition("?")[0] != "/healthz":
            found.append((path[:120], more, status))
    return found


def test_no_parameter_of_any_public_page_makes_a_fault(browser, values):
    asked = [
        (f"{path.format(**values)}{name}={text}", {})
        for path, names in PARAMETERS.items()
        for name in names
        for text in TEXTS
    ]
    assert faults(browser, asked) == []


@pytest.mark.parametrize("text", [*TEXTS[:8], "..%2f..%2f", "%2e%2e%5c", "a" * 3000, "%0d%0aX:y"])
def test_no_text_in_the_place_of_an_id_makes_a_fault(browser, values, text):
    found = []
    for route in routes():
        if access_of(route) != PUBLIC:
            continue
        for name in values:
            if f":{name}>" in route or f"<{name}>" in route:
                path = filled(route, values | {name: text})
                status = status_of(browser.get(path))
                if status >= 500:
                    found.append((path[:120], status))
    assert found == []


def test_no_header_makes_a_fault(browser, values):
    paths = ("/", "/devices/{id}/", "/data/devices.geojson", "/photos/{name}", "/api/v1/devices/")
    paths += (
        "/tiles/devices/14/8115/5668.mvt",
        "/receipts/",
        "/moderation/",
        "/admin/",
        "/nowhere",
    )
    asked = [(p.format(**values), {"headers": dict(h)}) for p in paths for h in JUNK_HEADERS]
    assert faults(browser, asked) == []
