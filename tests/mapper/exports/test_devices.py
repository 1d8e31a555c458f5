"""The downloads of devices: what is in a row, what is not, and the same bytes each time."""

import csv
import io
import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapper.exports.devices import device_csv, device_geojson
from mapper.exports.dictionary import DEVICE_COLUMNS, column_names
from mapper.osm.models import Element
from mapper.sightings.models import Device
from tests.factories import CityFactory, ClaimFactory, make_device, make_osm_device, point
from tests.published import AWKWARD, accept_sighting, make_rich_device, publish_photo

pytestmark = pytest.mark.django_db


def geojson(devices=None):
    return json.loads(b"".join(device_geojson(devices or Device.objects.public())))


def rows(devices=None):
    text = b"".join(device_csv(devices or Device.objects.public())).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_feature_has_every_property_of_the_dictionary_in_its_order():
    make_rich_device()
    (feature,) = geojson()["features"]
    assert list(feature["properties"]) == column_names(DEVICE_COLUMNS, "geojson")


def test_a_csv_line_has_every_column_of_the_dictionary_in_its_order():
    make_rich_device()
    (row,) = rows()
    assert list(row) == column_names(DEVICE_COLUMNS, "csv")


def test_a_row_says_what_the_evidence_says():
    CityFactory(code="35238")
    device = make_rich_device()
    (feature,) = geojson()["features"]
    said = feature["properties"]
    element = Element.objects.get()
    assert feature["id"] == said["id"] == str(device.id)
    assert feature["geometry"] == {"type": "Point", "coordinates": [-1.6812345, 48.1154321]}
    assert said["url"] == f"http://127.0.0.1:8000/devices/{device.id}/"
    assert said["directions"] == ["45", "180-270.5"]
    assert (said["height_m"], said["kind"], said["zone"]) == (4.5, "camera", "town")
    assert said["capabilities"] == ["audio", "plate_reading"]
    assert said["sources"] == ["document", "osm", "walker"]
    assert (said["verification"], said["status"]) == ("verified", "active")
    assert (said["city_country"], said["city_code"], said["city_name"]) == ("FR", "35238", "Rennes")
    assert (said["sightings"], said["photos"], said["documents"]) == (1, 1, 1)
    assert (said["osm_type"], said["osm_id"], said["osm_version"]) == ("node", element.osm_id, 3)
    assert said["osm_tags"] == element.tags
    assert said["osm_tags"]["operator"] == AWKWARD
    assert said["updated_on"] == device.updated_on.isoformat()


def test_directions_joined_by_semicolons_are_osm_tag_values():
    make_rich_device()
    (row,) = rows()
    assert row["directions"] == "45;180-270.5"
    assert row["sources"] == "document;osm;walker"


def test_text_that_a_spreadsheet_would_run_is_quoted_but_no_number_and_no_tag():
    make_rich_device()
    (row,) = rows()
    assert row["operator"] == "'=cmd|' /C calc'!A0"
    assert (row["manufacturer"], row["model"]) == ("'-Axis", "'+1")
    assert row["lon"] == "-1.6812345"
    assert json.loads(row["osm_tags"])["operator"] == AWKWARD


def test_what_is_not_known_is_null_in_geojson_and_empty_in_csv():
    make_device(attributes={"kind": "camera"})
    (feature,) = geojson()["features"]
    (row,) = rows()
    unknown = [name for name, value in feature["properties"].items() if value is None]
    assert {"camera_type", "operator", "height_m", "city_code", "osm_tags"} <= set(unknown)
    assert all(row[name] == "" for name in unknown)
    assert feature["properties"]["directions"] == []
    assert row["directions"] == row["capabilities"] == ""


def test_a_private_home_has_no_operator_and_no_photo():
    device = make_rich_device()
    home = ClaimFactory(is_private_home=True, attributes={"kind": "camera"})
    from mapper.sightings.actions import attach_claim

    attach_claim(claim=home, device=device, decision=uuid.uuid4())
    (feature,) = geojson()["features"]
    assert feature["properties"]["operator"] is None
    assert feature["properties"]["photos"] == 0


