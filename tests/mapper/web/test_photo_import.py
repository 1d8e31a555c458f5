"""Staff bring in many photos: each is told of, those of one spot make a report, nothing is kept."""

import json
import uuid
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Receipt, Sighting
from mapper.trust.models import Passage
from tests.mapper.intake.imports import small_photo
from tests.people import browser_of

pytestmark = pytest.mark.django_db
PAGE, ONE = "/en/moderation/import/", "/en/moderation/import/photo/"


@pytest.fixture
def erins(erin):
    return browser_of(erin)


def upload(data, name="IMG_20260512.jpg"):
    return SimpleUploadedFile(name, data, "image/jpeg")


def send(browser, data, *, spots="", upload_id=None, **said):
    fields = {"photo": upload(data), "id": str(upload_id or uuid.uuid4()), "spots": spots}
    answer = browser.post(ONE, fields | said)
    return answer.json() if answer.status_code == 200 else answer


def test_photos_of_one_spot_make_one_report_that_does_not_appear_by_itself(erins):
    first = send(erins, small_photo(0), kind="camera", photo_use="public")
    second = send(erins, small_photo(1, spot=0, second=9), spots=first["spots"])
    elsewhere = send(erins, small_photo(2), spots=second["spots"])
    again = send(erins, small_photo(3, spot=0, second=20), spots=elsewhere["spots"])
    told = [(a["result"], a["is_new_report"]) for a in (first, second, elsewhere, again)]
    assert told == [("taken", True), ("taken", False), ("taken", True), ("taken", False)]
    assert sorted(s.photos.count() for s in Sighting.objects.all()) == [1, 3]
    assert set(Passage.objects.values_list("obstacle", "due_at")) == {("imported", None)}
    assert set(Photo.objects.values_list("state", flat=True)) == {"awaiting_review"}
    assert not Receipt.objects.exists()
    report = Sighting.objects.get(kind="camera")
    # Who began to decide before the others came decides on an old version.
    assert (report.photo_use, report.version) == ("public", 3)
    assert set(report.photos.values_list("may_be_public", flat=True)) == {True}


def test_a_seventh_photo_begins_another_report(erins):
    spots, counts = "", []
    for number in range(7):
        answer = send(erins, small_photo(number, spot=0, second=number), spots=spots)
        spots = answer["spots"]
        counts.append(answer["is_new_report"])
    assert counts == [True, False, False, False, False, False, True]


def test_a_report_that_was_decided_takes_no_more(erins):
    first = send(erins, small_photo(0))
    Sighting.objects.update(
        state="refused", location=None, arrived_at=None, seen_on="2026-05", note="", operator=""
    )
    second = send(erins, small_photo(1, spot=0), spots=first["spots"])
    assert second["is_new_report"]


def test_a_forged_list_of_spots_joins_nobodys_report(erins):
    first = send(erins, small_photo(0))
    for forged in ("x", first["spots"][:-2] + "!!", "e30:1:2", "\0"):
        Photo.objects.all().delete()
        answer = send(erins, small_photo(1, spot=0), spots=forged)
        assert answer["is_new_report"]


