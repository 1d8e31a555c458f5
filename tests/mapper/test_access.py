"""Who may open what: every route of the resolver, every role, reading and writing.

A new route fails here until it has its one line in ACCESS (or, in the admin, in ADMIN_MODELS).
"""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from mapper.moderation.models import Notice
from mapper.photos import storage
from mapper.sightings.models import Device
from mapper.trust.actions import enter, publish_due
from tests.factories import (
    LAT,
    LON,
    CitationFactory,
    CityFactory,
    DocumentFactory,
    DossierFactory,
    EventFactory,
    ExcludedAreaFactory,
    PhotoFactory,
    ReceiptFactory,
    SchoolFactory,
    SightingFactory,
    box,
    jpeg,
    make_device,
    point,
)
from tests.people import browser_of
from tests.published import accept_sighting, publish_photo

pytestmark = pytest.mark.django_db

# Everybody; all staff; moderators and operators; operators alone.
PUBLIC = ("stranger", "editor", "moderator", "operator")
STAFF = ("editor", "moderator", "operator")
MODERATORS = ("moderator", "operator")
OPERATORS = ("operator",)

ACCESS = {
    "": PUBLIC,
    "report/": PUBLIC,
    "report/queue/": PUBLIC,
    "report/erased": PUBLIC,
    "service_worker.js": PUBLIC,
    "manifest.webmanifest": PUBLIC,
    "receipts/": PUBLIC,
    "devices/<uuid:id>/": PUBLIC,
    "devices/<uuid:id>.json": PUBLIC,
    "events/<uuid:id>/": PUBLIC,
    "events/<uuid:id>.json": PUBLIC,
    "cities/": PUBLIC,
    "cities/<slug:slug>/": PUBLIC,
    "cities/<str:code>/": PUBLIC,
    "cities/(?P<slug>[-\\w]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/": PUBLIC,
    "documents/": PUBLIC,
    "documents/<slug:slug>/": PUBLIC,
    "documents/<slug:slug>/file.pdf": PUBLIC,
    "data/": PUBLIC,
    "data/devices.<str:format>": PUBLIC,
    "data/flags.geojson": PUBLIC,
    "data/events.<str:format>": PUBLIC,
    "data/cities/<slug:slug>/devices.<str:format>": PUBLIC,
    "data/cities/<slug:slug>/map.html": PUBLIC,
    "photos/(?P<name>[0-9a-f]{32}\\.jpg)": PUBLIC,
    "photos/thumbnails/(?P<name>[0-9a-f]{32}\\.jpg)": PUBLIC,
    "tiles/devices/<str:z>/<str:x>/<str:y>.mvt": PUBLIC,
    "tiles/devices.json": PUBLIC,
    "basemap/base.pmtiles": PUBLIC,
    "map-picture.png": PUBLIC,
    "walk/": PUBLIC,
    "walk/kit/": PUBLIC,
    "walk/kit/offline.html": PUBLIC,
    "walk/notes/": PUBLIC,
    "walk/sheets/<str:code>.png": PUBLIC,
    "walk/overview.png": PUBLIC,
    "about/": PUBLIC,
    "look-alikes/": PUBLIC,
    "legal/": PUBLIC,
    "privacy/": PUBLIC,
    "safety/": PUBLIC,
    "notice/": PUBLIC,
    "leak/": PUBLIC,
    ".well-known/security.txt": PUBLIC,
    "robots.txt": PUBLIC,
    "favicon.ico": PUBLIC,
    "api/": PUBLIC,
    "healthz": PUBLIC,
    "api/schema/": PUBLIC,
    "api/docs/": PUBLIC,
    "api/docs/start.js": PUBLIC,
    "api/v1/": PUBLIC,
    "api/v1/devices/": PUBLIC,
    "api/v1/devices/<uuid:id>/": PUBLIC,
    "api/v1/events/": PUBLIC,
    "api/v1/events/<uuid:id>/": PUBLIC,
    "api/v1/sightings/": PUBLIC,
    "api/v1/sightings/<uuid:id>/": PUBLIC,
    "api/v1/sightings/<uuid:phone_id>": PUBLIC,
    "api/v1/photos/<uuid:phone_id>": PUBLIC,
    "api/v1/sealed/sightings/<uuid:phone_id>": PUBLIC,
    "api/v1/sealed/photos/<uuid:phone_id>": PUBLIC,
    "api/v1/sealed/key": PUBLIC,
    "api/v1/challenge": PUBLIC,
    "api/v1/cities/": PUBLIC,
    "api/v1/cities/<slug:slug>/": PUBLIC,
    "api/v1/documents/": PUBLIC,
    "api/v1/documents/<uuid:id>/": PUBLIC,
    "staff/login/": PUBLIC,
    "staff/logout/": PUBLIC,
    "staff/second-factor/": STAFF,
    "staff/pseudonym/": STAFF,
    "moderation/": MODERATORS,
    "moderation/step/": MODERATORS,
    "moderation/sitting/": MODERATORS,
    "moderation/batch/": MODERATORS,
    "moderation/figures/": STAFF,
    "feeds/moderation/<str:secret>.atom": PUBLIC,
    "moderation/reports/<uuid:id>/": MODERATORS,
    "moderation/reports/<uuid:id>.json": MODERATORS,
    "moderation/photos/<uuid:id>/": MODERATORS,
    "moderation/photos/<uuid:id>/boxes/": MODERATORS,
    "moderation/devices/<uuid:id>/": MODERATORS,
    "moderation/trust/": MODERATORS,
    "moderation/osm/": MODERATORS,
    "moderation/osm/devices/<uuid:id>/": MODERATORS,
    "moderation/osm/devices/<uuid:id>.osc": MODERATORS,
    "moderation/osm/account/": MODERATORS,
    "moderation/osm/held/": MODERATORS,
    # The way back from another site, without our session; the step after it is a moderator's.
    "moderation/osm/account/back/": PUBLIC,
    "moderation/notices/": MODERATORS,
    "moderation/notices/<uuid:id>/": MODERATORS,
    "moderation/notices/<uuid:id>/photo/": MODERATORS,
    "moderation/osm/matches/": MODERATORS,
    "moderation/decisions/": STAFF,
    "moderation/import/": STAFF,
    "moderation/import/photo/": STAFF,
    "documents/new/": STAFF,
    "documents/<slug:slug>/desk/": STAFF,
    "documents/<slug:slug>/desk/publish/": STAFF,
    "documents/<slug:slug>/desk/withdraw/": STAFF,
    "documents/<slug:slug>/desk/cite/": STAFF,
    # The admin's own login leads to the one login, its logout harms nobody.
    "admin/login/": PUBLIC,
    "admin/logout/": PUBLIC,
    "admin/": STAFF,
    "admin/password_change/": STAFF,
    "admin/password_change/done/": STAFF,
    "admin/autocomplete/": STAFF,
    "admin/jsi18n/": STAFF,
    "admin/r/<path:content_type_id>/<path:object_id>/": STAFF,
    "admin/(?P<app_label>)/": STAFF,
    "admin/(?P<url>.*)": STAFF,
}
ADMIN_MODELS = {
    "places/city": STAFF,
    "places/excludedarea": STAFF,
    "places/school": STAFF,
    "accounts/user": OPERATORS,
    "sightings/event": STAFF,
    "documents/document": STAFF,
    "documents/citation": STAFF,
    "dossiers/dossier": STAFF,
}
# What even those who may open the rest of a model's pages get a 403 for.
NEVER = re.compile(
    r"admin/(?:places/\w+|accounts/user|documents/\w+)/add/"
    r"|admin/(?:places/\w+|accounts/user|sightings/event|documents/document|dossiers/dossier)"
    r"/<path:object_id>/delete/"
)


