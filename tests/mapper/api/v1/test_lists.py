"""Lists of the API: pages, cursors, filters, and the same features as the detail views."""

import json

import pytest

from mapper.sightings.actions import attach_claim
from tests.factories import (
    CityFactory,
    DocumentFactory,
    EventFactory,
    make_device,
    make_osm_device,
)
from tests.published import accept_sighting, make_rich_device

pytestmark = pytest.mark.django_db

RESOURCES = ["devices", "events", "sightings", "cities", "documents"]


def get(client, address, **query):
    answer = client.get(f"/api/v1/{address}", query)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


@pytest.fixture
def something(db):
    """Return two of everything that the API lists."""
    cities = [CityFactory(), CityFactory(notice="Not a municipality.", population=None)]
    devices = [
        make_rich_device(name="one.jpg"),
        make_rich_device(-1.65, 48.15, name="two.jpg", operator=""),
    ]
    EventFactory(city=cities[0], operator="Prefecture")
    EventFactory(operator_type="public")
    DocumentFactory(dated_on="2024-05", source_url="https://ville.example.org/x").cities.set(cities)
    return devices


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_list_is_a_geojson_feature_collection_for_everybody(client, something, resource):
    answer = client.get(f"/api/v1/{resource}/")
    collection = answer.json()
    assert answer["Content-Type"] == "application/geo+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "max-age=60"
    assert "Last-Modified" not in answer
    assert not answer.cookies
    assert collection["type"] == "FeatureCollection"
    assert collection["license"] == "ODbL-1.0"
    assert collection["next"] is None
    assert collection["features"]
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert feature["id"] == feature["properties"]["id"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_list_and_the_detail_view_say_the_same_field_by_field(client, something, resource):
    for feature in get(client, f"{resource}/")["features"]:
        detail = get(client, f"{resource}/{feature['id']}/")
        if resource == "cities":
            assert feature.pop("geometry") is None
            assert detail.pop("geometry")["type"] == "MultiPolygon"
            assert detail["bbox"] == pytest.approx(feature["bbox"])
            detail["bbox"] = feature["bbox"]
        assert detail == feature
        assert list(detail["properties"]) == list(feature["properties"])


def test_a_feature_of_the_api_is_the_feature_of_the_download(client, something):
    download = json.loads(client.get("/data/devices.geojson").getvalue())
    assert get(client, "devices/")["features"] == download["features"]


def test_a_private_home_says_the_same_in_both_views(client):
    from mapper.sightings.models import Device

    device = make_rich_device()
    Device.objects.filter(id=device.id).update(is_private_home=True)
    (feature,) = get(client, "devices/")["features"]
    assert get(client, f"devices/{device.id}/") == feature
    assert (feature["properties"]["operator"], feature["properties"]["photos"]) == (None, 0)
    (sighting,) = get(client, "sightings/")["features"]
    assert sighting["properties"]["photos"] == []
    assert get(client, f"sightings/{sighting['id']}/") == sighting


@pytest.mark.parametrize("resource", RESOURCES)
def test_following_the_cursor_gives_every_feature_once(client, something, resource):
    whole = [feature["id"] for feature in get(client, f"{resource}/")["features"]]
    found, address = [], f"/api/v1/{resource}/?limit=1"
    while address:
        answer = client.get(address)
        page = answer.json()
        found += [feature["id"] for feature in page["features"]]
        assert len(page["features"]) <= 1
        next_url = page["next"]
        assert ('rel="next"' in answer["Link"]) is bool(next_url)
        address = next_url.removeprefix("http://127.0.0.1:8000") if next_url else None
    assert found == whole == sorted(whole)
    assert len(whole) >= 2


def test_the_next_page_keeps_the_filters(client):
    for step in range(3):
        make_osm_device(-1.68 + step / 1000)
    next_url = get(client, "devices/", limit=2, kind="camera,alpr")["next"]
    assert "kind=camera,alpr" in next_url
    assert "limit=2" in next_url


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "ten", "1.5", "1e2", "", "٣", "9" * 30])
def test_a_limit_out_of_range_is_a_400_in_words(client, limit):
    answer = client.get("/api/v1/devices/", {"limit": limit})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad-limit"


