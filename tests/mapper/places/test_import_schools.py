"""import_schools: from OSM and from GeoJSON, as grounds or as points."""

import json

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command

from geo.geodesy import destination
from geo.position import LonLat
from mapper.errors import CommandFailure
from mapper.places.models import School

pytestmark = pytest.mark.django_db

# A square of some 55 by 75 m at Rennes, a node, a ring with a yard that is not of it, and others.
TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
{nodes}
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="amenity" v="school"/><tag k="name" v="École des Lilas"/></way>
<node id="20" version="1" lat="48.2" lon="-1.7">
  <tag k="amenity" v="kindergarten"/></node>
<way id="11" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/></way>
<relation id="30" version="1"><member type="way" ref="11" role="outer"/>
  <tag k="type" v="multipolygon"/><tag k="amenity" v="school"/><tag k="name" v="Lycée"/></relation>
<node id="21" version="1" lat="48.3" lon="-1.7"><tag k="amenity" v="bar"/></node>
</osm>
"""


def corners(first, west, south):
    places = [(west, south), (west + 0.001, south), (west + 0.001, south + 0.0005)]
    places.append((west, south + 0.0005))
    return "\n".join(
        f'<node id="{first + number}" version="1" lat="{lat}" lon="{lon}"/>'
        for number, (lon, lat) in enumerate(places)
    )


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(TOWN.format(nodes=corners(1, -1.68, 48.11) + corners(5, -1.66, 48.11)))
    return path


@pytest.fixture
def write(tmp_path):
    def written(*features):
        path = tmp_path / "schools.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
        return path

    return written


@pytest.fixture
def run(capsys):
    def ran(path):
        call_command("import_schools", str(path))
        return capsys.readouterr().out

    return ran


def point(lon=-1.68, lat=48.11, **properties):
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def is_near(lon, lat, within_m=50):
    return School.objects.are_near([Point(lon, lat, srid=4326)], within_m=within_m)


def test_osm_gives_grounds_of_ways_and_relations_and_points(run, town):
    assert "3 added" in run(town)
    names = dict(School.objects.values_list("code", "name"))
    assert names == {
        "osm-w10": "École des Lilas",
        "osm-r30": "Lycée",
        "osm-n20": "kindergarten",
    }
    # 0.0006 degrees of latitude are 67 m, 0.0004 are 44 m.
    assert is_near(-1.6795, 48.11 - 0.0004)
    assert not is_near(-1.6795, 48.11 - 0.0006)


def test_the_same_file_again_changes_nothing(run, town):
    run(town)
    assert "0 added, 0 changed, 3 unchanged" in run(town)


def test_a_point_stands_for_grounds_that_reach_fifty_metres(run, write):
    properties = {"identifiant_de_l_etablissement": "0350001A", "nom_etablissement": "Maternelle"}
    run(write(point(**properties)))
    school = School.objects.get()
    assert (school.code, school.name) == ("0350001A", "Maternelle")
    for bearing in range(0, 360, 7):
        near = destination(LonLat(-1.68, 48.11), bearing, 99)
        far = destination(LonLat(-1.68, 48.11), bearing, 101)
        assert is_near(near.lon, near.lat)
        assert not is_near(far.lon, far.lat)


def test_nothing_is_near_without_a_place_or_a_school():
    assert not is_near(-1.68, 48.11)
    assert not School.objects.are_near([], within_m=50)


def test_what_can_not_be_taken_is_named(run, write):
    good = point(code="a", name="A")
    bad = (point(code="b", name="B", lat=91), point(code="c", name="C", lat=90), point(name="D"))
    with pytest.raises(CommandFailure) as raised:
        run(write(good, *bad))
    assert raised.value.returncode == 1
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("empty.osm", "<osm version='0.6'></osm>"),
        ("broken.osm", "<osm version='0.6'><node id="),
        ("noise.osm.pbf", "noise"),
        ("empty.geojson", '{"type": "FeatureCollection", "features": []}'),
    ],
)
def test_a_file_without_schools_is_refused_in_a_line(run, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(CommandFailure) as raised:
        run(path)
    assert raised.value.returncode == 2
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)