def routes(patterns=None, prefix=""):
    """Yield every route as one text, without the language's prefix."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix if _is_language(pattern) else route)
        else:
            # The admin lists its apps in a pattern; what they are is ADMIN_MODELS' business.
            yield re.sub(r"\(\?P<app_label>[^)]*\)", "(?P<app_label>)", route)


def _is_language(resolver):
    return type(resolver.pattern).__name__ == "LocalePrefixPattern"


def access_of(route):
    for model, who in ADMIN_MODELS.items():
        if route.startswith(f"admin/{model}/"):
            return who
    return ACCESS.get(route)


def filled(route, values):
    """Return a route's address with its parameters filled in."""

    def fill(match):
        return str(values.get(match["name"], "x"))

    path = re.sub(r"\(\?P<(?P<name>\w+)>[^)]*\)", fill, route)
    return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", fill, path).replace("\\.", ".")


def _notice_of_a_photo():
    shown = accept_sighting(make_device().claims.get())
    name = storage.write(storage.media(), jpeg(), suffix=storage.PICTURE)
    photo = publish_photo(shown, name)
    return Notice.objects.create(
        code_key="k", reason="person", target_kind="photo", target=photo.id
    )


def _given_on():
    """Return a device that OSM might be told of."""
    device = make_device()
    accept_sighting(device.claims.get(), seen_how="on_site", has_osm_consent=True)
    return device


