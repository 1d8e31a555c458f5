"""The short way from tags to a device gives the row that the projection of all claims gives."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.position import LonLat
from mapper.osm.models import Element
from mapper.osm.staging import _NULL, _alone, _joined
from mapper.sightings.bulk import project_devices
from mapper.sightings.models import Device
from mapper.sightings.projection import (
    NUMBER_ATTRIBUTES,
    TEXT_ATTRIBUTES,
    ClaimFacts,
    project,
)

WORDS = [
    "",
    " ",
    "unknown",
    "dome",
    "fixed;dome",
    "wall/ceiling",
    "ANPR",
    "café « é »",
    "\\N",
    "a\tb",
]
KEYS = [
    "surveillance:type", "camera:type", "camera:mount", "camera:direction", "direction", "height",
    "camera:angle", "surveillance", "surveillance:zone", "operator", "operator:type", "model",
    "manufacturer", "start_date", "check_date", "survey:date", "end_date", "surveillance:ALPR",
    "note", "brand",
]  # fmt: skip
VALUES = [*WORDS, "ALPR", "camera", "guard", "NW", "90-270", "45;135", "0", "4 m", "12'",
          "-15", "2024", "2024-05", "2024-05-12", "2031-01", "yes", "x" * 255]  # fmt: skip
ROOTS = [
    {"man_made": "surveillance"},
    {"highway": "speed_camera"},
    {"disused:man_made": "surveillance"},
    {"planned:man_made": "surveillance", "planned:camera:type": "dome"},
    {"man_made": "mast;surveillance", "highway": "speed_camera"},
]


def made_up(count):
    chance = random.Random(count)
    for key in range(1, count + 1):
        some = chance.sample(KEYS, chance.randrange(8))
        tags = dict(chance.choice(ROOTS)) | {name: chance.choice(VALUES) for name in some}
        yield key, 1 + key % 3, chance.uniform(-4, 7), chance.uniform(43, 50), tags


def assert_as_projected(rows):
    """Project all devices from their claims: not one row is written."""
    before = rows()
    ids = list(Device.objects.values_list("id", flat=True))
    assert ids
    assert project_devices(ids=ids, is_quiet=True) == 0
    assert rows() == before


@pytest.mark.django_db
def test_new_devices_are_as_projected(load, write_pbf, rows):
    load(write_pbf(made_up(1500)))
    assert_as_projected(rows)


@pytest.mark.django_db
def test_changed_devices_are_as_projected(load, write_pbf, rows):
    nodes = list(made_up(800))
    load(write_pbf(nodes))
    others = [tags for *_, tags in nodes]
    random.Random(1).shuffle(others)
    again = [
        (key, version + key % 2, lon, lat, tags if key % 2 else old)
        for (key, version, lon, lat, old), tags in zip(nodes, others, strict=True)
    ]
    load(write_pbf(again))
    assert dict(Element.objects.values_list("osm_id", "tags")) == {
        key: tags for key, *_, tags in again
    }
    assert_as_projected(rows)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "osm_devices/switzerland_overpass.json",
        "osm_extracts/valhalla_bench_munchen.osm.pbf",
        "osm_extracts/quackosm_monaco.osm.pbf",
    ],
)
def test_real_devices_are_as_projected(load, rows, shared_data, name):
    load(shared_data / name)
    assert_as_projected(rows)


@pytest.mark.django_db
def test_real_plate_readers_are_as_projected(load, rows, shared_data, tmp_path):
    said = json.loads((shared_data / "osm_devices/us_alpr_sample.json").read_text("utf-8"))
    root = {"man_made": "surveillance", "surveillance:type": "ALPR"}
    elements = [item | {"type": "node", "tags": root | item["tags"]} for item in said]
    path = tmp_path / "us.json"
    path.write_text(json.dumps({"elements": elements}), encoding="utf-8")
    load(path)
    assert Device.objects.count() > 4000
    assert_as_projected(rows)


values = st.none() | st.text(max_size=5) | st.sampled_from(["unknown", "", "active", "removed"])
attributes = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("kind", "status", "direction_key", *TEXT_ATTRIBUTES), values),
        **{name: st.none() | st.just(0) | st.floats(0, 99) for name in NUMBER_ATTRIBUTES},
        "directions": st.lists(st.just({"from": 90.0, "to": 270.0}), max_size=2),
        "capabilities": st.lists(st.sampled_from(["plate_reading", "audio"]), unique=True),
    },
)
dates = st.sampled_from(["", "2024", "2024-05", "2024-05-12"])


@settings(max_examples=300)
@given(attributes, dates, dates, st.uuids())
def test_any_attributes_are_as_projected(said, seen_from, seen_to, claim):
    made = project(
        [
            ClaimFacts(
                id=claim,
                source="osm",
                position=LonLat(2.0, 48.0),
                position_source="osm",
                attributes=said,
                seen_from=seen_from,
                seen_to=seen_to,
            )
        ]
    )
    (kind, directions, *values, status, first_seen, last_seen, named, able) = _alone(
        said, seen_from, seen_to
    )
    assert (kind, json.loads(directions)) == (made.kind, list(made.directions))
    texts, numbers = values[: len(TEXT_ATTRIBUTES)], values[len(TEXT_ATTRIBUTES) :]
    assert texts == [made.texts[name] for name in TEXT_ATTRIBUTES]
    assert numbers == [made.numbers[name] for name in NUMBER_ATTRIBUTES]
    assert (status, first_seen, last_seen) == (made.status, made.first_seen, made.last_seen)
    assert set(named.strip("{}").split(",")) == set(made.provenance)
    assert set(filter(None, able.strip("{}").split(","))) == set(made.capabilities)
    assert (made.verification, made.verified_by, made.sources) == ("osm_only", None, ("osm",))


@pytest.mark.django_db
@settings(max_examples=100)
@given(st.lists(st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"],
       exclude_characters="\0")) | st.integers(-9, 9), min_size=1, max_size=5))  # fmt: skip
def test_any_row_is_copied_as_it_is(values):
    from django.db import connection

    columns = ", ".join(f"c{number} text" for number in range(len(values)))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE row_test ({columns})")
        with cursor.copy("COPY row_test FROM STDIN") as copy:
            copy.write(_joined(*values))
        cursor.execute("SELECT * FROM row_test")
        found = cursor.fetchone()
        cursor.execute("DROP TABLE row_test")
    words = {True: "t", False: "f"}
    assert list(found) == [
        words[value] if isinstance(value, bool) else None if value is None else str(value)
        for value in values
    ]
    assert _NULL == r"\N"
