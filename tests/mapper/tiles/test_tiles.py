"""Vector tiles: every device once at every zoom, nothing private, nothing of another tile."""

import json

import mapbox_vector_tile
import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device
from mapper.tiles.tile import render_tile
from tests.factories import LAT, LON, EventFactory, box, make_device, make_osm_device, point

pytestmark = pytest.mark.django_db


def address(z, lon=LON, lat=LAT):
    tile = tile_at(LonLat(lon, lat), z)
    return f"/tiles/devices/{tile.z}/{tile.x}/{tile.y}.mvt"


def layer(content, name):
    """Return the properties of the features of a layer."""
    decoded = mapbox_vector_tile.decode(content) if content else {}
    return [feature["properties"] for feature in decoded.get(name, {"features": []})["features"]]


def test_near_a_tile_holds_each_device_with_what_its_sign_needs(client):
    device = make_device(
        attributes={
            "kind": "camera",
            "camera_type": "dome",
            "directions": [{"from": 45, "to": 45}, {"from": 350, "to": 10}],
        }
    )
    answer = client.get(address(16))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "max-age=60"
    (sign,) = layer(answer.content, "devices")
    assert json.loads(sign.pop("direction")) == [{"from": 45, "to": 45}, {"from": 350, "to": 10}]
    assert sign == {
        "id": str(device.id),
        "kind": "camera",
        "camera_type": "dome",
        "status": "active",
        "verification": "verified",
        "last_seen": "2026-05",
    }


def test_a_device_stands_in_the_tile_where_it_stands_on_earth(client):
    make_osm_device()
    content = client.get(address(17)).content
    (feature,) = mapbox_vector_tile.decode(content)["devices"]["features"]
    tile = tile_at(LonLat(LON, LAT), 17)
    bounds = tile_bbox(tile)
    x, y = feature["geometry"]["coordinates"]
    lon = bounds.west + x / 4096 * (bounds.east - bounds.west)
    # The decoder turns y up; within a tile of 200 m Mercator is as good as linear.
    lat = bounds.south + y / 4096 * (bounds.north - bounds.south)
    assert lon == pytest.approx(LON, abs=2e-6)
    assert lat == pytest.approx(LAT, abs=2e-6)


def test_far_a_tile_gathers_devices_and_shows_a_lone_one_as_itself(client):
    for step in range(3):
        make_osm_device(LON + step * 1e-5)
    alone = make_osm_device(LON + 0.005)
    clusters = layer(client.get(address(12)).content, "clusters")
    by_count = {cluster["count"]: cluster for cluster in clusters}
    assert set(by_count) == {1, 3}
    assert by_count[1]["id"] == str(alone.id)
    assert by_count[1]["kind"] == "camera"
    assert "west" not in by_count[1]
    assert "id" not in by_count[3]
    assert by_count[3]["west"] == pytest.approx(LON)
    assert by_count[3]["east"] == pytest.approx(LON + 2e-5)