@pytest.fixture
def ids():
    """Return an id for each kind of staff page."""
    report = SightingFactory()
    return {
        "moderation/reports": report.id,
        "moderation/photos": PhotoFactory(sighting=report).id,
        "moderation/devices": make_device().id,
        "moderation/osm/devices": _given_on().id,
        "moderation/notices": _notice_of_a_photo().id,
        "admin/places/city": CityFactory().pk,
        "admin/places/excludedarea": ExcludedAreaFactory().pk,
        "admin/places/school": SchoolFactory().pk,
        "admin/sightings/event": EventFactory().pk,
        "admin/documents/document": DocumentFactory(slug="vote").pk,
        "admin/documents/citation": CitationFactory().pk,
        "admin/dossiers/dossier": DossierFactory().pk,
    }


@pytest.fixture
def browsers(alice, erin, oscar, ids):
    ids["admin/accounts/user"] = alice.pk
    return {
        "stranger": Client(),
        "editor": browser_of(erin),
        "moderator": browser_of(alice),
        "operator": browser_of(oscar),
    }


def address(route, ids):
    row = next((pk for start, pk in ids.items() if route.startswith(start + "/")), uuid.uuid4())
    values = {"id": row, "object_id": row, "slug": "vote", "app_label": "dossiers"}
    return filled(route, values)


def is_refused(answer):
    if answer.status_code in (301, 302):
        # The admin leads from a row to its form, which has a line of its own.
        return "/login/" in answer["Location"] or answer["Location"].endswith("/change/")
    return answer.status_code in (403, 404)


def test_every_route_says_who_may_open_it():
    assert sorted(route for route in routes() if access_of(route) is None) == []


def test_no_line_speaks_of_a_route_that_is_gone():
    known = set(routes())
    assert sorted(set(ACCESS) - known) == []
    gone = [m for m in ADMIN_MODELS if not any(r.startswith(f"admin/{m}/") for r in known)]
    assert gone == []


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_whoever_may_not_is_sent_to_the_login_or_refused(browsers, ids, prefix):
    let_in = []
    for route in routes():
        who = access_of(route) or PUBLIC
        if who == PUBLIC or (prefix and route.startswith("admin/")):
            continue
        path = prefix + address(route, ids)
        for role in set(PUBLIC) - set(who):
            for method in ("get", "post", "put", "delete", "head"):
                answer = getattr(browsers[role], method)(path)
                if not is_refused(answer) and answer.status_code != 405:
                    let_in.append((role, method, path, answer.status_code))
    assert let_in == []


def test_a_refusal_does_not_tell_whether_anything_is_there(browsers, ids):
    told = []
    for route in routes():
        who = access_of(route) or PUBLIC
        if who == PUBLIC or "id>" not in route:
            continue
        there, nowhere = address(route, ids), address(route, {})
        for role in set(PUBLIC) - set(who):
            for method in ("get", "post"):
                answers = [getattr(browsers[role], method)(path) for path in (there, nowhere)]
                if answers[0].status_code != answers[1].status_code:
                    told.append((role, method, route))
    assert told == []


