"""A fake OpenStreetMap, an account there, and devices of which a walker said something."""

import pytest
from django.utils import translation

from geo.position import LonLat
from mapper.moderation import actions as moderation
from mapper.osm.actions import load_objects
from mapper.osm.models import Element
from mapper.osm.objects import OsmObject
from mapper.sealing import seal
from mapper.sightings.models import Device
from mapper.upstream.accounts import editor_of
from mapper.upstream.actions import approve
from mapper.upstream.candidates import suggest
from mapper.upstream.models import Account
from mapper.upstream.sending import send
from tests.factories import LAT, LON, CityFactory, SightingFactory, UserFactory, point
from tests.fake_osm.faults import FaultyTransport
from tests.fake_osm.world import ME, World

# The requests of a first run: user, capabilities, objects, changeset, and then the upload.
UPLOAD = 4
CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.OSM_PUSH = "project"
    settings.OSM_CLIENT_ID = "contrechamp"
    settings.OSM_WIKI_PAGE = "https://wiki.example/Organised_Editing/Activities/Contrechamp"
    settings.OSM_HASHTAG = "contrechamp"
    settings.OSM_API_URL = settings.OSM_WEB_URL = "http://127.0.0.1:9"
    settings.OSM_DAILY_CAP = 50
    settings.OSM_TWO_PEOPLE_DAYS = 0


@pytest.fixture
def world():
    return World()


@pytest.fixture
def alice(db):
    return UserFactory(username="alice")


@pytest.fixture
def account(db):
    return make_account()


def make_account(user=None, token=ME):
    return Account.objects.create(
        user=user,
        sealed_token=seal(token, purpose="osm_account"),
        sealed_name=seal("Contrechamp", purpose="osm_account"),
    )


@pytest.fixture
def city(db):
    return CityFactory()


def mirror(world, name):
    """Take an object of the world into our mirror, as a pull does; return its element."""
    said = world.current(name)
    osm_type, osm_id = name.split("/")
    place = LonLat(said["lon"], said["lat"]) if "lon" in said else LonLat(LON, LAT)
    load_objects(
        objects=[
            OsmObject(
                osm_type=osm_type,
                osm_id=int(osm_id),
                version=said["version"],
                timestamp=said["timestamp"],
                tags=said["tags"],
                position=place,
                is_visible=said["visible"],
            )
        ],
        is_quiet=True,
    )
    return Element.objects.filter(osm_type=osm_type, osm_id=osm_id).first()


def osm_device(world, number, *, lon=LON, lat=LAT, **tags):
    """Let a node be in OSM and in our mirror; return its device."""
    world.put(f"node/{number}", tags=CAMERA | tags, lon=lon, lat=lat)
    return mirror(world, f"node/{number}").claim.device


def seen(device, actor, *, lon=LON, lat=LAT, moved=False, consent=True, how="on_site", **said):
    """Let a walker's report of a device, or of a new one, be accepted; return its device."""
    facts = {"kind": "camera", "camera_type": "", "mount": "", "direction": "", "operator_type": ""}
    # Where the walker stood; a moderator puts it where it belongs.
    away = 0.00002 if moved else 0.0
    report = SightingFactory(
        **(facts | said),
        location=point(lon + away, lat),
        seen_how=how,
        has_osm_consent=consent,
        operator="",
        note="",
    )
    decision = moderation.accept_report(
        sighting=report,
        actor=actor,
        position=LonLat(lon, lat) if moved else None,
        device=device,
        corrections={},
        gates={},
    )
    return Device.objects.get(id=decision.device)


def approve_all(device, actor, **options):
    """Click once: everything that the suggestion holds."""
    found = suggest(device)
    fields = {difference.field for difference in found.fields}
    if found.place is not None:
        fields.add("position")
    version = 0 if found.element is None else found.element.version
    return approve(device=device, actor=actor, fields=fields, version=version, **options)


def run(world, account, faults=None, events=None):
    """Send what waits; return the report and the transport that was asked."""
    account.refresh_from_db()
    transport = FaultyTransport(world, faults, events)
    with editor_of(account, transport=transport) as editor:
        return send(editor=editor, account=account), transport


def approve_mount(world, actor):
    """Approve that a node of OSM, which does not say so, hangs on a pole."""
    return approve_all(seen(osm_device(world, 7), actor, mount="pole"), actor)
