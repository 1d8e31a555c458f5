"""The base map's address and map pictures: ranges, what is shown to whom, what is refused."""

import io
import uuid

import pytest
from PIL import Image

from mapper import __version__
from mapper.basemap.kept_pictures import KeptPictures, kept_pictures
from mapper.basemap.picture import draw_png
from tests.conftest import REPOSITORY
from tests.evidence import make_city, make_device
from tests.mapper.basemap.conftest import *  # noqa: F403 - the town's base map

PICTURE = "/map-picture.png?lon=-1.65&lat=48.15&zoom=17&width=320&height=240"


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def colours(response):
    picture = Image.open(io.BytesIO(response.content)).convert("RGB")
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in picture.getcolors(100_000)}


# --- base.pmtiles ---------------------------------------------------------------------------------


def test_the_base_map_is_served_by_parts(client, town_map):
    whole = town_map.read_bytes()
    response = client.get("/basemap/base.pmtiles", headers={"Range": "bytes=0-126"})
    assert response.status_code == 206
    assert body(response) == whole[:127]
    assert response["Content-Range"] == f"bytes 0-126/{len(whole)}"
    tail = client.get("/basemap/base.pmtiles", headers={"Range": "bytes=-10"})
    assert body(tail) == whole[-10:]
    all_of_it = client.get("/basemap/base.pmtiles")
    assert (all_of_it.status_code, body(all_of_it)) == (200, whole)
    assert all_of_it["Accept-Ranges"] == "bytes"
    assert "Last-Modified" not in all_of_it


