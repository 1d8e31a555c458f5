"""The addresses under /data/: files, ranges, filters, limits, refusals."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapper.exports import actions, snapshot
from mapper.exports.downloads import Download
from mapper.sightings.models import Device
from tests.factories import CityFactory, ClaimFactory, EventFactory, make_device, make_osm_device
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db

FILES = ["/data/devices.geojson", "/data/devices.csv", "/data/events.geojson", "/data/events.csv"]


def body(answer):
    return answer.getvalue() if answer.streaming else answer.content


def ids(client, address):
    return {feature["id"] for feature in json.loads(body(client.get(address)))["features"]}


@pytest.mark.parametrize("address", FILES)
def test_a_download_says_what_it_is_whose_and_for_whom(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Link"].endswith('; rel="license"')
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "max-age=60"
    assert "Last-Modified" not in answer
    assert answer["Content-Disposition"].startswith('attachment; filename="contrechamp-')
    assert not answer.cookies
    assert body(answer)


def test_an_accepted_device_is_in_the_download_at_once(client):
    actions.write_files()
    device = make_device()
    assert str(device.id) in ids(client, "/data/devices.geojson")


@pytest.mark.parametrize("address", FILES)
def test_the_file_and_the_stream_are_the_same_bytes(client, address):
    make_rich_device()
    EventFactory()
    streamed = body(client.get(address))
    actions.write_files()
    answer = client.get(address)
    assert answer["Accept-Ranges"] == "bytes"
    assert body(answer) == streamed


def test_a_file_is_not_sent_again_to_those_who_have_it(client):
    actions.write_files()
    etag = client.head(FILES[0])["ETag"]
    assert client.get(FILES[0], headers={"If-None-Match": etag}).status_code == 304
    make_device()
    assert client.get(FILES[0], headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("bytes=3-99999999", 3, None),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(client, asked, start, end):
    make_rich_device()
    actions.write_files()
    whole = body(client.get(FILES[0]))
    answer = client.get(FILES[0], headers={"Range": asked})
    part = whole[start:end]
    first = start if start >= 0 else len(whole) + start
    assert answer.status_code == 206
    assert body(answer) == part
    assert answer["Content-Length"] == str(len(part))
    assert answer["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"


def test_a_part_that_is_not_there_is_416(client):
    actions.write_files()
    answer = client.get(FILES[0], headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer["Content-Range"].startswith("bytes */")


def test_a_part_of_another_content_is_answered_with_the_whole(client):
    actions.write_files()
    answer = client.get(FILES[0], headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert answer.status_code == 200
    body(answer)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.text(max_size=30), st.from_regex(r"bytes=[0-9,\- ]{0,20}", fullmatch=True)))
def test_no_range_header_breaks_the_answer(asked):
    actions.write_files()
    asked = "".join(c for c in asked if c.isprintable() and c.isascii())
    answer = Client().get(FILES[0], headers={"Range": asked})
    body(answer)
    assert answer.status_code in (200, 206, 416)


@pytest.mark.parametrize("address", [*FILES, "/data/devices.csv?kind=camera"])
def test_head_answers_without_a_body_and_without_the_work(client, address):
    answer = client.head(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].split(";")[0] in ("application/geo+json", "text/csv")
    assert body(answer) == b""
    # Nobody knows the length of what is streamed; CommonMiddleware would write 0 here.
    assert "Content-Length" not in answer


@pytest.mark.parametrize("address", FILES)
def test_head_says_of_a_file_what_get_does(client, address):
    make_rich_device()
    actions.write_files()
    asked, got = client.head(address), client.get(address)
    assert body(asked) == b""
    assert asked["Content-Length"] == got["Content-Length"] == str(len(body(got)))
    for name in ("ETag", "Accept-Ranges", "Content-Type", "Content-Disposition", "Link"):
        assert asked[name] == got[name]
    part = client.head(address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part["Content-Length"]) == (206, "10")


@pytest.mark.parametrize("address", FILES)
def test_nothing_can_be_posted_to_a_download(client, address):
    assert client.post(address).status_code == 405


def test_the_default_download_has_no_paper_and_nothing_unchecked(client):
    seen, osm = make_device(), make_osm_device()
    paper = make_device(source="document", is_verified=False, seen_from="", seen_to="")
    unchecked = make_device(is_verified=False)
    assert ids(client, "/data/devices.geojson") == {str(seen.id), str(osm.id)}
    assert ids(client, "/data/devices.geojson?verification=declared") == {str(paper.id)}
    assert Device.objects.get(id=unchecked.id).verification == "unverified"
    refused = client.get("/data/devices.geojson?verification=unverified")
    assert refused.status_code == 400


def test_each_filter_selects(client):
    city = CityFactory()
    inside = make_osm_device()
    outside = make_device(location=ClaimFactory().location.__class__(2.35, 48.85, srid=4326))
    Device.objects.filter(id=outside.id).update(
        kind="alpr", status="removed", operator_type="private", updated_on="2020-01-01"
    )
    for query in (
        "kind=camera", "status=active", f"city={city.slug}", f"city={city.code}",
        "bbox=-2,48,-1,49", "changed_since=2024", "verification=osm_only",
    ):  # fmt: skip
        assert ids(client, f"/data/devices.geojson?{query}") == {str(inside.id)}, query
    for query in (
        "kind=alpr", "status=removed", "operator_type=private", "bbox=2,48,3,49",
        "seen_since=2026-05", "kind=alpr,guard&status=removed",
    ):  # fmt: skip
        assert ids(client, f"/data/devices.geojson?{query}") == {str(outside.id)}, query


def test_a_box_across_the_antimeridian_holds_both_sides(client):
    east, west = make_osm_device(179.9, -16), make_osm_device(-179.9, -16)
    make_osm_device(0, -16)
    found = ids(client, "/data/devices.geojson?bbox=179,-17,-179,-15")
    assert found == {str(east.id), str(west.id)}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour=red", "kind operator_type status verification city bbox seen_since"),
        ("kind=dome", "camera"),
        ("bbox=1,2,3", "1,2,3"),
        ("bbox=nan,1,2,3", "nan"),
        ("bbox=1,3,2,2", "3.0"),
        ("bbox=1,2,3,95", "95"),
        ("city=atlantis", "atlantis"),
        ("seen_since=soon", "soon"),
        ("changed_since=2024-13", "2024-13"),
        ("limit=5", "limit"),
    ],
)
@pytest.mark.parametrize("format_", ["geojson", "csv"])
def test_a_filter_that_is_not_understood_is_a_400_in_words(client, query, said, format_):
    answer = client.get(f"/data/devices.{format_}?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(["kind", "status", "city", "bbox", "seen_since", "changed_since", "x"]),
        st.text(st.characters(blacklist_categories=["Cs"]), max_size=40),
        max_size=3,
    )
)
def test_no_query_breaks_a_download(query):
    answer = Client().get("/data/devices.csv", query)
    assert answer.status_code in (200, 400)
    body(answer)


def test_a_city_has_a_file_of_its_own(client):
    city = CityFactory()
    inside, _outside = make_osm_device(), make_osm_device(5.0, 45.0)
    address = f"/data/cities/{city.slug}/devices"
    assert ids(client, f"{address}.geojson") == {str(inside.id)}
    rows = list(
        csv.DictReader(io.StringIO(body(client.get(f"{address}.csv?kind=camera")).decode()))
    )
    assert [row["id"] for row in rows] == [str(inside.id)]
    assert not ids(client, f"{address}.geojson?kind=alpr")
    assert client.get(f"{address}.geojson?city=x").status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/data/devices.xlsx", "/data/cities/atlantis/devices.csv", "/data/cities/atlantis/map.html"],
)
def test_what_there_is_not_is_a_404_in_words(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_beyond_two_streams_a_filtered_download_comes_back_later(client):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            for slot in range(snapshot.STREAMS_AT_ONCE):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [snapshot._LOCK_CLASS, slot])
            answer = client.get("/data/devices.geojson?kind=camera")
            # The server notices a closed connection when it gets to it; an end it answers at once.
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert answer["Content-Type"] == "application/problem+json"
    assert client.get("/data/devices.geojson?kind=camera").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_is_broken_off_frees_its_place(client):
    for _ in range(3):
        answer = client.get("/data/devices.geojson?kind=camera")
        answer.close()
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        # The view lists the locks of the whole cluster; others run their tests beside this one.
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_page_of_downloads_links_to_each_and_names_each_column(client, prefix):
    CityFactory()
    make_osm_device()
    actions.write_file(download=Download("devices", "csv"))
    page = client.get(f"{prefix}/data/")
    assert page.status_code == 200
    for address in FILES:
        assert f'href="{address}"' in page.text
    assert "osm_tags" in page.text
    assert "opendatacommons.org" in page.text
