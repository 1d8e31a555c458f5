"""A world full of what must never be public, and every public address searched for it.

A route of the resolver without an entry in VISITS fails, so that no new page goes unsearched.
"""

import base64
import gzip
import re
import uuid
from datetime import timedelta
from urllib.parse import quote

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from geo.geodesy import distance_m
from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox
from geo.walk_sheets import SHEET_ZOOM, quarter_around, quarter_text, sheet_code
from mapper.documents.actions import cite, withdraw_document
from mapper.dossiers.actions import add_statement, dossier_of, introduce, save_dossier
from mapper.exports.actions import write_files
from mapper.moderation.actions import accept_report, ask_question, correct_device, refuse_report
from mapper.osm.models import Element
from mapper.photos import storage
from mapper.photos.actions import clean_photo
from mapper.photos.models import GATE, Photo
from mapper.sightings.actions import save_event
from mapper.sightings.models import Device, Event, Receipt, Sighting
from mapper.sightings.vocabulary import DeviceState
from tests.evidence import make_document
from tests.factories import CityFactory, UserFactory, box, make_device, make_osm_device
from tests.mapper.test_access import PUBLIC, access_of, filled, routes
from tests.pictures import SERIAL, phone_photo, scene
from tests.proofs import proof

pytestmark = pytest.mark.django_db

WORD = "canary7d1f"
# Where things are that nobody may know of; every digit is looked for.
PENDING = LonLat(-1.6612347, 48.1154329)
UNMOVED = LonLat(-1.6412371, 48.1054383)
HOME = LonLat(-1.6312397, 48.1214357)
OSM_HOME = LonLat(-1.6212389, 48.1314341)
FLIGHT = LonLat(-1.6712367, 48.1414373)
SOON = LonLat(-1.6512361, 48.1114377)
PRIVATE_PLACES = (PENDING, UNMOVED, HOME, OSM_HOME, FLIGHT, SOON)
# Far, where devices are gathered, at the change to single ones, and near.
ZOOMS = (0, 6, 11, 14, 15, 16, 18, 20, 22)
NIGHTLY = timezone.now().replace(hour=3, minute=37, second=41, microsecond=0) - timedelta(days=4)


def send(browser, place=None, **fields):
    """Post a report as a walker does, and clean its photo as the worker does."""
    known = set(Sighting.objects.values_list("id", flat=True))
    upload = phone_photo(
        scene(320 + 8 * len(known), 240),
        **({"lon": place.lon, "lat": place.lat} if place else {}),
        with_everything=True,
    )
    said = {"note": f"{WORD}-note", "operator": f"{WORD}-typed", "kind": "camera"} | fields
    said["proof_of_work"] = proof()
    said["photo"] = SimpleUploadedFile(f"{WORD}.jpg", upload, "image/jpeg")
    answer = browser.post("/report/", said)
    assert answer.status_code == 201
    sighting = Sighting.objects.exclude(id__in=known).get()
    for photo in sighting.photos.all():
        clean_photo(photo_id=photo.id)
    words = re.search(r"(?:[a-zà-ÿ]{4,9} ){11}[a-zà-ÿ]{4,9}", answer.text)
    assert words
    return sighting, words[0]


def accept(sighting, moderator, **changes):
    gates = {photo.id: GATE for photo in sighting.photos.all()}
    facts = {"position": None, "device": None, "corrections": {}, "gates": gates} | changes
    accept_report(sighting=sighting, actor=moderator, **facts)
    sighting.refresh_from_db()
    return Device.objects.get(id=sighting.claim.device_id)