def test_a_range_beyond_the_end_is_416(client, town_map):
    size = town_map.stat().st_size
    response = client.get("/basemap/base.pmtiles", headers={"Range": f"bytes={size}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{size}"


def test_a_known_base_map_is_not_sent_again_and_a_new_one_is(client, town_map):
    etag = client.head("/basemap/base.pmtiles")["ETag"]
    known = client.get("/basemap/base.pmtiles", headers={"If-None-Match": etag})
    assert known.status_code == 304
    town_map.write_bytes(town_map.read_bytes() + b"x")
    again = client.get("/basemap/base.pmtiles", headers={"If-None-Match": etag})
    assert again.status_code == 200
    body(again)


def test_without_a_base_map_its_address_is_404(client):
    response = client.get("/basemap/base.pmtiles")
    assert response.status_code == 404
    assert response.json()["code"] == "not-found"


# --- map pictures ---------------------------------------------------------------------------------

pictures = pytest.mark.django_db


@pictures
def test_a_picture_needs_no_base_map(client):
    response = client.get(PICTURE)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "max-age=60"
    assert "Set-Cookie" not in response
    assert Image.open(io.BytesIO(response.content)).size == (320, 240)
    known = client.get(PICTURE, headers={"If-None-Match": response["ETag"]})
    assert known.status_code == 304


@pictures
def test_public_devices_are_drawn_when_asked_for(client):
    make_device()
    assert "#8c0019" not in colours(client.get(PICTURE))
    assert "#8c0019" in colours(client.get(PICTURE + "&devices=1"))


@pictures
def test_a_device_that_nobody_checked_is_drawn_only_where_the_instance_shows_them(client, settings):
    make_device(is_verified=False)
    assert "#8c0019" in colours(client.get(PICTURE + "&devices=1"))
    assert "#8c0019" not in colours(client.get(PICTURE + "&devices=1&verification=verified"))
    settings.PUBLISH_UNVERIFIED = False
    for query in ("", "&verification=verified", "&kind=camera"):
        assert "#8c0019" not in colours(client.get(PICTURE + "&devices=1" + query))


@pictures
def test_speed_cameras_are_drawn_only_when_asked_for(client):
    make_device(attributes={"kind": "speed_camera"})
    assert "#8c0019" not in colours(client.get(PICTURE + "&devices=1"))
    assert "#8c0019" in colours(client.get(PICTURE + "&devices=1&kind=speed_camera"))


@pictures
def test_filters_select_what_is_drawn(client):
    city = make_city()
    make_device(lon=-1.65, lat=48.15)
    assert "#8c0019" in colours(client.get(f"{PICTURE}&devices=1&city={city.slug}"))
    assert "#8c0019" not in colours(client.get(f"{PICTURE}&devices=1&kind=alpr"))


@pictures
def test_far_devices_are_gathered(client):
    for step in range(30):
        make_device(lon=-1.65 + step / 100_000, lat=48.15)
    far = "/map-picture.png?lon=-1.65&lat=48.15&zoom=6&width=320&height=240&devices=1"
    assert "#8c0019" in colours(client.get(far))


@pictures
def test_the_queries_of_a_picture_are_few(client, django_assert_max_num_queries):
    for step in range(20):
        make_device(lon=-1.65 + step / 100_000, lat=48.15)
    for zoom in ("17", "6"):
        with django_assert_max_num_queries(1):
            client.get(PICTURE.replace("zoom=17", f"zoom={zoom}") + "&devices=1")


@pictures
def test_a_box_and_a_pin_are_drawn(client):
    address = "/map-picture.png?bbox=-1.7,48.1,-1.6,48.2&width=320&height=320"
    pinned = client.get(address + "&pin=-1.65,48.15")
    assert pinned.status_code == 200
    assert pinned.content != client.get(address).content


@pictures
def test_a_box_across_the_antimeridian_is_drawn(client):
    make_device(lon=179.999, lat=0.0)
    response = client.get("/map-picture.png?bbox=179.99,-0.01,-179.99,0.01&devices=1")
    assert "#8c0019" in colours(response)


@pictures
@pytest.mark.parametrize(
    "query",
    [
        "",
        "lon=2",
        "lon=2&lat=95",
        "lon=2&lat=nan",
        "lon=2&lat=89",
        "lon=2&lat=48&zoom=99",
        "lon=2&lat=48&zoom=nan",
        "lon=2&lat=48&zoom=" + "9" * 5000,
        "lon=2&lat=48&width=63",
        "lon=2&lat=48&width=100000",
        "lon=2&lat=48&height=x",
        "lon=2&lat=48&pin=2",
        "lon=2&lat=48&pin=2,48,1",
        "bbox=1,2,3",
        "bbox=1,3,2,2",
        "lon=2&lat=48&colour=red",
        "lon=2&lat=48&devices=1&kind=nothing",
        "lon=2&lat=48&devices=1&city=61effc65-8deb-42aa-900e-7c14c33f146a",
    ],
)
def test_a_request_that_makes_no_picture_is_400_in_words(client, query):
    response = client.get(f"/map-picture.png?{query}")
    assert response.status_code == 400


@pictures
def test_a_picture_can_only_be_read(client):
    assert client.post(PICTURE).status_code == 405


def test_the_version_is_that_of_the_project():
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{__version__}"' in text


def test_a_picture_is_drawn_once_and_anew_when_what_it_shows_changes(client, db, monkeypatch):
    drawn = []

    def draw(view, content):
        drawn.append(content)
        return draw_png(view, content)

    kept_pictures.clear()
    monkeypatch.setattr("mapper.web.basemap.draw_png", draw)
    make_device()
    first, second = client.get(f"{PICTURE}&devices=1"), client.get(f"{PICTURE}&devices=1")
    assert (len(drawn), first.content) == (1, second.content)
    known = client.get(f"{PICTURE}&devices=1", headers={"If-None-Match": first["ETag"]})
    assert known.status_code == 304
    make_device(location="SRID=4326;POINT(-1.6502 48.1501)")
    assert client.get(f"{PICTURE}&devices=1").content != first.content
    client.get(f"{PICTURE}&devices=1&lang=en")
    assert len(drawn) == 3


def test_the_picture_of_somebodys_report_is_not_kept(client, db):
    kept_pictures.clear()
    make_device()
    client.get(PICTURE)
    client.get(f"{PICTURE}&devices=1&pin=-1.65,48.15")
    assert kept_pictures.size_bytes == 0


def test_kept_pictures_stay_within_their_bytes():
    kept = KeptPictures(most_bytes=10)
    assert kept.get("a", lambda: b"aaaa") == b"aaaa"
    kept.get("b", lambda: b"bbbb")
    kept.get("a", lambda: b"never")
    kept.get("c", lambda: b"cccc")
    assert kept.size_bytes == 8
    assert kept.get("a", lambda: b"again") == b"aaaa"
    assert kept.get("b", lambda: b"anew") == b"anew"
    kept.get("large", lambda: b"x" * 11)
    assert kept.size_bytes == 0


@pictures
def test_devices_named_by_id_are_shown_alone_and_numbered(client):
    one, other, third = (make_device(lon=-1.65 + east, lat=48.15) for east in (0, 4e-4, -4e-4))
    both = client.get(f"{PICTURE}&devices=1&ids={one.id},{other.id}")
    swapped = client.get(f"{PICTURE}&devices=1&ids={other.id},{one.id}")
    every = client.get(f"{PICTURE}&devices=1&ids={one.id},{other.id},{third.id}")
    assert both.status_code == 200
    assert len({both.content, swapped.content, every.content}) == 3


@pictures
def test_ids_show_nothing_that_the_map_does_not(client):
    plain = client.get(f"{PICTURE}&devices=1&ids={uuid.uuid4()}")
    hidden = make_device(lon=-1.65, lat=48.15)
    type(hidden).objects.filter(id=hidden.id).update(state="withdrawn")
    assert client.get(f"{PICTURE}&devices=1&ids={hidden.id}").content == plain.content


@pytest.mark.parametrize("ids", ["1", ",", "x" * 5000, "%00", ",".join([str(uuid.uuid4())] * 21)])
def test_a_list_of_ids_that_is_none_is_refused(client, ids):
    answer = client.get(f"{PICTURE}&devices=1&ids={ids}")
    assert answer.status_code == 400
    assert "ids" in answer.text
