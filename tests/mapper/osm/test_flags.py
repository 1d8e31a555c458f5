"""Flags of OSM on what is no device: read by every way in, kept apart, shown as GeoJSON."""

import json
import subprocess

import pytest
from django.core.management import call_command

from geo.position import LonLat
from mapper.osm.actions import load_objects
from mapper.osm.models import Element, OsmFlag
from mapper.osm.objects import OsmObject
from mapper.osm.replication import Replication
from mapper.sightings.models import Device
from mapper.web import flags
from tests.fake_osm.overpass import Reply, running
from tests.mapper.osm.replication_server import camera, serving

pytestmark = pytest.mark.django_db

PLACE = LonLat(-1.7, 48.1)
PARK = {"amenity": "parking", "surveillance": "outdoor", "name": "Jeanne Example"}
ENFORCED = {"type": "enforcement", "enforcement": "maxspeed", "maxspeed": "50"}
XML = """<osm version="0.6">
 <node id="1" version="1" lat="48.10" lon="-1.70"/>
 <node id="2" version="1" lat="48.11" lon="-1.71"/>
 <node id="3" version="1" lat="48.12" lon="-1.72"><tag k="highway" v="speed_camera"/></node>
 <node id="4" version="1" lat="48.13" lon="-1.73"/>
 <node id="5" version="2" lat="48.14" lon="-1.74">
  <tag k="amenity" v="parking"/><tag k="surveillance:ALPR" v="yes"/></node>
 <way id="1" version="4"><nd ref="1"/><nd ref="2"/><nd ref="4"/><nd ref="1"/>
  <tag k="amenity" v="parking"/><tag k="surveillance" v="outdoor"/></way>
 <way id="2" version="1"><nd ref="1"/><nd ref="2"/>
  <tag k="amenity" v="bicycle_parking"/><tag k="surveillance" v="outdoor"/></way>
 <relation id="7" version="3"><member type="node" ref="1" role="from"/>
  <member type="node" ref="3" role="device"/><member type="node" ref="2" role="to"/>
  <tag k="type" v="enforcement"/><tag k="enforcement" v="maxspeed"/>
  <tag k="maxspeed" v="50"/></relation>
</osm>"""


def park(number, version=1, *, tags=PARK, place=PLACE, is_visible=True):
    return OsmObject(
        osm_type="node",
        osm_id=number,
        version=version,
        tags=tags,
        position=place,
        is_visible=is_visible,
    )


def load_park(*objects):
    return load_objects(objects=objects, is_quiet=True)


def known():
    return {str(flag): flag for flag in OsmFlag.objects.all()}


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(XML)
    return path


def test_an_extract_brings_flags_that_are_no_devices(extract, load):
    said = load(extract)
    assert "1 added" in said
    assert "3 flags written" in said
    assert set(known()) == {"node/5", "way/1", "relation/7"}
    assert Element.objects.count() == Device.objects.count() == 1
    assert known()["way/1"].kind == "car_park"
    enforced = known()["relation/7"]
    assert (enforced.kind, enforced.version) == ("enforcement", 3)
    assert enforced.tags == {"enforcement": "maxspeed", "maxspeed": "50"}
    # Where its device stands.
    assert (enforced.location.x, enforced.location.y) == (-1.72, 48.12)
    assert "flags" not in load(extract)


def test_an_extract_in_pbf_brings_the_same(extract, tmp_path, load):
    packed = tmp_path / "town.osm.pbf"
    command = ["osmium", "cat", "--no-progress", str(extract), "-o", str(packed)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    said = load(packed)
    assert "1 added" in said
    assert "3 flags written" in said
    assert known()["relation/7"].location.x == -1.72
    assert known()["way/1"].kind == "car_park"
    assert "flags" not in load(packed)
    # What the file says of it no longer is found by its id.
    extract.write_text(XML.replace('v="outdoor"', 'v="no"').replace('version="4"', 'version="5"'))
    packed.unlink()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    load(packed)
    assert set(known()) == {"node/5", "relation/7"}


def test_a_node_of_an_extract_that_became_a_device_is_a_flag_no_more(load, write_pbf):
    load_park(park(1))
    load(write_pbf([(1, 2, -1.7, 48.1, PARK | {"man_made": "surveillance"})]))
    assert not known()
    assert Element.objects.get().osm_id == 1


def test_of_a_car_park_only_what_flags_it_is_kept():
    load_park(park(1))
    assert known()["node/1"].tags == {"surveillance": "outdoor"}
    assert "Jeanne" not in str(list(OsmFlag.objects.values()))


def test_a_newer_version_replaces_an_older_one_and_not_the_other_way():
    load_park(park(1, 2))
    load_park(park(1, 1, tags=PARK | {"surveillance": "indoor"}))
    assert known()["node/1"].tags["surveillance"] == "outdoor"
    load_park(park(1, 3, tags=PARK | {"surveillance": "indoor"}, place=LonLat(1, 2)))
    flag = known()["node/1"]
    assert (flag.tags["surveillance"], flag.version, flag.location.x) == ("indoor", 3, 1)


@pytest.mark.parametrize(
    "changes",
    [{"tags": {"amenity": "parking"}}, {"is_visible": False, "tags": {}}, {"tags": {}}],
    ids=["no longer watched", "deleted", "no tags"],
)
def test_what_is_flagged_no_more_goes(changes):
    load_park(park(1, 2), park(2, 2))
    load_park(park(1, 1, **changes))
    assert set(known()) == {"node/1", "node/2"}
    load_park(park(1, 3, **changes))
    assert set(known()) == {"node/2"}


def test_what_becomes_a_device_is_a_flag_no_more():
    load_park(park(1))
    load_park(park(1, 2, tags=PARK | {"man_made": "surveillance"}))
    assert not known()
    assert Element.objects.get().osm_id == 1


def test_what_has_no_place_is_left_out_or_stays_where_it_was():
    load_park(park(1), park(2, place=None))
    load_park(park(1, 2, place=None))
    assert set(known()) == {"node/1"}
    assert (known()["node/1"].version, known()["node/1"].location.x) == (2, -1.7)


def test_it_is_followed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Replication.__init__, "__kwdefaults__", {"sleep": lambda seconds: None})
    (tmp_path / "replication").mkdir()
    with serving(tmp_path / "replication") as published:

        def follow(**options):
            call_command("osm_follow", url=published.url, once=True, **options)

        follow(sequence=999)
        published.publish(camera(1, 1, act="create", tags=PARK) + camera(2, 1, tags=PARK))
        follow()
        assert set(known()) == {"node/1", "node/2"}
        published.publish(camera(1, 2, tags={"amenity": "parking"}))
        published.publish(camera(2, 2, act="delete"))
        follow()
    assert not known()
    assert not Device.objects.exists()
    assert "refused" not in capsys.readouterr().err


