"""Only published photos of accepted reports are ever served, and only as pictures."""

import pytest

from mapper.photos import actions, storage
from mapper.photos.models import GATE, Photo
from tests.factories import PhotoFactory, make_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    photo = actions.publish_photo(photo=PhotoFactory(), gate=GATE)
    sighting = photo.sighting
    sighting.claim = make_device().claims.get()
    sighting.state, sighting.seen_on = "accepted", "2026-05"
    sighting.location = sighting.arrived_at = sighting.phone_key = None
    sighting.body_key = sighting.note = sighting.operator = ""
    sighting.save()
    return photo


def test_a_published_photo_is_a_picture_and_nothing_else(client, published):
    for address in (
        f"/photos/{published.public_name}",
        f"/photos/thumbnails/{published.public_thumbnail_name}",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "max-age=60"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "Last-Modified" not in answer
        assert answer.content[:2] == b"\xff\xd8"
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("state", ["received", "question_asked"])
def test_a_photo_of_an_open_report_is_not_served(client, state):
    photo = actions.publish_photo(photo=PhotoFactory(sighting__state=state), gate=GATE)
    assert client.get(f"/photos/{photo.public_name}").status_code == 404


def test_a_hidden_photo_is_not_served(client, published):
    name = published.public_name
    actions.hide_photo(photo=published)
    assert client.get(f"/photos/{name}").status_code == 404


def test_no_address_serves_an_unpublished_copy(client, published):
    waiting = PhotoFactory(sighting=published.sighting)
    upload = actions.keep_upload(data=b"original")
    Photo.objects.filter(id=waiting.id).update(state="received", upload_name=upload)
    for name in (
        waiting.pixel_name,
        waiting.covered_thumbnail_name,
        published.pixel_name,
        upload,
        published.public_thumbnail_name,
        "..%2f..%2fsecret_key",
        f"../quarantine/photos/{waiting.pixel_name}",
        "x",
        "%00",
    ):
        assert client.get(f"/photos/{name}").status_code == 404
    assert storage.read(storage.quarantine(), upload) == b"original"
    assert client.post(f"/photos/{published.public_name}").status_code in (403, 405)
