"""Asks a fake Overpass as osm_pull does, without its pauses."""

import json

import pytest

from mapper.osm.overpass import OverpassClient, OverpassFailure
from tests.mapper.osm.conftest import FIXTURES

GOOD = (FIXTURES / "answer.json").read_bytes()
BOX = "-1.8,48.0,-1.6,48.2"
CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}


def answer(elements, at="2026-11-20T08:00:00Z", **more):
    said = {"version": 0.6, "osm3s": {"timestamp_osm_base": at}, "elements": elements}
    return json.dumps(said | more).encode()


def node(key, version=1, **more):
    place = {"type": "node", "id": key, "lat": 48.1, "lon": -1.7, "version": version}
    return place | {"tags": CAMERA} | more


def client(fake, **changes):
    naps = []
    settings = {"timeout_s": 2, "sleep": naps.append, "is_quiet": True, "read_extra_s": 0.0}
    settings |= {"url": fake.url, "user_agent": "contrechamp/test (+http://localhost)"}
    made = OverpassClient(**settings | changes)
    return made, naps


def failure(fake, **changes):
    made, naps = client(fake, **changes)
    with pytest.raises(OverpassFailure) as raised:
        made.ask("query")
    assert "\n" not in str(raised.value)
    return str(raised.value), naps