def test_who_lacks_a_required_second_factor_is_a_stranger_everywhere(browsers, ids, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    let_in = []
    for route in routes():
        if access_of(route) in (PUBLIC, None) or route == "staff/second-factor/":
            continue
        for method in ("get", "post"):
            answer = getattr(browsers["operator"], method)(address(route, ids))
            is_sent_away = "/login/" in answer.get("Location", "")
            if not is_sent_away and answer.status_code != 405:
                let_in.append((method, route, answer.status_code))
    assert let_in == []


def test_whoever_may_gets_in(browsers, ids):
    refused = []
    for route in routes():
        who = access_of(route) or PUBLIC
        # Signing out would end the session that the other pages are opened with.
        if who == PUBLIC or "logout" in route or "(?P<url>" in route or "admin/r/" in route:
            continue
        for role in who:
            answer = browsers[role].get(address(route, ids))
            expected = (403,) if NEVER.fullmatch(route) else (200, 302, 405)
            if route == "admin/autocomplete/":
                expected = (403,)  # without the field that it is for
            is_sent_away = "/login/" in answer.get("Location", "")
            if answer.status_code not in expected or is_sent_away:
                refused.append((role, route, answer.status_code))
    assert refused == []


# What an editor who is limited to a city writes about another one, by the routes that write.
_WRITE_ABOUT_CITIES = {
    "documents/<slug:slug>/desk/publish/": {},
    "documents/<slug:slug>/desk/withdraw/": {"reason": "x"},
    "documents/<slug:slug>/desk/cite/": {"page": 2, "quote": "vingt"},
    "admin/documents/document/<path:object_id>/change/": {"title": "x"},
    "admin/documents/citation/<path:object_id>/delete/": {"post": "yes"},
    "admin/dossiers/dossier/<path:object_id>/change/": {"introduction": "x"},
    "admin/sightings/event/<path:object_id>/change/": {"note": "x"},
    "admin/places/city/<path:object_id>/change/": {"population": 1},
}


def test_who_is_limited_to_a_city_writes_about_no_other_one(browsers, ids, erin):
    away = CityFactory(boundary=box(LON + 5, LAT, LON + 6, LAT + 1))
    erin.cities.set([away])
    answers = {
        route: browsers["editor"].post(address(route, ids), fields).status_code
        for route, fields in _WRITE_ABOUT_CITIES.items()
    }
    assert {route for route, status in answers.items() if status != 403} == set()


def test_posts_of_staff_want_the_token_of_their_page(alice, erin, oscar, ids):
    """A page of another site can't act in a moderator's name."""
    ids["admin/accounts/user"] = alice.pk
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(oscar)
    taken = [
        route
        for route in routes()
        if access_of(route) != PUBLIC
        and browser.post(address(route, ids)).status_code not in (403, 404, 405)
    ]
    assert taken == []


# --- what nobody has decided on -------------------------------------------------------------------

CANARY = "canary7d1f"
# A word of the walkers, and the day on which they walked.
SECRETS = (CANARY.encode(), b"2026-04-17", b"17 avril 2026", b"17 April 2026")


@pytest.fixture
def undecided(settings, tmp_path):
    """Make one of everything that a stranger must never see; return what names it."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    report = SightingFactory(note=CANARY, operator=CANARY)
    photo = PhotoFactory(sighting=report)
    ReceiptFactory(sighting=report, answer=CANARY)
    settings.PUBLISH_DELAY_MAX_S = 0
    on_map = [
        SightingFactory(
            note=CANARY,
            operator=CANARY,
            seen_on="2026-04-17",
            location=point(LON, LAT + step / 500),
        )
        for step in range(5)
    ]
    for waiting in on_map:
        PhotoFactory(sighting=waiting, exif_location=waiting.location)
        enter(sighting=waiting)
    assert publish_due() == 5
    unverified = Device.objects.filter(verification="unverified").first()
    soon = timezone.now() + timedelta(days=1)
    event = EventFactory(starts_at=soon, ends_at=soon, operator=CANARY)
    document = DocumentFactory(title=CANARY, slug="secret-vote", is_public=False)
    document.pages.create(number=1, text=CANARY)
    CitationFactory(document=document, quote=CANARY, event=event)
    return {
        "id": (report.id, photo.id, unverified.id, event.id, document.id),
        "phone_id": (report.id, photo.id, report.phone_key[:32]),
        "slug": ("secret-vote", CityFactory().slug),
        "code": ("35238",),
        "name": (photo.pixel_name, photo.covered_thumbnail_name),
        "format": ("geojson", "csv"),
        "day": (timezone.now().date(),),
        "z": (14,),
        "x": (8115,),
        "y": (5668,),
    }


def test_a_stranger_never_sees_what_nobody_has_decided_on(undecided, charlie):
    seen = []
    for route in routes():
        if access_of(route) != PUBLIC:
            continue
        names = re.findall(r"<(?:\w+:)?(\w+)>", route)
        for number in range(max([len(undecided.get(name, "x")) for name in names] or [1])):
            values = {
                name: undecided[name][number % len(undecided[name])]
                for name in names
                if name in undecided
            }
            for path in (filled(route, values), "/en" + filled(route, values)):
                answer = charlie.get(path)
                body = b"".join(answer) if answer.streaming else answer.content
                if answer.status_code >= 500 and route != "healthz":
                    seen.append((path, answer.status_code))
                if any(secret in body for secret in SECRETS) or body.startswith(b"\xff\xd8"):
                    seen.append((path, "shown"))
                if answer.cookies and "login" not in path:
                    seen.append((path, "cookie"))
    assert seen == []


def test_what_is_searched_for_is_public(undecided, charlie):
    for path in (f"/documents/?q={CANARY}", f"/api/v1/documents/?q={CANARY}"):
        assert "secret-vote" not in charlie.get(path).text