class World:
    """What was made, what must not be found, and what fills the addresses."""

    def __init__(self, browser):
        self.alice = UserFactory(username=f"{WORD}-moderator")
        self.city = CityFactory(code="35238")
        self.texts = {WORD, SERIAL, "CANARY"}
        self.bytes = []
        self.reports(browser)
        self.home()
        self.events()
        self.papers()
        self.texts |= {digits for place in PRIVATE_PLACES for digits in spelled(place)}
        self.bytes += [
            storage.read(storage.quarantine(), name)
            for name in Photo.objects.exclude(pixel_name="").values_list("pixel_name", flat=True)
            if Photo.objects.filter(pixel_name=name).exclude(state="published").exists()
        ]
        assert len(self.bytes) >= 4

    def reports(self, browser):
        self.pending, words = send(browser, PENDING, photo_use="public")
        ask_question(sighting=self.pending, actor=self.alice, question="what_kind")
        Receipt.objects.filter(sighting=self.pending).update(answer=f"{WORD}-answer")
        unmoved, more = send(browser, UNMOVED, photo_use="moderators")
        self.unmoved = accept(unmoved, self.alice)
        refused, last = send(browser, PENDING)
        refuse_report(sighting=refused, actor=self.alice, reason="unclear")
        shown, _words = send(browser, None, lat="48.11", lon="-1.65", photo_use="public")
        self.shown = accept(shown, self.alice)
        self.photo = Photo.objects.get(state="published")
        self.unverified = make_device(is_verified=False, attributes={"kind": "camera"})
        self.phone_id = uuid.uuid4()
        said = {"lat": 48.112, "lon": -1.652, "note": f"{WORD}-phone", "kind": "camera"}
        answer = browser.put(
            f"/api/v1/sightings/{self.phone_id}",
            said,
            content_type="application/json",
            headers={"Proof-Of-Work": proof()},
        )
        assert answer.status_code == 201
        phoned = Sighting.objects.exclude(phone_key=None).get(note=f"{WORD}-phone")
        self.sightings = (shown.id, unmoved.id, self.pending.id, refused.id, phoned.id)
        self.texts |= {words, more, last, words.replace(" ", ""), str(phoned.id), str(refused.id)}
        self.texts |= {
            str(self.phone_id),
            self.phone_id.hex,
            phoned.phone_key,
            str(self.pending.id),
        }
        self.texts |= set(Receipt.objects.values_list("code_key", flat=True))

    def home(self):
        found, _words = send(Client(), HOME, photo_use="public")
        self.private_home = accept(
            found,
            self.alice,
            position=LonLat(HOME.lon + 1e-4, HOME.lat),
            is_private_home=True,
            corrections={"operator": f"{WORD}-family"},
        )
        mirrored = make_osm_device(OSM_HOME.lon, OSM_HOME.lat, operator=f"{WORD}-osm-family")
        self.texts.add(f"node/{Element.objects.get(claim__device=mirrored).osm_id}")
        correct_device(device=mirrored, actor=self.alice, is_private_home=True)
        self.osm_home = Device.objects.get(id=mirrored.id)

    def events(self):
        def event(place, starts):
            made = Event(
                kind="drone_flight",
                location=Point(place.lon, place.lat, srid=4326),
                starts_at=starts,
                ends_at=starts + timedelta(minutes=9),
                verification="verified",
            )
            return save_event(event=made)

        self.event = event(FLIGHT, NIGHTLY)
        self.soon = event(SOON, timezone.now() - timedelta(minutes=30))
        self.texts |= {NIGHTLY.strftime("%H:%M"), str(self.soon.id), "03:46", "05:37", "04:37"}

    def papers(self):
        open_paper = make_document(("Le conseil vote.",), title="Vote", cities=[self.city])
        secret = make_document(
            (f"{WORD} une page secrète",),
            title=f"{WORD} titre",
            is_public=False,
            cities=[self.city],
        )
        taken_back = make_document(
            (f"douze caméras {WORD}-quote",), title=f"{WORD} retiré", cities=[self.city]
        )
        citation = cite(document=taken_back, page=1, quote=f"{WORD}-quote", device=self.shown)
        add_statement(city=self.city, text="Douze caméras.", citations=[citation])
        withdraw_document(document=taken_back, reason="Erreur.")
        hidden = CityFactory(code="35047", name="Bruz", boundary=box(-1.8, 48.0, -1.76, 48.05))
        introduce(city=hidden, text=f"{WORD} introduction")
        add_statement(city=hidden, text=f"{WORD} statement", citations=[])
        dossier = dossier_of(city=hidden)
        dossier.is_public = False
        save_dossier(dossier=dossier)
        self.slugs = (open_paper.slug, secret.slug, taken_back.slug)
        self.paper_ids = (open_paper.id, secret.id, taken_back.id)
        # A slug is made of the title: asked for, it comes back in the page's own address.
        self.asked = {secret.slug, taken_back.slug}
        self.city_slugs = (self.city.slug, hidden.slug)

    @property
    def device_ids(self):
        return (
            *(self.shown.id, self.unmoved.id, self.private_home.id, self.osm_home.id),
            *(self.unverified.id, self.pending.id, self.photo.id),
        )


def spelled(place):
    """Return the digits by which a place would be known to within a metre."""
    return {
        f"{number:.{decimals}f}".lstrip("-")[: 4 + decimals]
        for number in (place.lon, place.lat)
        for decimals in (6, 7)
    }


