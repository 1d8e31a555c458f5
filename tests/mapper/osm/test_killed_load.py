"""osm_load killed at any instant: the tables are as they were, and the next run loads it all."""

import pytest
from django.core.management import call_command

from mapper.osm.models import Element
from mapper.sightings.models import Claim, Device
from tests.commands import Killing, start

pytestmark = pytest.mark.django_db(transaction=True)

# Some 1.5 s of work once Django is up; the kills fall into both.
_NODES = 4_000
CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}


def begin(path):
    return start("osm_load", str(path))


def nodes(version, offset):
    """Return a town in which every other node says more at each version."""
    return [
        (
            number,
            version if number % 2 else 1,
            number / 1000,
            45.0,
            CAMERA | ({"ref": str(version)} if number % 2 else {}),
        )
        for number in range(1 + offset, _NODES + offset)
    ]


def versions():
    return set(Element.objects.values_list("osm_id", "version", "tags__ref"))


@pytest.mark.parametrize(
    "kills", [2, pytest.param(100, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_killed_at_any_instant_it_is_all_or_nothing(write_pbf, kills, record_property):
    killing = Killing(kills)
    call_command("osm_load", str(write_pbf(nodes(1, 0))))
    killing.spare(begin(write_pbf(nodes(2, 0), "v2.osm.pbf")))
    before, version = versions(), 2
    for _ in range(kills):
        version += 1
        path = write_pbf(nodes(version, 0), f"v{version}.osm.pbf")
        killing.kill(begin(path))
        after = versions()
        # The server may need a moment to see that the client is gone, or commits what was sent.
        whole = {(key, v, r) for key, v, r in before if not key % 2} | {
            (key, version, str(version)) for key, _, _ in before if key % 2
        }
        assert after in (before, whole)
        before = after
        path.unlink()
    killing.spare(begin(write_pbf(nodes(version + 1, 0), "last.osm.pbf")))
    record_property("killed_at_work", killing.at_work)
    killing.assert_at_work()
    assert {v for key, v, _ in versions() if key % 2} == {version + 1}
    assert Claim.objects.count() == Element.objects.count() == Device.objects.count()
