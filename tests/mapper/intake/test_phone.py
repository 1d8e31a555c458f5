"""Phones send reports and photos by themselves, and may send them again."""

import json
import uuid

import pytest
from django.test import Client

from mapper.intake import receipts
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Receipt, Sighting
from tests import pictures
from tests.proofs import proof

pytestmark = pytest.mark.django_db
REPORT = {"lat": 48.11, "lon": -1.68, "kind": "camera", "photo_use": "public"}


@pytest.fixture
def phone():
    return Client(enforce_csrf_checks=True)


def put_report(phone, phone_id=None, said=REPORT, **headers):
    body = said if isinstance(said, str) else json.dumps(said)
    path = f"/api/v1/sightings/{phone_id or uuid.uuid4()}"
    return phone.put(path, body, content_type="application/json", headers=headers)


def put_photo(phone, sighting, code_hash, data=None, photo_id=None, **headers):
    path = f"/api/v1/photos/{photo_id or uuid.uuid4()}?sighting={sighting}"
    data = pictures.phone_photo() if data is None else data
    headers = {"Receipt-Hash": code_hash} | headers
    return phone.put(path, data, content_type="image/jpeg", headers=headers)


@pytest.fixture
def sent(phone):
    """Return the phone's id of a report and the hash of its receipt."""
    phone_id = uuid.uuid4()
    return phone_id, put_report(phone, phone_id).json()["receipt_hash"]


def test_a_report_is_taken_once_however_often_it_comes(phone):
    phone_id = uuid.uuid4()
    first = put_report(phone, phone_id)
    assert first.status_code == 201
    again = put_report(phone, phone_id, dict(reversed(REPORT.items())))
    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Cache-Control"] == "no-store"
    assert not again.cookies
    sighting = Sighting.objects.get()
    assert receipts.find(" ".join(first.json()["receipt"])).sighting == sighting
    assert sighting.id != phone_id


@pytest.mark.parametrize("field", ["note", "kind", "seen_on", "device", "direction"])
def test_half_a_character_is_refused_by_the_name_of_its_field(phone, field):
    answer = put_report(phone, said=REPORT | {field: "a \ud800"})
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Sighting.objects.exists()


@pytest.mark.parametrize("bracket", ["[", '{"note":'])
def test_a_body_nested_too_deep_to_read_is_refused(phone, bracket):
    answer = put_report(phone, said=bracket * 20_000)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse-error")
    assert not Sighting.objects.exists()


def test_another_body_is_a_conflict_and_changes_nothing(phone):
    phone_id = uuid.uuid4()
    put_report(phone, phone_id)
    answer = put_report(phone, phone_id, REPORT | {"kind": "alpr"})
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert Sighting.objects.get().kind == "camera"


def test_nothing_of_the_phones_id_is_kept(phone):
    phone_id = uuid.uuid4()
    put_report(phone, phone_id)
    row = str(Sighting.objects.values_list().get())
    assert str(phone_id) not in row
    assert phone_id.hex not in row


def test_a_phone_may_make_the_code_itself(phone):
    code = receipts.new_code()
    phone_id, said = uuid.uuid4(), REPORT | {"receipt_hash": receipts.hash_of(code)}
    answer = put_report(phone, phone_id, said)
    assert answer.json() == {"receipt": [], "receipt_hash": receipts.hash_of(code)}
    assert receipts.find(" ".join(code)).sighting == Sighting.objects.get()
    assert put_report(phone, phone_id, said).status_code == 200
    assert put_report(phone, uuid.uuid4(), said).status_code == 409
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        "{",
        "[]",
        '{"lat": NaN, "lon": 1}',
        {},
        {"kind": "camera"},
        REPORT | {"lat": 95},
        REPORT | {"kind": "x"},
        REPORT | {"colour": "red"},
        REPORT | {"receipt_hash": "abc"},
        REPORT | {"receipt_hash": 7},
        REPORT | {"language": "de"},
        REPORT | {"note": {"a": []}},
    ],
)
def test_a_bad_body_is_a_problem_that_says_why(phone, said):
    answer = put_report(phone, said=said)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert answer.json()["code"] != "bad-request"
    assert not Sighting.objects.exists()
    assert not Receipt.objects.exists()