@pytest.fixture
def world(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return World(Client())


FILTERS = (
    "",
    "?kind=camera",
    "?verification=verified,osm_only,declared",
    "?bbox=-1.8,48,-1.5,48.3",
    "?city=35238",
    "?changed_since=2020",
    "?verification=unverified",
)
LISTS = (*FILTERS, "?limit=1", "?limit=2&kind=camera")
SEARCHES = ("", f"?q={WORD}", "?q=camera", "?city=35238", "?q=secrète")


def nothing(world):
    return [{}]


def devices_of(world):
    return [{"id": id_} for id_ in world.device_ids]


def events_of(world):
    return [{"id": id_} for id_ in (world.event.id, world.soon.id)]


def cities_of(world):
    return [{"slug": slug, "code": slug} for slug in (*world.city_slugs, "35238")]


def city_days(world):
    return [{"slug": s, "day": timezone.now().date()} for s in world.city_slugs]


def papers_of(world):
    return [{"slug": slug} for slug in world.slugs]


def paper_ids_of(world):
    return [{"id": id_} for id_ in world.paper_ids]


def sightings_of(world):
    return [{"id": id_} for id_ in world.sightings]


def phone_of(world):
    return [{"phone_id": id_} for id_ in (uuid.uuid4(), *world.sightings)]


def formats(world):
    return [{"format": format_, "slug": world.city.slug} for format_ in ("geojson", "csv")]


def photos_of(world):
    names = [name for row in Photo.objects.file_names() for name in row if name.endswith(".jpg")]
    return [{"name": name} for name in names]


def tiles_of(world):
    tiles = [tile_at(place, z) for place in PRIVATE_PLACES for z in ZOOMS]
    return [{"z": tile.z, "x": tile.x, "y": tile.y} for tile in dict.fromkeys(tiles)]


PICTURES = tuple(
    f"?devices=1&zoom={zoom}&lon={place.lon:.3f}&lat={place.lat:.3f}"
    for place in PRIVATE_PLACES
    for zoom in (12, 18)
)
ALONE = (nothing, ("",))


# Route -> what fills it, and the queries it is asked with.
def sheets_of_world(world):
    return [{"code": sheet_code(tile_at(place, SHEET_ZOOM))} for place in PRIVATE_PLACES]


# Quarters that hold what nobody may know of, and the forms of their sheets.
QUARTERS = tuple(
    f"?bbox={quarter_text(quarter_around(place, 2))}" for place in (PENDING, HOME, FLIGHT)
)
PAPERS = tuple(f"?sheet={sheet_code(tile_at(place, SHEET_ZOOM))}" for place in PRIVATE_PLACES)

VISITS = {
    "walk/": (nothing, ("", "?city=35238", "?city=rennes")),
    "walk/kit/": (nothing, QUARTERS),
    "walk/kit/offline.html": (nothing, QUARTERS),
    "walk/notes/": (nothing, ("", *PAPERS)),
    "walk/sheets/<str:code>.png": (sheets_of_world, ("",)),
    "walk/overview.png": (nothing, QUARTERS),
    "": (nothing, (*FILTERS, *(f"?view=list&{query[1:]}" for query in FILTERS))),
    "report/": (nothing, ("", "?device=x")),
    "receipts/": (nothing, ("",)),
    "devices/<uuid:id>/": (devices_of, ("",)),
    "devices/<uuid:id>.json": (devices_of, ("",)),
    "events/<uuid:id>/": (events_of, ("",)),
    "events/<uuid:id>.json": (events_of, ("",)),
    "cities/": (nothing, ("", "?q=rennes", f"?q={WORD}")),
    "cities/<slug:slug>/": (cities_of, ("",)),
    "cities/<str:code>/": (cities_of, ("",)),
    "cities/(?P<slug>[-\\w]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/": (city_days, ("",)),
    "documents/": (nothing, SEARCHES),
    "documents/<slug:slug>/": (papers_of, ("",)),
    "documents/<slug:slug>/file.pdf": (papers_of, ("",)),
    "data/": (nothing, ("",)),
    "data/devices.<str:format>": (formats, FILTERS),
    "moderation/osm/account/back/": (nothing, ("", "?code=a&state=b", "?error=access_denied")),
    "data/flags.geojson": (nothing, ("?bbox=-1.8,48,-1.5,48.3",)),
    "data/events.<str:format>": (formats, ("", "?bbox=-1.8,48,-1.5,48.3", "?city=35238")),
    "data/cities/<slug:slug>/devices.<str:format>": (formats, ("", "?kind=camera")),
    "data/cities/<slug:slug>/map.html": (cities_of, ("",)),
    "photos/(?P<name>[0-9a-f]{32}\\.jpg)": (photos_of, ("",)),
    "photos/thumbnails/(?P<name>[0-9a-f]{32}\\.jpg)": (photos_of, ("",)),
    "tiles/devices/<str:z>/<str:x>/<str:y>.mvt": (tiles_of, ("",)),
    "tiles/devices.json": (nothing, ("",)),
    "basemap/base.pmtiles": (nothing, ("",)),
    "map-picture.png": (nothing, PICTURES),
    "healthz": (nothing, ("",)),
    "api/schema/": (nothing, ("",)),
    "api/docs/": (nothing, ("",)),
    "api/docs/start.js": (nothing, ("",)),
    "api/v1/": (nothing, ("",)),
    "api/v1/devices/": (nothing, LISTS),
    "api/v1/devices/<uuid:id>/": (devices_of, ("",)),
    "api/v1/events/": (nothing, ("", "?limit=1", "?city=35238")),
    "api/v1/events/<uuid:id>/": (events_of, ("",)),
    "api/v1/sightings/": (nothing, LISTS),
    "api/v1/sightings/<uuid:id>/": (sightings_of, ("",)),
    "api/v1/sightings/<uuid:phone_id>": (phone_of, ("",)),
    "api/v1/photos/<uuid:phone_id>": (phone_of, ("",)),
    "api/v1/cities/": (nothing, ("", "?limit=1", f"?q={WORD}")),
    "api/v1/cities/<slug:slug>/": (cities_of, ("",)),
    "api/v1/documents/": (nothing, (*SEARCHES, "?limit=1")),
    "api/v1/documents/<uuid:id>/": (paper_ids_of, ("",)),
    "report/queue/": ALONE,
    "report/erased": ALONE,
    "service_worker.js": ALONE,
    "manifest.webmanifest": ALONE,
    "robots.txt": ALONE,
    "favicon.ico": ALONE,
    "api/": ALONE,
    "api/v1/challenge": ALONE,
    "api/v1/sealed/key": ALONE,
    "api/v1/sealed/sightings/<uuid:phone_id>": (phone_of, ("",)),
    "api/v1/sealed/photos/<uuid:phone_id>": (phone_of, ("",)),
    "feeds/moderation/<str:secret>.atom": (lambda world: [{"secret": "a" * 32}], ("",)),
    "about/": ALONE,
    "legal/": ALONE,
    "privacy/": ALONE,
    "safety/": ALONE,
    "look-alikes/": ALONE,
    "notice/": ALONE,
    "leak/": ALONE,
    ".well-known/security.txt": ALONE,
    "staff/login/": ALONE,
    "staff/logout/": ALONE,
    "admin/login/": ALONE,
    "admin/logout/": ALONE,
}


def test_every_public_route_is_visited():
    public = {route for route in routes() if access_of(route) == PUBLIC}
    assert sorted(public ^ set(VISITS)) == []


# Where nothing is in this world, or nothing is read.
EMPTY = {
    *(
        "leak/",
        "data/flags.geojson",
        "moderation/osm/account/back/",
        ".well-known/security.txt",
        "basemap/base.pmtiles",
        "staff/logout/",
        "admin/login/",
        "admin/logout/",
        "healthz",
    ),
    *("api/", "favicon.ico", "report/erased", "feeds/moderation/<str:secret>.atom"),
    *("api/v1/sightings/<uuid:phone_id>", "api/v1/photos/<uuid:phone_id>"),
    *("api/v1/sealed/sightings/<uuid:phone_id>", "api/v1/sealed/photos/<uuid:phone_id>"),
    *("cities/<str:code>/", "cities/(?P<slug>[-\\w]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/"),
}


def addresses(world, start=""):
    """Yield every address of every public page, in both languages where it has two."""
    for route, (fill, queries) in VISITS.items():
        for values in fill(world) if route.startswith(start) else ():
            for query in queries:
                path = filled(route, values) + query
                yield route, path
                if not path.startswith(("/api/", "/tiles/", "/admin/", "/photos/", "/data/d")):
                    yield route, "/en" + path


def body_of(answer):
    """Return the bytes of an answer as they are read at the end."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return gzip.decompress(body) if answer.get("Content-Encoding") == "gzip" else body


def spellings(text):
    """Return a text as it may stand in a body."""
    raw = text.encode()
    variants = {raw, raw.upper(), quote(text).encode(), raw.hex().encode()}
    variants |= {text.encode("utf-16-le"), text.encode("ascii", "xmlcharrefreplace")}
    # Of base64 the part that does not depend on where in a longer text it stands.
    variants |= {base64.b64encode(b"\0" * lead + raw)[4:-4] for lead in range(3)}
    return {variant for variant in variants if len(variant) > 4}


def pages_after(browser, path, answer):
    """Yield a list's answer and those that its cursor leads to."""
    for _ in range(20):
        yield path, answer
        following = re.search(rb'"next": "https?://[^/"]+(/api/[^"]+)"', answer.content or b"")
        if "/api/" not in path or not following:
            return
        path = following[1].decode()
        answer = browser.get(path)


def searched(browser, path):
    """Yield each answer of an address: read, asked for alone, and page by page."""
    yield path, browser.head(path)
    answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
    yield from ([(path, answer)] if answer.streaming else pages_after(browser, path, answer))


def leaks(world, start=""):
    """Return where something private is found, and the routes that showed anything at all."""
    browser = Client(raise_request_exception=False)
    needles = [(text, form) for text in sorted(world.texts) for form in spellings(text)]
    copies = [("pixels", copy[200:260]) for copy in world.bytes]
    found, shown = set(), set()
    for route, address in addresses(world, start):
        for path, answer in searched(browser, address):
            body = body_of(answer) + repr(sorted(answer.headers.items())).encode()
            # What somebody asks for may stand in the page's own address.
            for said in (
                path.partition("?q=")[2],
                *re.findall(r"[0-9a-f-]{36}", path),
                *world.asked,
            ):
                body = body.replace(quote(said).encode(), b"") if said else body
            found |= {(path, text) for text, form in needles + copies if form in body}
            if answer.status_code == 200:
                shown.add(route)
            elif answer.status_code >= 500 and route != "healthz":
                found.add((path, str(answer.status_code)))
    return sorted(found), shown


def test_nothing_private_is_at_any_public_address(world):
    found, shown = leaks(world)
    assert found == []
    assert sorted(set(VISITS) - EMPTY - shown) == []


def test_nothing_private_is_in_the_files_of_the_downloads(world):
    write_files()
    found, shown = leaks(world, "data/")
    assert found == []
    assert "data/devices.<str:format>" in shown


def test_the_search_finds_what_is_there(world):
    """What strangers do see, looked for in the same way, is found: pixels and words."""
    world.texts = {"Douze cam"}
    public = world.photo.public_name
    world.bytes = [storage.read(storage.media(), public)]
    found = leaks(world, "cities")[0] + leaks(world, "photos")[0]
    assert {(f"/cities/{world.city.slug}/", "Douze cam"), (f"/photos/{public}", "pixels")} <= set(
        found
    )


def test_no_tile_shows_a_private_place_to_within_a_metre(world):
    browser = Client()
    near = []
    for values in tiles_of(world):
        answer = browser.get(filled("tiles/devices/<z>/<x>/<y>.mvt", values))
        if answer.status_code == 204:
            continue
        if values["z"] < 16:
            continue  # A unit is wider than what is asked.
        box_ = tile_bbox(Tile(values["z"], values["x"], values["y"]))
        layers = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
        for layer in layers.values():
            for feature in layer["features"]:
                u, v = feature["geometry"]["coordinates"]
                at = LonLat(
                    box_.west + (box_.east - box_.west) * u / 4096,
                    box_.north - (box_.north - box_.south) * v / 4096,
                )
                near += [
                    (values, feature["properties"])
                    for place in PRIVATE_PLACES
                    if distance_m(at, place) < 1
                ]
    assert near == []


def test_what_nobody_decided_on_is_in_no_picture_of_the_map(world):
    """Only the pending report stands here: with devices or without, the picture is the same."""
    Device.objects.update(
        state=DeviceState.ERASED, location=None, verified_by=None, verification="unverified"
    )
    browser = Client()
    for zoom in (10, 18):
        place = f"lon={PENDING.lon}&lat={PENDING.lat}&zoom={zoom}"
        with_devices = browser.get(f"/map-picture.png?{place}&devices=1")
        assert with_devices.status_code == 200
        assert with_devices.content == browser.get(f"/map-picture.png?{place}").content


def test_a_point_that_nobody_moved_is_published_on_a_grid(world):
    position = LonLat(world.unmoved.location.x, world.unmoved.location.y)
    assert world.unmoved.position_source == "photo"
    assert 0.01 < distance_m(position, UNMOVED) <= 15
    home = LonLat(world.private_home.location.x, world.private_home.location.y)
    assert 0.5 < distance_m(home, LonLat(HOME.lon + 1e-4, HOME.lat)) <= 25
