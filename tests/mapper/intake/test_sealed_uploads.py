"""A sealed report arrives as a plain one does: once, with its photos, or it is said why not."""

import json
import uuid

import pytest
from django.test import Client

from mapper.intake import receipts, sealing_keys
from mapper.intake.sealing import MOST_HEAD_BYTES, OVERHEAD_BYTES, info_of_photo, info_of_report
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests import pictures
from tests.sealed import envelope_of, seal_bytes

pytestmark = pytest.mark.django_db
CODE = receipts.new_code()
HASH = receipts.hash_of(CODE)
HEAD = {"lat": "48.11", "lon": "-1.68", "kind": "camera", "photo_use": "public",
        "language": "en", "receipt_hash": HASH}  # fmt: skip
PLAIN = {"content_type": "application/octet-stream"}


@pytest.fixture
def phone():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def report():
    return uuid.uuid4()


def put_report(phone, report, head=HEAD, envelope=None, **headers):
    envelope = envelope or envelope_of(head, info=info_of_report(report))
    return phone.put(f"/api/v1/sealed/sightings/{report}", envelope, headers=headers, **PLAIN)


def put_photo(phone, report, picture=None, photo=None, head=None, envelope=None, **headers):
    photo = photo or uuid.uuid4()
    head = {"receipt_hash": HASH, "language": "en"} if head is None else head
    picture = pictures.phone_photo() if picture is None else picture
    envelope = envelope or envelope_of(head, picture, info=info_of_photo(photo, report))
    path = f"/api/v1/sealed/photos/{photo}?sighting={report}"
    return phone.put(path, envelope, headers=headers, **PLAIN)


def test_a_sealed_report_is_taken_once_however_often_it_comes(phone, report):
    first = put_report(phone, report)
    assert (first.status_code, first.json()) == (201, {"taken": "report"})
    assert first["Cache-Control"] == "no-store"
    assert not first.cookies
    # Sealed anew, it is still the same report; and so it is by the plain door.
    assert put_report(phone, report).status_code == 200
    plain = phone.put(
        f"/api/v1/sightings/{report}", json.dumps(HEAD), content_type="application/json"
    )
    assert plain.status_code == 200
    sighting = Sighting.objects.get()
    assert (sighting.location.x, sighting.kind, sighting.language) == (-1.68, "camera", "en")
    assert receipts.find(" ".join(CODE)).sighting == sighting


def test_another_report_under_the_same_id_is_a_conflict(phone, report):
    put_report(phone, report)
    answer = put_report(phone, report, HEAD | {"kind": "alpr"})
    assert (answer.status_code, answer.json()["code"]) == (409, "other-body")
    assert answer["Content-Type"] == "application/problem+json"
    assert Sighting.objects.get().kind == "camera"


def test_a_sealed_photo_is_taken_once_and_names_what_was_found(phone, report):
    put_report(phone, report)
    photo, picture = uuid.uuid4(), pictures.phone_photo(lon=2.0, lat=48.0)
    first = put_photo(phone, report, picture, photo)
    assert first.status_code == 201
    assert first.json()["taken"] == "photo"
    assert "the position" in first.json()["removed"]
    assert put_photo(phone, report, picture, photo).status_code == 200
    assert put_photo(phone, report, pictures.phone_photo(), photo).status_code == 409
    assert Photo.objects.get().sighting == Sighting.objects.get()
    assert len(list(storage.quarantine().folder.iterdir())) == 1


def test_an_envelope_replayed_elsewhere_is_refused(phone, report):
    envelope = envelope_of(HEAD, info=info_of_report(report))
    put_report(phone, report, envelope=envelope)
    assert put_report(phone, report, envelope=envelope).status_code == 200
    answer = put_report(phone, uuid.uuid4(), envelope=envelope)
    assert (answer.status_code, answer.json()["code"]) == (400, "sealed-damaged")
    assert put_photo(phone, report, envelope=envelope).status_code == 400
    assert Sighting.objects.count() == 1
    assert not Photo.objects.exists()


def test_a_photo_needs_its_report_and_the_receipt(phone, report):
    assert put_photo(phone, report).status_code == 404
    put_report(phone, report)
    assert put_photo(phone, report, head={"receipt_hash": "0" * 64}).status_code == 404
    assert put_photo(phone, report, head={"receipt_hash": 7}).status_code == 400
    assert put_photo(phone, report, head={}).status_code == 400
    envelope = seal_bytes(b"\0\0\0\2{}", info=b"x")
    path = f"/api/v1/sealed/photos/{uuid.uuid4()}?sighting=17"
    assert phone.put(path, envelope, **PLAIN).status_code == 400
    assert not Photo.objects.exists()