def test_an_id_that_tells_a_time_is_refused(phone):
    assert put_report(phone, uuid.uuid1()).status_code == 400
    assert phone.put("/api/v1/sightings/17", "{}").status_code == 404


def test_a_foreign_page_cannot_send_as_a_phone(phone, sent):
    assert put_report(phone, Origin="https://evil.example").status_code == 403
    assert put_report(phone, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert put_photo(phone, *sent, Origin="null").status_code == 403


def test_a_photo_is_taken_once_however_often_it_comes(phone, sent):
    photo_id, data = uuid.uuid4(), pictures.phone_photo(lon=2.0, lat=48.0)
    first = put_photo(phone, *sent, data, photo_id)
    assert first.status_code == 201
    assert "position" in first.json()["removed"]
    assert put_photo(phone, *sent, data, photo_id).status_code == 200
    assert put_photo(phone, *sent, pictures.phone_photo(), photo_id).status_code == 409
    photo = Photo.objects.get()
    assert photo.may_be_public
    assert photo.sighting == Sighting.objects.get()
    # The photo's place does not move the report's.
    assert photo.sighting.location.x == -1.68
    assert len(list(storage.quarantine().folder.iterdir())) == 1


def test_a_photo_needs_the_report_and_its_receipt(phone, sent):
    phone_id, code_hash = sent
    assert put_photo(phone, uuid.uuid4(), code_hash).status_code == 404
    assert put_photo(phone, phone_id, "0" * 64).status_code == 404
    assert put_photo(phone, phone_id, "").status_code == 404
    assert put_photo(phone, "17", code_hash).status_code == 400
    assert not Photo.objects.exists()


def test_a_decided_report_takes_no_photo(phone, sent):
    Sighting.objects.update(
        state="refused", location=None, arrived_at=None, phone_key=None, body_key="",
        seen_on="2026-05",
    )  # fmt: skip
    assert put_photo(phone, *sent).status_code == 409


def test_a_report_that_comes_again_after_its_decision_is_not_another(phone):
    """Our first answer was lost, and the phone tried again days later."""
    phone_id, said = uuid.uuid4(), REPORT | {"receipt_hash": "ab" * 32}
    put_report(phone, phone_id, said)
    Sighting.objects.update(
        state="refused", location=None, arrived_at=None, phone_key=None, body_key="",
        seen_on="2026-05",
    )  # fmt: skip
    answer = put_report(phone, phone_id, said)
    assert (answer.status_code, answer.json()["receipt"]) == (200, [])
    assert Sighting.objects.get().state == "refused"


def test_a_seventh_photo_is_refused(phone, sent, settings):
    settings.MAX_PHOTOS_PER_REPORT = 1
    assert put_photo(phone, *sent).status_code == 201
    assert put_photo(phone, *sent).status_code == 409
    assert Photo.objects.count() == 1
    assert len(list(storage.quarantine().folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("data", "status"), [(b"", 400), (b"no picture", 400), (bytes(3_000_000), 413)]
)
def test_what_is_no_photo_is_refused(phone, sent, settings, data, status):
    settings.MAX_PHOTO_BYTES = 1_000_000
    answer = put_photo(phone, *sent, data)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Photo.objects.exists()


def test_the_limits_hold_for_phones_too(phone, settings):
    settings.SHARED_REPORTS_PER_HOUR = 1
    settings.HARD_LIMIT_FACTOR = 2
    # Each with its proof of work: only the limit makes it slow.
    proofs = [{"Proof-Of-Work": proof()} for _ in range(3)]
    assert [put_report(phone, **each).status_code for each in proofs] == [201, 201, 429]
    assert sorted(Sighting.objects.values_list("is_slow", flat=True)) == [False, True]