def test_only_accepted_sightings_published_photos_and_public_documents_count():
    device = make_rich_device()
    pending = ClaimFactory(is_verified=False)
    from mapper.photos.models import Photo
    from mapper.sightings.models import Sighting
    from tests.factories import CitationFactory, DocumentFactory, PhotoFactory

    Sighting.objects.filter(claim=device.claims.get(source="walker")).update(state="withdrawn")
    CitationFactory(claim=pending, document=DocumentFactory(is_public=False))
    PhotoFactory(sighting=Sighting.objects.get())
    from mapper.documents.models import Document

    Document.objects.update(is_public=False)
    (feature,) = geojson()["features"]
    said = feature["properties"]
    assert Photo.objects.count() == 2
    assert (said["sightings"], said["photos"], said["documents"]) == (0, 0, 0)


def test_counts_do_not_multiply_each_other():
    device = make_device()
    for number in range(3):
        from mapper.sightings.actions import attach_claim

        claim = ClaimFactory(attributes={"kind": "camera"})
        attach_claim(claim=claim, device=device, decision=uuid.uuid4())
        sighting = accept_sighting(claim)
        for photo in range(2):
            publish_photo(sighting, f"{number}{photo}.jpg")
    (feature,) = geojson()["features"]
    assert (feature["properties"]["sightings"], feature["properties"]["photos"]) == (3, 6)


def test_a_device_of_two_elements_shows_the_one_that_still_stands():
    device, other = make_osm_device(), make_osm_device()
    Element.objects.filter(claim__device=device).update(is_visible=False, osm_id=1)
    from mapper.sightings.actions import merge_devices

    merge_devices(survivor=device, other=other, decision=uuid.uuid4())
    (feature,) = geojson()["features"]
    assert feature["properties"]["osm_id"] != 1


def test_top_members_state_licence_attribution_and_the_day_of_the_last_change():
    device = make_device()
    collection = geojson()
    assert collection["license"] == "ODbL-1.0"
    assert "OpenStreetMap" in collection["attribution"]
    assert collection["data_date"] == device.updated_on.isoformat()


def test_without_devices_the_files_are_whole_and_empty():
    assert geojson() | {"attribution": ""} == {
        "type": "FeatureCollection",
        "license": "ODbL-1.0",
        "attribution": "",
        "data_date": None,
        "features": [],
    }
    assert rows() == []
    header = b"".join(device_csv(Device.objects.public())).decode()
    assert header.strip().split(",") == column_names(DEVICE_COLUMNS, "csv")


def test_the_same_data_gives_the_same_bytes_in_the_order_of_ids():
    for step in range(5):
        make_osm_device(-1.68 + step / 1000)
    first = b"".join(device_geojson(Device.objects.public()))
    assert first == b"".join(device_geojson(Device.objects.public().order_by("-updated_on")))
    ids = [feature["id"] for feature in json.loads(first)["features"]]
    assert ids == sorted(ids)


def test_a_position_is_rounded_to_seven_decimals():
    make_device(location=point(-1.68123456789, 48.1))
    (feature,) = geojson()["features"]
    assert feature["geometry"]["coordinates"] == [-1.6812346, 48.1]


tag_text = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1, max_size=60
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tags=st.dictionaries(tag_text, tag_text, min_size=1, max_size=8))
def test_every_raw_tag_comes_back_byte_for_byte_in_both_formats(tags):
    Element.objects.all().delete()
    device = make_osm_device()
    Element.objects.filter(claim__device=device).update(tags=tags)
    mine = Device.objects.filter(id=device.id)
    (feature,) = geojson(mine)["features"]
    (row,) = rows(mine)
    assert feature["properties"]["osm_tags"] == tags
    assert json.loads(row["osm_tags"]) == tags


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_beginning_that_a_spreadsheet_runs_stands_alone(start):
    """Some read full-width signs as formulas, some skip a tab or an end of line before one."""
    text = f"{start}=1+1"
    make_device(attributes={"kind": "camera", "operator": text, "zone": f"A {text}"})
    make_osm_device(operator=text)
    found = rows()
    assert {row["operator"] for row in found if not row["osm_tags"]} == {f"'{text}"}
    assert f"A {text}" in {row["zone"] for row in found}
    (tags,) = [row["osm_tags"] for row in found if row["osm_tags"]]
    assert json.loads(tags)["operator"] == text