def test_it_is_pulled(settings, capsys):
    relation = {
        "type": "relation", "id": 7, "version": 1, "tags": ENFORCED,
        "members": [
            {"type": "node", "ref": 1, "role": "from", "lon": -1.71, "lat": 48.1},
            {"type": "node", "ref": 3, "role": "device", "lon": -1.72, "lat": 48.12},
        ],
    }  # fmt: skip
    node = {"type": "node", "id": 1, "version": 1, "lon": -1.7, "lat": 48.1, "tags": PARK}
    moment = {"timestamp_osm_base": "2026-11-20T08:00:00Z"}
    with running() as fake:
        settings.OVERPASS_URLS, settings.OSM_API_URL = [fake.url], "http://127.0.0.1:9"
        said = {"version": 0.6, "osm3s": moment, "elements": [node, relation]}
        fake.replies = [Reply(json.dumps(said).encode())]
        for _ in range(2):
            call_command("osm_pull", "--bbox=-1.8,48,-1.6,48.2", "--accept-stale")
    assert "relation/7" in known()
    assert known()["relation/7"].location.x == -1.72
    assert 'relation["type"="enforcement"]' in fake.queries[0]
    assert "relation(id:7);" in fake.queries[1]
    assert not Device.objects.exists()


def test_flags_never_make_up_for_devices_that_an_answer_lacks(settings):
    cameras = [park(number, tags={"man_made": "surveillance"}) for number in range(1, 11)]
    load_park(*cameras)
    parks = [
        {"type": "node", "id": n, "version": 1, "lon": -1.7, "lat": 48.1, "tags": PARK}
        for n in range(100, 120)
    ]
    with running() as fake:
        settings.OVERPASS_URLS, settings.OSM_API_URL = [fake.url], "http://127.0.0.1:9"
        moment = {"timestamp_osm_base": "2026-11-20T08:00:00Z"}
        said = {"version": 0.6, "osm3s": moment, "elements": parks}
        fake.replies = [Reply(json.dumps(said).encode())]
        with pytest.raises(Exception, match="0 devices where 10 are known"):
            call_command("osm_pull", "--bbox=-1.8,48,-1.6,48.2", "--accept-stale")
    assert not known()


def test_a_box_is_answered_as_geojson(client, extract, load):
    load(extract)
    answer = client.get("/data/flags.geojson?bbox=-1.8,48,-1.6,48.2")
    assert answer["Content-Type"] == "application/geo+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "max-age=60"
    said = answer.json()
    assert (said["type"], said["license"]) == ("FeatureCollection", "ODbL-1.0")
    assert "OpenStreetMap" in said["attribution"]
    assert [feature["id"] for feature in said["features"]] == ["node/5", "relation/7", "way/1"]
    assert said["features"][1] == {
        "type": "Feature",
        "id": "relation/7",
        "geometry": {"type": "Point", "coordinates": [-1.72, 48.12]},
        "properties": {
            "id": "relation/7",
            "kind": "enforcement",
            "url": "https://www.openstreetmap.org/relation/7",
            "osm_version": 3,
            "tags": {"enforcement": "maxspeed", "maxspeed": "50"},
        },
    }
    assert not client.get("/data/flags.geojson?bbox=3,48,4,49").json()["features"]
    one = client.get("/data/flags.geojson?bbox=-1.8,48,-1.6,48.2&kind=enforcement").json()
    assert len(one["features"]) == 1
    devices = b"".join(client.get("/data/devices.geojson?kind=speed_camera"))
    assert len(json.loads(devices)["features"]) == 1


@pytest.mark.parametrize(
    "query",
    ["", "bbox=", "bbox=1,2,3", "bbox=nan,nan,nan,nan", "bbox=1,2,3,4&kind=x", "bbox=1,2,3,4&a=b"],
)
def test_what_is_no_box_or_kind_is_a_400_in_words(client, query):
    answer = client.get(f"/data/flags.geojson?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_box_with_too_many_is_refused_and_not_cut(client, monkeypatch):
    load_park(park(1), park(2))
    monkeypatch.setattr(flags, "_MOST", 1)
    assert client.get("/data/flags.geojson?bbox=-2,48,-1,49").status_code == 400
