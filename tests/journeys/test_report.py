"""Bob the walker reports a camera without JavaScript, without a cookie, and follows his report."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mapper.intake import buckets, receipts, report
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Receipt, Sighting
from tests import pictures
from tests.factories import ExcludedAreaFactory, make_device
from tests.proofs import proof

pytestmark = pytest.mark.django_db
# What the form shows at once; `device` comes with a link from a device's page.
FIELDS = [name for name in ("photo", "photo_use", *report.FIELDS) if name != "device"]
HERE = {"lat": "48.1100000", "lon": "-1.6800000"}


def photo(data=None, name="IMG_20260512_184003_CANARY.jpg", **exif):
    return SimpleUploadedFile(name, data or pictures.phone_photo(**exif), "image/jpeg")


@pytest.fixture
def walker():
    """Return a browser that would be stopped by a CSRF check."""
    return Client(enforce_csrf_checks=True)


def code_in(answer):
    return re.search(r'name="code" value="([^"]+)"', answer.text)[1]


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_form_has_every_field_of_the_contract(walker, prefix):
    answer = walker.get(f"{prefix}/report/")
    assert answer.status_code == 200
    for name in FIELDS:
        assert f'name="{name}"' in answer.text
    assert "ODbL" in answer.text
    assert "CC BY-SA 4.0" in answer.text
    assert not answer.cookies
    assert "style=" not in answer.text.replace("<style", "")
    assert "<script>" not in answer.text


def test_a_photo_with_a_position_needs_nothing_else(walker):
    data = pictures.phone_photo(
        with_everything=True, lon=2.294481, lat=48.858370, direction_deg=123.4
    )
    answer = walker.post("/en/report/", {"photo": photo(data)})
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    sighting = Sighting.objects.get()
    assert sighting.location.x == pytest.approx(2.294481, abs=1e-5)
    assert sighting.location.y == pytest.approx(48.858370, abs=1e-5)
    assert (sighting.position_source, sighting.photo_use) == ("photo", "moderators")
    assert sighting.seen_on == "2026-05-12"
    assert sighting.has_osm_consent is False
    taken = Photo.objects.get()
    assert taken.exif_direction_deg == pytest.approx(123.4)
    assert taken.may_be_public is False
    for name in ("the position", "the make or number of the camera", "a name or a comment"):
        assert name in answer.text
    for value in ("2.29", "48.85", "123.4", "CANARY", pictures.SERIAL, "Phone 9", "18:40"):
        assert value not in answer.text


def test_what_the_walker_set_goes_before_the_photo(walker):
    walker.post("/report/", {"photo": photo(lon=2.29, lat=48.85), **HERE, "photo_use": "public"})
    sighting = Sighting.objects.get()
    assert (sighting.location.x, sighting.location.y) == (-1.68, 48.11)
    assert sighting.position_source == "walker"
    assert Photo.objects.get().may_be_public is True


def test_a_report_without_a_photo_is_welcome(walker):
    answer = walker.post("/en/report/", {**HERE, "kind": "camera", "direction": ["NE", ""]})
    assert answer.status_code == 201
    assert Sighting.objects.get().direction == "45"
    assert '<h2 id="removed-title">' not in answer.text


@pytest.mark.parametrize(
    ("post", "part"),
    [
        ({}, "Say where it stands"),
        ({"lat": "0", "lon": "0"}, "no place"),
        ({"lat": "95.2", "lon": "2"}, "95.2"),
        ({"lat": "48"}, "missing"),
        ({**HERE, "kind": "nonsense"}, "nonsense"),
        ({**HERE, "direction": "to the left"}, "to the left"),
        ({**HERE, "direction": ["N", "120"]}, "Two different directions"),
        ({**HERE, "seen_on": "2999-01-01"}, "2999-01-01"),
        ({**HERE, "device": "0c7d6f0e-2b6c-4b53-8a3e-111111111111"}, "no device"),
    ],
)
def test_an_error_brings_the_form_back_with_all_that_was_typed(walker, post, part):
    answer = walker.post("/en/report/", {**post, "note": "what I typed & more", "mount": "pole"})
    assert answer.status_code == 400
    assert part in answer.text
    assert "what I typed &amp; more" in answer.text
    assert '<option value="pole" selected>' in answer.text
    assert 'id="errors"' in answer.text
    for anchor in re.findall(r'<li><a href="#([^"]+)">', answer.text):
        assert f'id="{anchor}"' in answer.text
    assert not Sighting.objects.exists()
    assert not Receipt.objects.exists()


def test_a_form_that_comes_back_keeps_its_photos(walker):
    answer = walker.post("/en/report/", {"photo": [photo(), photo()], "kind": "camera"})
    assert answer.status_code == 400
    assert "holds no position" in answer.text
    assert "2 photos are kept" in answer.text
    kept = hidden(answer, "kept")
    assert walker.post("/report/", {"kept": kept, **HERE}).status_code == 201
    assert Photo.objects.count() == 2
    again = walker.post("/en/report/", {"kept": kept, **HERE})
    assert again.status_code == 400
    assert "choose it again" in again.text
    assert Photo.objects.count() == 2


def test_kept_photos_can_be_left_out(walker):
    kept = hidden(walker.post("/report/", {"photo": photo()}), "kept")
    assert walker.post("/report/", {"kept": kept, "drop_kept": "1", **HERE}).status_code == 201
    assert not Photo.objects.exists()


def test_a_foreign_token_keeps_nothing(walker):
    name = storage.write(storage.quarantine(), b"of somebody else", suffix=storage.UPLOAD)
    assert walker.post("/report/", {"kept": name, **HERE}).status_code == 201
    assert not Photo.objects.exists()
    assert storage.read(storage.quarantine(), name)


def test_a_blurred_fix_is_no_pin(walker):
    answer = walker.post("/en/report/", {"photo": photo(lon=2.3, lat=48.8, accuracy_m=120)})
    assert answer.status_code == 400
    assert "120 m" in answer.text


def test_a_fix_of_0_0_is_no_pin(walker):
    assert walker.post("/report/", {"photo": photo(lon=0.0, lat=0.0)}).status_code == 400


def test_limits_name_the_photos_place_and_not_its_name(walker, settings):
    settings.MAX_PHOTO_BYTES = 200_000
    large = photo(bytes(300_000), name="CANARY.jpg")
    text = photo(b"hello", name="CANARY.jpg")
    answer = walker.post("/en/report/", {"photo": [photo(), large, text], **HERE})
    assert answer.status_code == 400
    assert "Photo 2 was not taken: it has more than 20 MB" in answer.text
    assert "Photo 3 was not taken: this is not a JPEG" in answer.text
    assert "CANARY" not in answer.text
    assert "1 photo is kept" in answer.text


def test_seven_photos_are_too_many(walker):
    answer = walker.post("/en/report/", {"photo": [photo() for _ in range(7)], **HERE})
    assert answer.status_code == 400
    assert "at most 6 photos" in answer.text
    assert "6 photos are kept" in answer.text


def test_a_time_out_keeps_the_photo_and_asks_for_the_place(walker, monkeypatch):
    from mapper.photos import reading

    monkeypatch.setattr(reading, "WALL_S", 0.0)
    answer = walker.post("/en/report/", {"photo": photo(lon=2.3, lat=48.8)})
    assert answer.status_code == 400
    assert "took too long" in answer.text
    assert walker.post("/report/", {"kept": hidden(answer, "kept"), **HERE}).status_code == 201
    assert Photo.objects.count() == 1


def test_nothing_is_taken_in_an_excluded_area(walker):
    ExcludedAreaFactory()
    answer = walker.post("/en/report/", {"lat": "48.125", "lon": "-1.695"})
    assert answer.status_code == 400
    assert "Nothing is taken at this place" in answer.text
    answer = walker.post("/en/report/", {"photo": photo(lon=-1.695, lat=48.125)})
    assert answer.status_code == 400
    assert not Sighting.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "http://testserver"}, 201),
        ({"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "http://127.0.0.1:8000"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://testserver:81"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
    ],
)
def test_a_foreign_page_cannot_post_in_a_walkers_name(walker, settings, headers, status):
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert walker.post("/report/", HERE, headers=headers).status_code == status
    answer = walker.post("/receipts/", {"code": "x"}, headers=headers)
    assert answer.status_code == (403 if status == 403 else 400)


def test_over_the_limit_a_report_goes_to_the_slow_queue(walker, settings):
    settings.SHARED_REPORTS_PER_HOUR = 1
    settings.HARD_LIMIT_FACTOR = 3
    # Each with its proof of work: only the limit makes it slow.
    proven = [HERE | {"proof_of_work": proof()} for _ in range(4)]
    statuses = [walker.post("/en/report/", said).status_code for said in proven]
    assert statuses == [201, 201, 201, 429]
    assert sorted(Sighting.objects.values_list("is_slow", flat=True)) == [False, True, True]
    answer = walker.post("/en/report/", HERE)
    assert int(answer["Retry-After"]) > 0


def test_a_body_that_no_report_can_have_is_refused_unread(walker):
    answer = walker.generic("POST", "/report/", b"x", CONTENT_LENGTH=str(10**9))
    assert answer.status_code == 413


def test_a_tap_on_the_picture_places_the_pin(walker):
    look = {"map_lon": "-1.68", "map_lat": "48.11", "map_zoom": "17", "note": "typed"}
    answer = walker.post("/report/", {**look, "place.x": "160", "place.y": "160"})
    assert answer.status_code == 200
    assert "typed" in answer.text
    assert float(hidden(answer, "lat")) == pytest.approx(48.11, abs=1e-5)
    assert float(hidden(answer, "lon")) == pytest.approx(-1.68, abs=1e-5)
    assert "pin=" in answer.text
    assert not Sighting.objects.exists()
    # 10 px of 256 * 2**17 to the right.
    answer = walker.post("/report/", {**look, "place.x": "170", "place.y": "160"})
    step = 10 * 360 / (256 * 2**17)
    assert float(hidden(answer, "lon")) == pytest.approx(-1.68 + step, abs=1e-6)


def test_a_tap_from_far_off_comes_closer(walker):
    look = {"map_lon": "-1.68", "map_lat": "48.11", "map_zoom": "10"}
    answer = walker.post("/report/", {**look, "place.x": "160", "place.y": "160"})
    assert hidden(answer, "map_zoom") == "13"
    assert hidden(answer, "lat") == ""


def test_the_pictures_buttons_move_it_and_keep_the_photos(walker):
    look = {"map_lon": "-1.68", "map_lat": "48.11", "map_zoom": "17"}
    answer = walker.post("/en/report/", {**look, "move": "east", "photo": photo()})
    assert answer.status_code == 200
    assert float(hidden(answer, "map_lon")) > -1.68
    assert "1 photo is kept" in answer.text
    look["kept"] = hidden(answer, "kept")
    answer = walker.post("/en/report/", {**look, "move": "closer"})
    assert hidden(answer, "map_zoom") == "19"
    assert "1 photo is kept" in answer.text
    assert walker.post("/en/report/", {**look, "move": "stay"}).status_code == 200
    answer = walker.post("/en/report/", {**look, "move": "town", "town": "Nowhere"})
    assert "No town of this name" in answer.text


@pytest.mark.parametrize(
    "post",
    [
        {"place.x": "NaN", "place.y": "1"},
        {"place.x": "1e309", "place.y": "-5"},
        {"place.x": "-999999", "place.y": "999999", "map_zoom": "17"},
        {"move": "sideways", "map_zoom": "ninety", "map_lon": "x", "map_lat": "91"},
        {"move": "town", "town": "a\0b"},
        {"move": "north", "map_lon": "180", "map_lat": "85", "map_zoom": "2"},
    ],
)
def test_odd_taps_break_nothing(walker, post):
    assert walker.post("/report/", post).status_code in (200, 400)


def test_neighbours_are_offered_and_confirming_one_is_an_amendment(walker):
    device = make_device()
    answer = walker.post("/en/report/", {"lat": "48.1101", "lon": "-1.68"})
    assert "Reported already?" in answer.text
    assert str(device.id) in answer.text
    code = code_in(answer)
    done = walker.post("/en/receipts/", {"code": code, "action": "amend", "device": str(device.id)})
    assert done.status_code == 200
    sighting = Sighting.objects.get()
    assert sighting.confirms_device == device
    assert sighting.location.y == pytest.approx(48.1101)


def test_confirming_a_device_needs_no_place(walker):
    device = make_device()
    assert walker.get(f"/report/?device={device.id}").text.count(str(device.id)) >= 1
    assert walker.post("/report/", {"device": str(device.id)}).status_code == 201
    assert Sighting.objects.get().location == device.location


@pytest.mark.parametrize("device", ["17", "<b>", "0c7d6f0e-2b6c-4b53-8a3e-111111111111"])
def test_an_odd_device_in_a_link_breaks_nothing(walker, device):
    assert (
        walker.get("/report/", {"device": device, "lat": "x", "map_zoom": "-"}).status_code == 200
    )


def test_too_many_files_and_fields_are_a_clear_answer(walker):
    files = [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(13)]
    assert walker.post("/report/", {"photo": files}).status_code == 413
    assert walker.post("/report/", {f"f{n}": "x" for n in range(201)}).status_code == 413
    assert walker.post("/report/", {"note": "x" * 300_000}).status_code == 413


def test_the_code_finds_the_report_and_a_wrong_one_does_not(walker):
    code = code_in(walker.post("/report/", HERE))
    answer = walker.post("/en/receipts/", {"code": code.upper().replace(" ", "-")})
    assert answer.status_code == 200
    assert "Received" in answer.text
    assert answer["Cache-Control"] == "no-store"
    wrong = walker.post("/en/receipts/", {"code": " ".join(receipts.new_code())})
    assert wrong.status_code == 404
    assert "no report with this code" in wrong.text


def test_guessing_is_slowed_down(walker, monkeypatch):
    monkeypatch.setattr(buckets, "GUESS_LIMIT", buckets.Limit("guess", 5, 5))
    code = code_in(walker.post("/report/", HERE))
    got = [walker.post("/receipts/", {"code": "wrong"}).status_code for _ in range(6)]
    assert got == [400] * 5 + [429]
    # Whoever holds the right words is never locked out by somebody else's guesses.
    assert walker.post("/receipts/", {"code": code}).status_code == 200
    assert walker.post("/receipts/", {"code": "wrong"}).status_code == 429


def test_before_the_decision_withdrawing_deletes_all(walker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        code = code_in(walker.post("/report/", {"photo": photo(), **HERE}))
    unsure = walker.post("/en/receipts/", {"code": code, "action": "withdraw"})
    assert unsure.status_code == 400
    assert Sighting.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        answer = walker.post("/receipts/", {"code": code, "action": "withdraw", "sure": "1"})
    assert answer.status_code == 200
    assert not Sighting.objects.exists()
    assert not Photo.objects.exists()
    assert not Receipt.objects.exists()
    assert list(storage.quarantine().folder.iterdir()) == []
    assert walker.post("/receipts/", {"code": code}).status_code == 404


def test_amending_changes_an_open_report_in_place(walker):
    code = code_in(walker.post("/report/", {**HERE, "kind": "camera", "photo": photo()}))
    amended = {"kind": "alpr", "direction": ["", "90"], "consent_osm": ["0", "1"]}
    answer = walker.post(
        "/receipts/", {"code": code, "action": "amend", "photo_use": "public", **amended}
    )
    assert answer.status_code == 200
    sighting = Sighting.objects.get()
    assert (sighting.kind, sighting.direction, sighting.version) == ("alpr", "90", 2)
    assert sighting.has_osm_consent
    assert (sighting.location.x, sighting.location.y) == (-1.68, 48.11)
    assert Photo.objects.get().may_be_public
    bad = walker.post("/en/receipts/", {"code": code, "action": "amend", "kind": "nonsense"})
    assert bad.status_code == 400
    assert "nonsense" in bad.text


def test_a_question_is_answered_with_the_code(walker):
    code = code_in(walker.post("/report/", HERE))
    none = walker.post("/en/receipts/", {"code": code, "action": "answer", "answer": "here"})
    assert none.status_code == 409
    Sighting.objects.update(state="question_asked")
    Receipt.objects.update(question="which_way")
    page = walker.post("/en/receipts/", {"code": code})
    assert "Which way does it look?" in page.text
    empty = walker.post("/en/receipts/", {"code": code, "action": "answer", "answer": " "})
    assert empty.status_code == 400
    walker.post("/en/receipts/", {"code": code, "action": "answer", "answer": "To the <b>east"})
    assert Receipt.objects.get().answer == "To the <b>east"
    assert Sighting.objects.get().state == "received"
    assert "To the &lt;b&gt;east" in walker.post("/en/receipts/", {"code": code}).text