@pytest.mark.parametrize("cursor", ["x", "%%%", "AAAA", "é", "A" * 1000, "bm8gdXVpZA"])
@pytest.mark.parametrize("resource", RESOURCES)
def test_a_cursor_that_is_not_ours_is_a_400_in_words(client, resource, cursor):
    answer = client.get(f"/api/v1/{resource}/", {"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad-cursor"


@pytest.mark.parametrize("resource", RESOURCES)
def test_an_unknown_filter_is_a_400_that_names_the_known_ones(client, resource):
    answer = client.get(f"/api/v1/{resource}/", {"colour": "red"})
    assert answer.status_code == 400
    assert "city" in answer.json()["detail"]


@pytest.mark.parametrize("resource", ["devices", "events", "sightings", "cities"])
@pytest.mark.parametrize(
    "bbox",
    ["1,2,3", "nan,nan,nan,nan", "inf,0,1,1", "5,49,2,48", "2,48,2,49", "48,2,200,3", "a,b,c,d"],
)
def test_a_box_that_is_no_box_is_a_400_in_words(client, resource, bbox):
    answer = client.get(f"/api/v1/{resource}/", {"bbox": bbox})
    assert answer.status_code == 400
    assert "ox" in answer.json()["detail"]


def test_a_box_selects_devices_sightings_events_and_cities(client, something):
    for resource in ("devices", "sightings", "events", "cities"):
        assert get(client, f"{resource}/", bbox="-2,48,-1,49")["features"], resource
        assert not get(client, f"{resource}/", bbox="20,48,21,49")["features"], resource


def test_the_city_filter_selects_in_each_list(client, something):
    city = get(client, "cities/")["features"][0]["id"]
    for resource in RESOURCES:
        assert get(client, f"{resource}/", city=city)["features"], resource


def test_nothing_unchecked_is_in_any_list(client):
    device = make_device(is_verified=False)
    accept_sighting(device.claims.get())
    DocumentFactory(is_public=False)
    EventFactory(verification="unverified")
    for resource in ("devices", "events", "sightings", "documents"):
        assert not get(client, f"{resource}/")["features"], resource


def test_the_list_of_sightings_holds_nothing_private(client):
    device = make_rich_device()
    sighting = device.claims.get(source="walker").sighting
    (feature,) = get(client, "sightings/")["features"]
    assert feature["id"] == str(sighting.id)
    assert feature["properties"] == {
        "id": str(sighting.id),
        "device": str(device.id),
        "device_url": f"http://127.0.0.1:8000/devices/{device.id}/",
        "seen": "2026-05",
        "presence": "there",
        "kind": "camera",
        "photos": ["http://127.0.0.1:8000/photos/c3a1.jpg"],
    }
    assert feature["geometry"]["coordinates"] == [-1.6812345, 48.1154321]


@pytest.mark.parametrize("state", ["received", "question_asked", "refused", "withdrawn"])
def test_a_sighting_that_is_not_accepted_is_in_no_list(client, state):
    from mapper.sightings.models import Sighting

    make_rich_device()
    Sighting.objects.update(state=state)
    assert not get(client, "sightings/")["features"]


def test_the_devices_of_a_city_are_counted_as_in_its_download(client):
    city = CityFactory()
    make_osm_device()
    make_device(source="document", is_verified=False, seen_from="", seen_to="")
    (feature,) = get(client, "cities/")["features"]
    download = json.loads(client.get(f"/data/cities/{city.slug}/devices.geojson").getvalue())
    assert feature["properties"]["devices"] == len(download["features"]) == 1


@pytest.mark.parametrize(
    ("resource", "queries"),
    [("devices", 1), ("events", 1), ("sightings", 1), ("cities", 1), ("documents", 1)],
)
def test_a_list_costs_the_same_queries_however_long_it_is(
    client, something, django_assert_num_queries, resource, queries
):
    with django_assert_num_queries(queries):
        get(client, f"{resource}/")


def test_a_filter_by_city_costs_one_query_more(client, something, django_assert_num_queries):
    city = CityFactory()
    with django_assert_num_queries(2):
        get(client, "devices/", city=city.slug)


def test_a_list_is_not_sent_again_to_those_who_have_it(client, something):
    etag = client.get("/api/v1/devices/")["ETag"]
    again = client.get("/api/v1/devices/", headers={"If-None-Match": etag})
    assert again.status_code == 304
    attach = make_osm_device(-1.6, 48.1)
    assert attach_claim
    assert client.get("/api/v1/devices/", headers={"If-None-Match": etag}).status_code == 200
    assert attach.id


@pytest.mark.parametrize(
    "address", ["/api/v1/devices/", "/data/devices.csv", "/tiles/devices/0/0/0.mvt"]
)
@pytest.mark.parametrize("name", ["city", "kind", "bbox", "seen_since"])
def test_a_nul_in_a_query_is_a_400_in_words(client, address, name):
    answer = client.get(address, {name: "rennes\x00"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
