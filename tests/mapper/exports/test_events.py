"""The downloads of events: a day, a half of it, a wide area; never the hour or the place."""

import csv
import datetime
import io
import json

import pytest
import shapely
from django.utils import timezone

from geo.geodesy import distance_m
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.exports.dictionary import EVENT_COLUMNS, column_names
from mapper.exports.event_filter import EventFilter
from mapper.exports.events import event_csv, event_geojson
from tests.factories import LAT, LON, CityFactory, EventFactory, box, point

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2026, 5, 12, 10, 17, 33, tzinfo=datetime.UTC)


def geojson(**query):
    return json.loads(b"".join(event_geojson(EventFilter.parse(query))))


def rows(**query):
    text = b"".join(event_csv(EventFilter.parse(query))).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def flight(**changes):
    hour = datetime.timedelta(hours=1)
    return EventFactory(**({"starts_at": NOON, "ends_at": NOON + 6 * hour} | changes))


def test_an_event_is_published_with_the_columns_of_the_dictionary():
    flight(city=CityFactory())
    (feature,) = geojson()["features"]
    (row,) = rows()
    assert list(feature["properties"]) == column_names(EVENT_COLUMNS, "geojson")
    assert list(row) == column_names(EVENT_COLUMNS, "csv")
    assert row["license"] == "ODbL-1.0"
    assert row["city_name"] == "Rennes"


def test_neither_the_hour_nor_the_place_of_an_event_is_anywhere_in_the_files():
    flight(location=point(-1.6834567, 48.1134567))
    for text in (json.dumps(geojson()), json.dumps(rows())):
        assert "10:17" not in text
        assert "12:17" not in text
        assert "1.68345" not in text
        assert "48.11345" not in text


def test_an_event_is_published_as_a_day_and_an_area_of_500_m_that_holds_its_place():
    flight(operator="=2+3")
    (feature,) = geojson()["features"]
    (row,) = rows()
    area = shapely.from_geojson(json.dumps(feature["geometry"]))
    said = feature["properties"]
    assert (said["first_day"], said["last_day"], said["half"]) == (
        "2026-05-12",
        "2026-05-12",
        "afternoon",
    )
    assert area.contains(shapely.Point(LON, LAT))
    west, _, east, _ = area.bounds
    assert distance_m(LonLat(west, LAT), LonLat(east, LAT)) > 990
    assert row["operator"] == "'=2+3"
    assert shapely.from_wkt(row["area"]).equals_exact(area, 1e-6, normalize=True)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_beginning_that_a_spreadsheet_runs_stands_alone(start):
    flight(operator=f"{start}=1+1")
    (row,) = rows()
    assert row["operator"] == f"'{start}=1+1"


def test_an_event_of_yesterday_is_not_published_yet():
    now = timezone.now()
    EventFactory(starts_at=now - datetime.timedelta(hours=30), ends_at=now)
    EventFactory(verification="unverified")
    assert geojson()["features"] == []


def test_the_box_is_met_by_the_published_area_so_that_halving_finds_no_place():
    flight()
    # Cells of 50 m around the place: were the place compared, exactly one of them would meet it.
    step = 0.0007
    met = [
        bool(
            geojson(bbox=f"{LON + i * step},{LAT},{LON + (i + 1) * step},{LAT + step}")["features"]
        )
        for i in range(-3, 3)
    ]
    assert all(met)
    assert not geojson(bbox="2,48,3,49")["features"]


def test_the_filters_select_by_kind_city_day_and_verification():
    city = CityFactory()
    flight(city=city)
    flight(kind="trailer", verification="declared")
    assert len(geojson()["features"]) == 1
    assert len(geojson(verification="verified,declared")["features"]) == 2
    assert not geojson(kind="trailer")["features"]
    assert len(geojson(city=city.slug)["features"]) == 1
    assert len(geojson(seen_since="2026-05")["features"]) == 1
    assert not geojson(seen_since="2026-06")["features"]
    assert len(geojson(changed_since="2020")["features"]) == 1


@pytest.mark.parametrize(
    "query", [{"status": "active"}, {"kind": "camera"}, {"bbox": "1,2,3"}, {"seen_since": "May"}]
)
def test_a_filter_that_events_do_not_have_is_refused(query):
    with pytest.raises((BadInput, ValueError)):
        EventFilter.parse(query)


def test_an_event_with_an_area_keeps_it():
    area = box(-1.70, 48.10, -1.66, 48.12)
    flight(location=None, area=area)
    (feature,) = geojson()["features"]
    published = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert published.buffer(1e-9).contains(shapely.from_wkb(bytes(area.wkb)))
    assert point() is not None
