"""osm_follow killed at any instant: nothing lost, nothing twice, and the next run goes on."""

import random

import pytest

from mapper.osm.models import Element, Following
from mapper.sightings.models import Claim, Device
from tests.commands import Killing, start
from tests.mapper.osm.replication_server import camera, serving

pytestmark = pytest.mark.django_db(transaction=True)

# What is published between two kills: files, and changes in each.
_FILES, _CHANGES = 8, 25


class Season:
    """Cameras that come, change and go; `left` is id -> version of what is there at the end."""

    def __init__(self, published, seed):
        """Begin without a camera."""
        self.published, self.draw = published, random.Random(seed)
        self.left: dict[int, int] = {}
        self.last = 0

    def publish(self):
        """Publish some files."""
        for _ in range(_FILES):
            self.published.publish("".join(self._change() for _ in range(_CHANGES)))

    def _change(self):
        known = self.draw.choice(sorted(self.left)) if self.left else 0
        if not known or self.draw.random() < 0.5:
            self.last += 1
            self.left[self.last] = 1
            return camera(self.last, 1, act="create", lon=self.last / 1000)
        version = self.left.pop(known) + 1
        if self.draw.random() < 0.3:
            return camera(known, version, act="delete")
        self.left[known] = version
        return camera(known, version, lon=known / 1000, lat=version)


def begin(address, *words):
    # What is published is all of one changeset, and none of it is to be held.
    return start("osm_follow", "--url", address, "--once", *words, OSM_HOLD_OVER="1000000")


@pytest.mark.parametrize(
    "kills", [4, pytest.param(100, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_killed_at_any_instant_it_goes_on_where_it_was(tmp_path, kills, record_property):
    killing = Killing(kills)
    (tmp_path / "replication").mkdir()
    with serving(tmp_path / "replication") as published:
        season = Season(published, seed=kills)
        assert begin(published.url, "--from", "999").wait(60) == 0
        season.publish()
        killing.spare(begin(published.url))
        for _ in range(kills):
            season.publish()
            killing.kill(begin(published.url))
        killing.spare(begin(published.url))
        assert Following.objects.get().sequence == published.newest
    record_property("killed_at_work", killing.at_work)
    killing.assert_at_work()
    there = dict(Element.objects.there().values_list("osm_id", "version"))
    assert there == season.left
    # Each object has one claim and one device, however often a run began.
    assert Claim.objects.count() == Element.objects.count() == Device.objects.count()
