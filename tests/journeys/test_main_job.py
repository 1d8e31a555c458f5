"""The main job: a real phone photo, posted with nothing else typed, becomes a point with evidence.

exiftool, which the site does not use, is the judge of what goes in and of what comes out.
"""

import csv
import json
import shutil
import subprocess

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from geo.geodesy import distance_m
from geo.position import LonLat
from geo.tiles import tile_at
from mapper.photos.actions import clean_photo
from mapper.photos.models import GATE, Photo
from mapper.places.models import City
from mapper.sightings.models import Device, Sighting
from tests.people import browser_of

pytestmark = pytest.mark.django_db

# What may stand in a picture that is served: how it is coded, and nothing about how it was made.
_CODING_GROUPS = {"File", "JFIF", "ExifTool", "Composite", "System"}

_NOT_SAID = (None, "", "unknown")


def phone_photos(shared_data):
    """Return the real photos that carry a position and a direction, with exiftool's reading."""
    folder = shared_data / "photos"
    with (folder / "ground_truth_exif-py.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["lat"] and row["GPSImgDirection"]]
    return [
        (folder / row["path"], row)
        for row in rows
        if row["MIMEType"] in ("image/jpeg", "image/heic", "image/png", "image/webp")
    ]


def make_city(position):
    ring = Polygon.from_bbox(
        (position.lon - 0.1, position.lat - 0.1, position.lon + 0.1, position.lat + 0.1)
    )
    return City.objects.create(
        country="FR",
        code="00001",
        name="Ville",
        slug="ville-00001",
        boundary=MultiPolygon(ring, srid=4326),
        area_km2=400,
    )


def exif_left_in(path_or_bytes, tmp_path):
    """Return what exiftool finds in a picture beyond its coding."""
    file = tmp_path / "served.jpg"
    file.write_bytes(path_or_bytes)
    out = subprocess.run(
        ["exiftool", "-a", "-G0", "-j", "-u", str(file)], capture_output=True, check=True
    )
    (found,) = json.loads(out.stdout)
    return {
        name for name in found if name != "SourceFile" and name.split(":")[0] not in _CODING_GROUPS
    }


def test_a_phone_photo_alone_becomes_a_point_on_the_map(
    client,
    alice,
    shared_data,
    tmp_path,
):
    photos = phone_photos(shared_data)
    assert photos, "the folder of real data has no phone photo with a place and a direction"
    assert shutil.which("exiftool"), "exiftool is missing; `make test` installs it"
    for file, truth in photos:
        City.objects.all().delete()
        place = LonLat(float(truth["lon"]), float(truth["lat"]))
        city = make_city(place)
        answer = client.post(
            "/report/",
            {
                "photo": SimpleUploadedFile("IMG_2026.jpg", file.read_bytes()),
                "photo_use": "public",
            },
        )
        assert answer.status_code == 201, (file.name, answer.text[:2000])
        assert not answer.cookies
        assert "IMG_2026" not in answer.text

        sighting = Sighting.objects.pending().get()
        photo = Photo.objects.get(sighting=sighting)
        clean_photo(photo_id=photo.id)

        desk = browser_of(alice)
        seen = desk.get(f"/moderation/reports/{sighting.id}.json").json()
        position = LonLat(seen["position"]["lon"], seen["position"]["lat"])
        assert distance_m(position, place) < 1, file.name
        difference = abs(seen["photos"][0]["direction_deg"] - float(truth["GPSImgDirection"]))
        assert min(difference, 360 - difference) <= 0.5, file.name
        assert client.get(f"/moderation/reports/{sighting.id}.json").status_code in (302, 403)
        page = desk.get(f"/moderation/reports/{sighting.id}/")
        assert page.status_code == 200

        form = page.context["accept"]
        typed = {name: said for name, said in form.initial.items() if said not in _NOT_SAID}
        gates = {f"gate-{photo.id}": list(GATE)}
        decided = desk.post(
            f"/moderation/reports/{sighting.id}/", {"act": "accept", **typed, **gates}
        )
        assert decided.status_code == 302, decided.text[:3000]

        device = Device.objects.get(claims__sighting=sighting)
        assert device.position_source == "photo"
        download = json.loads(b"".join(client.get("/data/devices.geojson")))
        (feature,) = [f for f in download["features"] if f["id"] == str(device.id)]
        stands = LonLat(*feature["geometry"]["coordinates"])
        assert distance_m(stands, place) < 15, file.name
        at = tile_at(stands, 16)
        tile = client.get(f"/tiles/devices/{at.z}/{at.x}/{at.y}.mvt")
        layer = mapbox_vector_tile.decode(tile.content)["devices"]
        assert str(device.id) in [f["properties"]["id"] for f in layer["features"]]
        assert str(device.id) in client.get(f"/cities/{city.slug}/").text
        assert str(device.id) in client.get("/?view=list").text

        photo.refresh_from_db()
        assert photo.state == "published", photo.state
        for address in (
            reverse("photo", args=[photo.public_name]),
            reverse("photo_thumbnail", args=[photo.public_thumbnail_name]),
        ):
            served = client.get(address)
            assert served.status_code == 200, address
            body = served.content if not served.streaming else b"".join(served)
            assert exif_left_in(body, tmp_path) == set(), file.name
