"""Alice gives back to OpenStreetMap what a walker saw: one object, one click, in a real browser."""

import pytest

from mapper.osm.actions import load_objects
from mapper.osm.held import held_changesets
from mapper.upstream.models import Proposal
from tests.factories import LAT, CityFactory, UserFactory
from tests.fake_osm.world import World
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_moderation import sign_in
from tests.mapper.osm.test_guard import node
from tests.mapper.upstream.conftest import approve_mount, make_account, osm_device, run, seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.OSM_PUSH = "project"
    settings.OSM_CLIENT_ID = "contrechamp"
    settings.OSM_WIKI_PAGE = "https://wiki.example/Contrechamp"
    settings.OSM_HASHTAG = "contrechamp"
    settings.OSM_TWO_PEOPLE_DAYS = 0


WAYS = pytest.mark.parametrize(
    ("size", "javascript"),
    [(DESKTOP, True), (PHONE, True), (PHONE, False)],
    ids=["desktop", "phone", "phone-no-scripts"],
)


@WAYS
def test_she_compares_and_sends_one_object(visit, alice, size, javascript):
    CityFactory()
    world, account = World(), make_account()
    device = seen(
        osm_device(world, 7, operator="Ville de Rennes", **{"camera:type": "fixed"}),
        alice,
        lat=LAT + 0.0003,
        moved=True,
        mount="pole",
        direction="45",
        camera_type="dome",
    )
    seen(None, alice, moved=True, lat=LAT + 0.001, kind="alpr")
    alices = visit(size=size, javascript=javascript)
    sign_in(alices, "alice")
    alices.go("/moderation/osm/")
    look(alices, "desk", size, javascript)
    alices.follow(alices.page.locator(f"a[href$='/moderation/osm/devices/{device.id}/']"))
    look(alices, "review", size, javascript)
    page = alices.page
    # What would replace somebody's word is hers to tick.
    assert page.locator("input[value=mount]").is_checked()
    assert not page.locator("input[value=camera_type]").is_checked()
    assert not page.locator("input[value=position]").is_checked()
    page.locator("input[value=camera_type]").check()
    alices.follow(page.locator("button[value=give_back]"))
    assert set(Proposal.objects.get().changes) == {
        "mount", "directions", "camera_type", "last_seen"
    }  # fmt: skip

    world.edit("node/7", tags={"camera:type": "panning"})
    run(world, account)
    alices.go(f"/moderation/osm/devices/{device.id}/")
    look(alices, "conflict", size, javascript)
    page.locator("input[name=pick-camera_type][value=theirs]").check()
    alices.follow(page.locator("button[value=settle]"))
    run(world, account)
    tags = world.current("node/7")["tags"]
    assert (tags["camera:type"], tags["camera:mount"]) == ("panning", "pole")
    alices.go("/moderation/osm/account/")
    look(alices, "account", size, javascript)
    assert alices.foreign == []
    assert alices.faults == []


@WAYS
def test_bruno_agrees_with_a_newcomer(visit, alice, settings, size, javascript):
    settings.OSM_TWO_PEOPLE_DAYS = 30
    world, account = World(), make_account()
    device = approve_mount(world, alice).device
    UserFactory(username="bruno")
    brunos = visit(size=size, javascript=javascript)
    sign_in(brunos, "bruno")
    brunos.go("/moderation/osm/")
    brunos.follow(brunos.page.locator(f"a[href$='/moderation/osm/devices/{device.id}/']"))
    look(brunos, "second", size, javascript)
    assert run(world, account)[0].sent == 0
    brunos.follow(brunos.page.locator("button[value=second]"))
    assert run(world, account)[0].sent == 1
    assert brunos.foreign == []
    assert brunos.faults == []


def look(visitor, name, size, javascript):
    """Check what a machine can see of a page, and let people look."""
    assert visitor.overflow_px() <= 0
    if javascript:  # axe is a script itself
        assert visitor.axe() == []
    visitor.picture(f"osm-{name}-{size['width']}-{'js' if javascript else 'plain'}")


@WAYS
def test_she_looks_at_a_crowd_that_a_changeset_moves(visit, alice, size, javascript):
    crowd = [node(number) for number in range(1, 40)]
    load_objects(objects=crowd, is_quiet=True)
    moved = [node(number, 2, changeset=77, north=0.002) for number in range(1, 40)]
    load_objects(objects=moved, hold_over=20, is_change=True, is_quiet=True)
    alices = visit(size=size, javascript=javascript)
    sign_in(alices, "alice")
    alices.go("/moderation/osm/")
    alices.follow(alices.page.locator("a[href$='/moderation/osm/held/']"))
    look(alices, "held", size, javascript)
    alices.follow(alices.page.locator("button[value=keep]"))
    assert held_changesets() == []
    assert alices.foreign == []
    assert alices.faults == []
