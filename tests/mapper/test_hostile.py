"""What a hostile client may send: each answer is a clear refusal, none a fault or half a row."""

import json
import uuid

import pytest
from django.test import Client

from mapper.sightings.models import Sighting
from tests.factories import CityFactory, DocumentFactory, EventFactory, PhotoFactory, make_device
from tests.mapper.test_access import PUBLIC, access_of, filled, routes
from tests.people import browser_of
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
    "/walk/?": ("city", "party", "at"),
    "/walk/kit/?bbox=1.0,48.0,1.001,48.001&": ("city", "party", "bbox"),
    "/walk/kit/offline.html?": ("city", "party", "bbox"),
    "/walk/notes/?": ("sheet", "party"),
    "/walk/overview.png?": ("bbox", "lang"),
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


NASTY = (
    "\x00",
    "a\x00b",
    "\ud800",
    "9" * 5000,
    "Infinity",
    "-1e999",
    "\u202e<script>alert(1)</script>",
    "x" * 100_000,
    "'; DROP TABLE sightings_sighting; --",
    "٣",
)
REPORT_FIELDS = (
    *("lat", "lon", "kind", "seen_on", "direction", "camera_type", "mount", "operator_type"),
    *("operator", "note", "device", "presence", "seen_how", "photo_use", "consent_osm", "terms"),
    *("kept", "move", "map_lon", "map_lat", "map_zoom", "town", "map.x", "map.y", "drop_kept"),
)
GOOD = {"lat": "48.11", "lon": "-1.68", "kind": "camera"}


def half_made():
    """Count what a refused post must not leave."""
    return Sighting.objects.exclude(location__isnull=False, arrived_at__isnull=False).count()


def test_no_text_in_a_field_of_the_report_makes_a_fault(browser, settings):
    settings.SHARED_REPORTS_PER_HOUR = 10_000
    found = []
    for name in REPORT_FIELDS:
        for text in NASTY[:5]:
            said = GOOD | {name: text.encode("utf-8", "surrogatepass")}
            status = browser.post("/report/", said).status_code
            if status >= 500:
                found.append((name, text[:20], status))
    assert found == []
    assert half_made() == 0


def test_no_value_in_a_phones_report_makes_a_fault(browser, settings):
    settings.SHARED_REPORTS_PER_HOUR = 10_000
    values = [*NASTY, None, True, -0.0, 10**400, [], {}, [[[]]], {"a": {}}, 1.5]
    found = []
    for name in (*REPORT_FIELDS[:16], "receipt_hash", "language"):
        for value in values:
            body = json.dumps(GOOD | {name: value})
            path = f"/api/v1/sightings/{uuid.uuid4()}"
            answer = browser.put(path, body, content_type="application/json")
            if answer.status_code >= 500:
                found.append((name, repr(value)[:30], answer.status_code))
    assert found == []
    assert half_made() == 0


BODIES = {
    "nothing": (b"", "application/json"),
    "no JSON": (b"\xff\xfe\x00", "application/json"),
    "deep": (b"[" * 100_000, "application/json"),
    "NaN": (b'{"lat": NaN, "lon": Infinity}', "application/json"),
    "other charset": (b"{}", "application/json; charset=utf-99"),
    "no type": (b"{}", ""),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "empty boundary": (b"--\r\n", "multipart/form-data; boundary="),
    "long boundary": (b"--\r\n", "multipart/form-data; boundary=" + "b" * 5000),
    "boundary in Latin": (b"--\r\n", "multipart/form-data; boundary=\xe9"),
    "cut off": (
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\nabc',
        "multipart/form-data; boundary=x",
    ),
    "a thousand parts": (
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\na\r\n'
            for _ in range(1000)
        )
        + b"--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "a thousand fields": (
        b"&".join(b"f%d=1" % number for number in range(1000)),
        "application/x-www-form-urlencoded",
    ),
    "a head too long": (
        b"--x\r\nContent-Disposition: form-data; name=" + b"n" * 70_000 + b"\r\n\r\na\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "bad base64": (
        b'--x\r\nContent-Disposition: form-data; name="note"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "a foreign charset": (b"note=%ff", "application/x-www-form-urlencoded; charset=utf-99"),
}


@pytest.mark.parametrize("name", BODIES)
def test_no_body_makes_a_fault(browser, name):
    body, content_type = BODIES[name]
    paths = ("/report/", "/receipts/", "/staff/login/", "/", "/data/devices.csv", "/moderation/")
    statuses = {
        path: browser.generic("POST", path, body, content_type).status_code for path in paths
    }
    phone = f"/api/v1/sightings/{uuid.uuid4()}"
    statuses[phone] = browser.generic("PUT", phone, body, content_type).status_code
    phone = f"/api/v1/photos/{uuid.uuid4()}?sighting={uuid.uuid4()}"
    statuses[phone] = browser.generic("PUT", phone, body, content_type).status_code
    phone = f"/api/v1/sealed/sightings/{uuid.uuid4()}"
    statuses[phone] = browser.generic("PUT", phone, body, content_type).status_code
    assert [found for found in statuses.items() if found[1] >= 500] == []
    assert Sighting.objects.count() == 0


def test_no_text_makes_a_fault_at_the_desk(alice, values, bobs_report):
    """Whoever is signed in may slip too, and a moderator may be hostile."""
    moderator = browser_of(alice)
    moderator.raise_request_exception = False
    report, device = (
        f"/moderation/reports/{bobs_report.id}/",
        f"/moderation/devices/{values['id']}/",
    )
    fields = [
        *((report, "accept", name) for name in ("lat", "direction", "device", "version")),
        *((report, "accept", name) for name in ("label_photo", "operator", "act")),
        *((device, "correct", name) for name in ("lon", "operator", "version")),
        *((device, "merge", "survivor"), (device, "hide", "photo")),
        ("/moderation/decisions/", "", "decision"),
    ]
    found = []
    for path, act, name in fields:
        for text in NASTY[:4]:
            said = {"act": act, "version": "1", "lat": "48.11", "lon": "-1.68"}
            said[name] = text.encode("utf-8", "surrogatepass")
            status = moderator.post(path, said).status_code
            if status >= 500:
                found.append((path, name, text[:20], status))
            elif status == 302:  # Decided: the next text finds an open report again.
                Sighting.objects.filter(id=bobs_report.id).update(state="received", version=1)
    assert found == []


def test_no_address_of_the_admin_makes_a_fault(oscar):
    operator = browser_of(oscar)
    operator.raise_request_exception = False
    paths = ("/admin/places/city/", "/admin/sightings/event/", "/admin/documents/document/")
    names = ("q", "p", "o", "_to_field", "_popup", "id__exact", "name__regex")
    asked = [(f"{p}?{name}={text}", {}) for p in paths for name in names for text in TEXTS[:7]]
    asked += [(f"{path}{text}/change/", {}) for path in paths for text in TEXTS[:9]]
    assert faults(operator, asked) == []
