"""osm_push killed at any instant: nothing lost, nothing twice, and the next run goes on."""

import pytest

from mapper.upstream.models import Proposal, PushBatch
from tests.commands import Killing, start
from tests.factories import LAT, LON
from tests.fake_osm.server import serving
from tests.mapper.upstream.conftest import approve_all, osm_device, seen

pytestmark = pytest.mark.django_db(transaction=True)

# What is approved between two kills; what lies in one square goes up in one changeset.
_EACH, _SQUARES = 3, 3


@pytest.fixture
def begin(settings):
    names = ("OSM_PUSH", "OSM_CLIENT_ID", "OSM_WIKI_PAGE", "OSM_HASHTAG", "SECRET_KEY")
    known = {name: getattr(settings, name) for name in names}

    def run(osm):
        return start(
            "osm_push",
            **known,
            OSM_API_URL=osm.url,
            OSM_DAILY_CAP="100000",
            OSM_TWO_PEOPLE_DAYS="0",
        )

    return run


@pytest.mark.parametrize(
    "kills", [2, pytest.param(100, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_killed_at_any_instant_nothing_goes_up_twice(
    world, alice, account, begin, kills, record_property
):
    number = 0
    with serving(world) as osm:
        killing = Killing(kills, has_begun=lambda: len(osm.asked) > asked)
        for round_ in range(kills + 1):
            for _ in range(_EACH):
                number += 1
                approve_one(world, alice, number)
            asked = len(osm.asked)
            if round_:
                killing.kill(begin(osm))
            else:
                killing.spare(begin(osm))
        killing.spare(begin(osm))
    record_property("killed_at_work", killing.at_work)
    killing.assert_at_work()
    assert not PushBatch.objects.unfinished().exists()
    assert set(Proposal.objects.values_list("state", flat=True)) == {"seen"}
    written = world.by_us()
    assert len(written) == len({name for name, _ in written}) == number
    for proposal in Proposal.objects.select_related("element"):
        tags = world.current(str(proposal.element))["tags"]
        assert tags["camera:mount"] == "pole"


def approve_one(world, actor, number):
    """Approve a new object, or a change of one."""
    lon, lat = LON + 0.2 * (number % _SQUARES), LAT - 0.0005 * number
    if number % 2:
        device = seen(None, actor, lon=lon, lat=lat, moved=True, mount="pole")
    else:
        device = osm_device(world, number, lon=lon, lat=lat)
        device = seen(device, actor, lon=lon, lat=lat, mount="pole")
    approve_all(device, actor)