def test_what_another_version_of_the_app_says_beside_is_left_out(phone, report):
    assert put_report(phone, report, HEAD | {"colour": "red", "language": "de"}).status_code == 201
    assert Sighting.objects.get().language == "fr"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lat": "95"}, "report-invalid"),
        ({"lat": None, "lon": None}, "report-invalid"),
        ({"kind": "x"}, "report-invalid"),
        ({"note": {"a": []}}, "report-invalid"),
        ({"note": "a \ud800"}, "report-invalid"),
        ({"lat": float("nan")}, "report-invalid"),
        ({"receipt_hash": None}, "no-receipt"),
        ({"receipt_hash": "abc"}, "bad-input"),
    ],
)
def test_a_report_that_cannot_be_taken_says_why_in_its_own_language(phone, report, change, code):
    answer = put_report(phone, report, HEAD | change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert not Sighting.objects.exists()
    french = put_report(phone, report, HEAD | change | {"language": "fr"}).json()["detail"]
    assert french != answer.json()["detail"]


@pytest.mark.parametrize("envelope", [b"x", b"\1" * 50, b"\1" + bytes(400), b"\2" + bytes(400)])
def test_what_is_no_envelope_is_refused(phone, report, envelope):
    assert put_report(phone, report, envelope=envelope).status_code == 400
    assert put_photo(phone, report, envelope=envelope).status_code == 400


def test_an_envelope_to_a_key_of_somebody_else_is_refused(phone, report, settings, tmp_path):
    ours = settings.DATA_ROOT
    settings.DATA_ROOT = tmp_path / "other"
    foreign = envelope_of(HEAD, info=info_of_report(report))
    settings.DATA_ROOT = ours
    answer = put_report(phone, report, envelope=foreign)
    assert (answer.status_code, answer.json()["code"]) == (400, "sealed-unknown-key")


def test_what_is_too_large_is_refused(phone, report, settings):
    settings.MAX_PHOTO_BYTES = 1_000_000
    put_report(phone, report)
    most = settings.MAX_PHOTO_BYTES + MOST_HEAD_BYTES + OVERHEAD_BYTES
    assert put_photo(phone, report, envelope=bytes(most)).status_code == 400
    assert put_photo(phone, report, envelope=bytes(most + 1)).status_code == 413
    # In an envelope that is not too large, a photo that is.
    answer = put_photo(phone, report, pictures.phone_photo() + bytes(1_000_000))
    assert (answer.status_code, answer.json()["code"]) == (400, "photo-refused")
    assert not Photo.objects.exists()


def test_a_foreign_page_cannot_send_as_a_phone(phone, report):
    assert put_report(phone, report, Origin="https://evil.example").status_code == 403
    assert put_report(phone, report, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert put_photo(phone, report, Origin="null").status_code == 403
    assert put_report(phone, uuid.uuid1()).status_code == 400
    assert phone.post(f"/api/v1/sealed/sightings/{report}", b"", **PLAIN).status_code == 405


def test_the_limits_hold_for_sealed_reports_too(phone, settings):
    settings.SHARED_REPORTS_PER_HOUR = 1
    settings.HARD_LIMIT_FACTOR = 2
    hashes = [f"{number:064x}" for number in range(3)]
    answers = [put_report(phone, uuid.uuid4(), HEAD | {"receipt_hash": h}) for h in hashes]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_broken_envelope_counts_too(phone, report, settings):
    settings.SHARED_REPORTS_PER_HOUR = 1
    settings.HARD_LIMIT_FACTOR = 2
    answers = [put_report(phone, report, envelope=b"x").status_code for _ in range(3)]
    assert answers == [400, 400, 429]


def test_the_public_key_is_told(client):
    answer = client.get("/api/v1/sealed/key")
    assert answer.json()["id"] == sealing_keys.current_key().id.hex()
    assert answer.json()["public_key"] == sealing_keys.current_key().public_text
    assert answer["Cache-Control"] == "max-age=60"
    assert answer["ETag"]


def test_a_server_that_lost_its_keys_asks_phones_to_wait(phone, report, tmp_path):
    envelope = envelope_of(HEAD, info=info_of_report(report))
    (tmp_path / "sealing_keys.pem").write_text("")
    answer = put_report(phone, report, envelope=envelope)
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