def test_a_photo_that_is_sent_again_is_there_once(erins):
    upload_id, data = uuid.uuid4(), small_photo(0)
    first = send(erins, data, upload_id=upload_id)
    again = send(erins, data, upload_id=upload_id)
    assert (first["result"], again["result"]) == ("taken", "taken")
    assert Photo.objects.count() == Sighting.objects.count() == 1
    # The answer that was lost told of the spot; this one does too.
    other = send(erins, small_photo(1, spot=0), spots=again["spots"])
    assert not other["is_new_report"]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"hello", "not a JPEG"),
        (b"", "not a JPEG"),
        (small_photo(0)[:3000], "damaged"),
    ],
)
def test_what_is_left_out_has_its_reason_and_leaves_nothing(
    erins, data, part, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(erins, data or b"\n")
    assert answer["result"] == "refused"
    assert part in answer["reason"]
    assert not Sighting.objects.exists()
    assert not Photo.objects.exists()
    folder = storage.quarantine().folder
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_damaged_photo_of_a_known_spot_leaves_its_report_as_it_was(erins):
    first = send(erins, small_photo(0))
    answer = send(erins, small_photo(1, spot=0)[:3000], spots=first["spots"])
    assert answer["result"] == "refused"
    assert Photo.objects.get().state == "awaiting_review"


def test_a_post_that_is_none_of_ours_is_told_so(erins):
    assert erins.post(ONE, {"id": str(uuid.uuid4())}).status_code == 400
    assert erins.post(ONE, {"photo": upload(b"x"), "id": "7"}).status_code == 400
    assert send(erins, small_photo(0), kind="ufo").status_code == 400
    answer = erins.post(ONE, {}, headers={"content-length": "999999999"})
    assert answer.status_code == 413


def test_a_photo_that_is_too_large_is_left_out(erins, settings):
    settings.MAX_PHOTO_BYTES = 100
    assert "20 MB" in send(erins, small_photo(0))["reason"]


def test_no_other_site_may_send_in_erins_name(erin):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(erin)
    assert send(browser, small_photo(0)).status_code == 403
    assert not Photo.objects.exists()


def lines_in(page):
    address = page.text.partition('href="data:application/x-ndjson;charset=utf-8,')[2]
    return [json.loads(line) for line in unquote(address.partition('"')[0]).splitlines()]


def test_without_a_script_a_form_gives_the_same_report(erins):
    data = small_photo(0)
    photos = [
        upload(data, "<b>one.jpg"),
        upload(small_photo(1, spot=0, second=5), "two.jpg"),
        upload(data, "again.jpg"),
        upload(b"text", "notes.txt"),
    ]
    page = erins.post(PAGE, {"photo": photos, "kind": "camera"})
    assert page.status_code == 200
    assert "2 taken, 1 taken before, 1 not taken." in page.text
    assert "They made 1 report." in page.text
    assert "&lt;b&gt;one.jpg" in page.text
    lines = lines_in(page)
    assert [line["result"] for line in lines] == ["taken", "taken", "known", "refused"]
    # What it says was taken is known again.
    earlier = SimpleUploadedFile("import.jsonl", "\n".join(map(json.dumps, lines)).encode())
    page = erins.post(PAGE, {"photo": [upload(data)], "earlier": earlier})
    assert "0 taken, 1 taken before, 0 not taken." in page.text
    assert Photo.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({}, "between 1 and 10"),
        ({"photo": [b"x"] * 11}, "between 1 and 10"),
        ({"photo": [b"x"], "kind": "ufo"}, "ufo"),
        ({"photo": [b"x"], "earlier": b"\x89PNG"}, "no report of an import"),
        ({"photo": [b"x"], "earlier": b'{"type": "FeatureCollection"}'}, "no report of an import"),
    ],
)
def test_a_form_that_can_not_be_taken_comes_back_with_the_reason(erins, fields, part):
    fields = dict(fields)
    fields["photo"] = [upload(data) for data in fields.get("photo", [])]
    if "earlier" in fields:
        fields["earlier"] = SimpleUploadedFile("e.jsonl", fields["earlier"])
    page = erins.post(PAGE, fields)
    assert page.status_code == 400
    assert part in page.text


def test_no_name_and_no_digest_of_a_file_is_kept(erins):
    answer = send(erins, small_photo(0))
    erins.post(PAGE, {"photo": [upload(small_photo(1), "IMG_20260512_184003.jpg")]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall() if name != "spatial_ref_sys"]
        for table in tables:
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            for (row,) in cursor.fetchall():
                assert "IMG_2026" not in row
                assert answer["sha256"] not in row
    assert not [path for path in storage.quarantine().folder.iterdir() if "IMG" in path.name]


def test_the_desk_leads_there(erins):
    assert "/moderation/import/" in erins.get("/en/moderation/figures/").text
    assert 'aria-current="page">Import' in erins.get(PAGE).text
