"""What Overpass lacks is removed when OSM's API says by its id that it is deleted, never before."""

import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from mapper.errors import BadInput
from mapper.osm.api import MOST_IDS, OsmApi, OsmApiFailure
from mapper.osm.models import Element
from tests.fake_osm.overpass import Reply, running
from tests.fake_osm.server import serving
from tests.mapper.osm.asking import BOX, answer, node
from tests.mapper.osm.conftest import element

pytestmark = pytest.mark.django_db


@pytest.fixture
def osm(settings):
    with serving() as fake:
        settings.OSM_API_URL = fake.url
        yield fake


@pytest.fixture
def pull(settings, capsys):
    with running() as overpass:
        settings.OVERPASS_URLS = [overpass.url]

        def run(*elements):
            overpass.replies = [Reply(answer(list(elements), at=timezone.now().isoformat()))]
            call_command("osm_pull", f"--bbox={BOX}")
            return capsys.readouterr()

        yield run


@pytest.fixture
def many(pull):
    """Twenty devices: one that goes is no tenth of them."""
    pull(*(node(number) for number in range(1, 21)))


def rest(*, but):
    return [node(number) for number in range(1, 21) if number not in but]


@pytest.mark.usefixtures("many")
def test_what_the_api_says_is_deleted_is_removed(osm, pull):
    osm.world.put("node/7", version=3, visible=False)
    said = pull(*rest(but={7}))
    assert "1 removed" in said.out
    assert said.err == ""
    gone = element("node/7")
    assert (gone.is_visible, gone.version) == (False, 3)
    assert gone.tags["man_made"] == "surveillance"  # remembered as it was
    assert gone.claim.presence == "gone"
    assert gone.claim.seen_to == "2026-11"  # the month of the deletion
    ((_method, path, agent),) = osm.asked
    assert path == "/api/0.6/nodes.json?nodes=7"
    assert agent.startswith("contrechamp/")


@pytest.mark.usefixtures("many")
def test_what_it_says_is_there_is_kept(osm, pull):
    osm.world.put("node/7", version=1)
    assert "0 removed" in pull(*rest(but={7})).out
    assert Element.objects.there().count() == 20


@pytest.mark.usefixtures("many")
def test_an_object_that_it_does_not_know_hides_no_deletion_of_another(osm, pull):
    osm.world.put("node/8", version=2, visible=False)
    assert "1 removed" in pull(*rest(but={7, 8})).out
    assert Element.objects.there().filter(osm_id=7).exists()
    assert len(osm.asked) == 3


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (429, b""), (200, b"<osm/>"), (200, b"[]"), (200, b'{"elements": [1]}'),
     (200, b'{"elements": [{"id": 7, "visible": false}]}'),
     (200, b'{"elements": [{"id": 7, "visible": false, "version": 99999999999}]}'),
     (200, b'{"elements": [{"id": 7, "visible": false, "version": 2, "timestamp": "soon"}]}')],
)  # fmt: skip
def test_where_it_does_not_say_nothing_is_removed(osm, pull, status, body):
    osm.status, osm.body = status, body
    said = pull(*rest(but={7}))
    assert "0 removed" in said.out
    assert said.err.startswith("1 known devices are not in the answer and were kept: ")
    assert said.err.count("\n") == 1
    assert Element.objects.there().count() == 20


@pytest.mark.usefixtures("osm")
def test_it_is_asked_for_nothing_where_nothing_is_lacking(osm, pull):
    pull(node(1))
    pull(node(1, 2))
    assert osm.asked == []


def test_an_answer_of_another_object_removes_nothing(osm):
    osm.status = 200
    other = {"type": "node", "id": 8, "version": 2, "visible": False}
    osm.body = json.dumps({"elements": [other]}).encode()
    with OsmApi(osm.url, user_agent="test") as api:
        assert api.deleted("node", [7, 9]) == []


def test_hundreds_are_asked_for_in_turns_and_thousands_not_at_all(osm):
    for number in range(1, 251):
        osm.world.put(f"node/{number}", version=2, visible=number % 2 == 0)
    with OsmApi(osm.url, user_agent="test") as api:
        assert len(api.deleted("node", list(range(1, 251)))) == 125
        assert len(osm.asked) == 3
        with pytest.raises(BadInput, match="more than"):
            api.deleted("node", list(range(MOST_IDS + 1)))


def test_a_server_that_is_not_there_and_one_that_is_not_safe():
    with OsmApi("http://127.0.0.1:9", user_agent="x") as api, pytest.raises(OsmApiFailure):
        api.deleted("node", [1])
    for url in ("http://api.openstreetmap.org", "ftp://x", ""):
        with pytest.raises(BadInput, match="https"):
            OsmApi(url, user_agent="x")