# As positions are stored: to seven decimals, so that none is next to nothing.
lons = st.floats(-180, 180).map(lambda lon: round(lon, 7)) | st.sampled_from(
    [-180.0, -90.0, 0.0, 90.0, 179.999999999, 180.0]
)
lats = st.floats(-90, 90).map(lambda lat: round(lat, 7)) | st.sampled_from(
    [-90.0, -85.0511287798, 0.0, 85.0511287798, 86.0, 90.0]
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(positions=st.lists(st.tuples(lons, lats), min_size=1, max_size=12), z=st.integers(0, 4))
@example(positions=[(0.0, 5e-324), (5e-324, -2e-322)], z=4)
def test_at_each_zoom_the_clusters_count_each_device_exactly_once(positions, z):
    Device.objects.all().delete()
    Device.objects.bulk_create(
        Device(
            location=point(lon, lat),
            verification="osm_only",
            kind="camera",
            updated_on="2026-05-01",
        )
        for lon, lat in positions
    )
    everything = DeviceFilter.parse({})
    # Only tiles that hold something, and their neighbours: the rest of the world is empty.
    tiles = {tile_at(LonLat(lon, lat), z) for lon, lat in positions}
    last = 2**z - 1
    around = {
        Tile(z, min(max(tile.x + dx, 0), last), min(max(tile.y + dy, 0), last))
        for tile in tiles
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    }
    contents = [render_tile(tile, everything) for tile in around]
    counted = sum(cluster["count"] for c in contents for cluster in layer(c, "clusters"))
    assert counted == len(positions)
    for content in contents:
        decoded = mapbox_vector_tile.decode(content) if content else {"clusters": {"features": []}}
        for feature in decoded["clusters"]["features"]:
            x, y = feature["geometry"]["coordinates"]
            assert 0 <= x < 4096
            assert 0 < y <= 4096


def test_the_sum_of_the_clusters_is_the_number_of_the_default_download(client):
    for step in range(40):
        make_osm_device(LON + step / 7, LAT + step / 9)
    for z in range(4):
        counted = 0
        for x in range(2**z):
            for y in range(2**z):
                content = client.get(f"/tiles/devices/{z}/{x}/{y}.mvt").content
                counted += sum(cluster["count"] for cluster in layer(content, "clusters"))
        assert counted == 40


@pytest.mark.parametrize("shows_unchecked", [True, False])
def test_the_map_shows_verified_osm_and_paper_and_marks_what_nobody_checked(
    client, settings, shows_unchecked
):
    settings.PUBLISH_UNVERIFIED = shows_unchecked
    shown = [make_device(), make_osm_device()]
    shown.append(make_device(source="document", is_verified=False, seen_from="", seen_to=""))
    unchecked = make_device(is_verified=False)
    signs = layer(client.get(address(18)).content, "devices")
    expected = {str(device.id): device.verification for device in shown}
    if shows_unchecked:
        expected[str(unchecked.id)] = "unverified"
    assert {sign["id"]: sign["verification"] for sign in signs} == expected


def test_removed_devices_are_shown_as_removed(client):
    make_device(presence="gone")
    (sign,) = layer(client.get(address(18)).content, "devices")
    assert sign["status"] == "removed"


def test_speed_cameras_are_shown_only_when_asked_for(client):
    camera = make_osm_device()
    Device.objects.filter(id=camera.id).update(kind="speed_camera")
    for z in (10, 16):
        assert client.get(address(z)).status_code == 204
        assert client.get(address(z) + "?kind=speed_camera").status_code == 200


@pytest.mark.parametrize("z", [10, 16])
def test_a_tile_takes_the_filters_of_the_downloads(client, z):
    make_osm_device()
    name = "clusters" if z == 10 else "devices"
    assert layer(client.get(address(z) + "?kind=camera&status=active").content, name)
    for query in ("kind=alpr", "verification=verified", "bbox=2,48,3,49", "seen_since=2020"):
        assert client.get(f"{address(z)}?{query}").status_code == 204, query
    refused = client.get(address(z) + "?colour=red")
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"


def test_a_device_just_beyond_the_edge_is_drawn_in_both_tiles_when_near(client):
    tile = tile_at(LonLat(LON, LAT), 16)
    east = tile_bbox(tile).east
    make_osm_device(east + 1e-6, LAT)
    for x in (tile.x, tile.x + 1):
        content = client.get(f"/tiles/devices/16/{x}/{tile.y}.mvt").content
        assert len(layer(content, "devices")) == 1


def test_an_empty_tile_is_204_without_content(client):
    answer = client.get(address(14))
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "23/0/0",
        "5/32/0",
        "5/0/32",
        "-1/0/0",
        "a/0/0",
        "1/1.5/0",
        "1e1/0/0",
        "0/1/0",
        "99999999999/0/0",
    ],
)
def test_a_tile_that_can_not_be_is_404_in_words(client, path):
    answer = client.get(f"/tiles/devices/{path}.mvt")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_zoom_22_is_the_last(client):
    make_osm_device()
    assert client.get(address(22)).status_code == 200


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=8),
        min_size=3,
        max_size=3,
    )
)
def test_no_address_breaks_the_tiles(parts):
    path = "/".join(part.replace("/", "_").replace("?", "_").replace("#", "_") for part in parts)
    answer = Client().get(f"/tiles/devices/{path.replace('%', '_')}.mvt")
    assert answer.status_code in (200, 204, 404)


def test_the_same_tile_has_the_same_etag_and_is_not_sent_again(client):
    for step in range(20):
        make_osm_device(LON + step / 50)
    for z in (8, 15):
        etag = client.get(address(z))["ETag"]
        assert client.get(address(z))["ETag"] == etag
        assert client.get(address(z), headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("z", [0, 9, 14, 15, 18])
def test_an_event_is_marked_at_its_published_point_and_in_one_tile(client, z):
    from mapper.sightings.publication import published_position

    event = EventFactory(location=point(LON, LAT))
    at = published_position(event)
    (mark,) = layer(client.get(address(z, at.lon, at.lat)).content, "events")
    assert mark["id"] == str(event.id)
    assert mark["kind"] == "drone_flight"
    tile = tile_at(at, z)
    others = 0
    for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        x, y = tile.x + dx, tile.y + dy
        if 0 <= x < 2**z and 0 <= y < 2**z:
            others += len(layer(client.get(f"/tiles/devices/{z}/{x}/{y}.mvt").content, "events"))
    assert others == 0


def test_events_follow_the_filters_that_events_have(client):
    EventFactory(operator_type="public")
    EventFactory(location=None, area=box(-1.69, 48.10, -1.67, 48.12), operator_type="private")
    assert len(layer(client.get(address(5)).content, "events")) == 2
    assert len(layer(client.get(address(5) + "?operator_type=public").content, "events")) == 1
    assert len(layer(client.get(address(5) + "?bbox=-2,48,-1,49").content, "events")) == 2
    for query in ("bbox=2,48,3,49", "kind=camera", "verification=declared"):
        assert client.get(f"{address(5)}?{query}").status_code == 204


def test_the_tilejson_names_what_the_tiles_hold(client):
    make_osm_device()
    EventFactory()
    answer = client.get("/tiles/devices.json")
    document = answer.json()
    assert document["tilejson"] == "3.0.0"
    assert document["tiles"] == ["http://127.0.0.1:8000/tiles/devices/{z}/{x}/{y}.mvt"]
    assert (document["minzoom"], document["maxzoom"]) == (0, 22)
    assert "OpenStreetMap" in document["attribution"]
    fields = {entry["id"]: set(entry["fields"]) for entry in document["vector_layers"]}
    near, far = client.get(address(15)).content, client.get(address(14)).content
    assert set(layer(near, "devices")[0]) <= fields["devices"]
    assert set(layer(far, "clusters")[0]) <= fields["clusters"]
    assert set(layer(far, "events")[0]) <= fields["events"]
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("z", [3, 16])
def test_a_tile_costs_two_queries(client, django_assert_num_queries, z):
    for step in range(5):
        make_osm_device(LON + step / 1000)
    with django_assert_num_queries(2):
        client.get(address(z))
