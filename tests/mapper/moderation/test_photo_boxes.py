"""What moderators see of a photo, and cover of it, with a script and without one."""

import io
import json

import pytest
from PIL import Image

from mapper.moderation.models import Decision
from mapper.photos import storage
from mapper.photos.boxes import Redaction
from mapper.photos.models import GATE, Photo
from mapper.places.models import School
from mapper.sightings.models import Sighting
from tests import pictures
from tests.factories import PhotoFactory, SightingFactory, box, point
from tests.people import browser_of

pytestmark = pytest.mark.django_db

BOX = {"left": 64, "top": 64, "right": 128, "bottom": 128, "by": "moderator"}
SAVED = {"act": "save"}


def kept(image):
    return storage.write(
        storage.quarantine(), pictures.saved(image, quality=85), suffix=storage.PICTURE
    )


@pytest.fixture
def photo(db):
    return PhotoFactory(
        pixel_name=kept(pictures.scene(640, 480)),
        covered_name=kept(pictures.scene(640, 480)),
        width_px=640,
        height_px=480,
    )


@pytest.fixture
def browser(alice):
    return browser_of(alice)


def boxes_page(photo):
    return f"/en/moderation/photos/{photo.id}/boxes/"


def picture(data):
    return Image.open(io.BytesIO(data))


def is_filled(image, left, top, right, bottom):
    inner = image.crop((left + 2, top + 2, right - 2, bottom - 2))
    return all(abs(side - 32) <= 3 for pair in inner.getextrema() for side in pair)


def said(photo, *boxes, crop=None, seen=None):
    mark = Redaction().mark if seen is None else seen
    text = json.dumps({"boxes": list(boxes), "crop": crop})
    return {f"redaction-{photo.id}": text, f"seen-{photo.id}": mark}


def test_a_photo_is_covered_unless_it_is_asked_for_open(browser, photo):
    browser.post(boxes_page(photo), SAVED | said(photo, BOX))
    address = f"/moderation/photos/{photo.id}/"
    covered, opened = browser.get(address), browser.get(f"{address}?open=1")
    assert is_filled(picture(covered.content), 64, 64, 128, 128)
    assert not is_filled(picture(opened.content), 64, 64, 128, 128)
    for answer in (covered, opened):
        assert "no-store" in answer["Cache-Control"]


def test_no_page_of_the_desk_shows_the_open_photo_by_itself(browser, photo):
    page = browser.get(f"/en/moderation/reports/{photo.sighting_id}/").text
    assert f'src="/moderation/photos/{photo.id}/"' in page
    assert 'src="/moderation/photos' in page
    assert "?open=1" in page  # where it is held
    assert f'src="/moderation/photos/{photo.id}/?open=1"' not in page


def test_a_script_gets_back_what_is_covered_now(browser, photo):
    drawn = BOX | {"left": 70, "by": "automatic"}
    answer = browser.post(
        boxes_page(photo), SAVED | said(photo, drawn), headers={"Accept": "application/json"}
    )
    assert answer.json()["boxes"] == [BOX | {"by": "automatic"}]
    photo.refresh_from_db()
    assert photo.boxes == answer.json()["boxes"]


@pytest.mark.parametrize("text", ["", "no", '{"boxes": [{}]}', '{"boxes": [], "crop": [1]}'])
def test_what_is_no_box_is_refused_in_words(browser, photo, text):
    post = SAVED | {f"redaction-{photo.id}": text}
    answer = browser.post(boxes_page(photo), post)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    script = browser.post(boxes_page(photo), post, headers={"Accept": "application/json"})
    assert script.status_code == 400


def test_boxes_of_another_moderator_are_not_lost_by_a_page_that_did_not_know_them(browser, photo):
    browser.post(boxes_page(photo), SAVED | said(photo, BOX))
    answer = browser.post(boxes_page(photo), SAVED | said(photo))
    assert answer.status_code == 409
    photo.refresh_from_db()
    assert photo.boxes == [BOX]


def decision(photo, **fields):
    return {
        "act": "accept",
        "device": "new",
        "version": photo.sighting.version,
        "lat": "48.1",
        "lon": "-1.7",
        "kind": "camera",
        f"gate-{photo.id}": list(GATE),
        **fields,
    }


def test_accepting_publishes_what_the_page_showed_covered(browser, photo):
    crop = {"left": 32, "top": 32, "right": 352, "bottom": 272}
    page = f"/en/moderation/reports/{photo.sighting_id}/"
    answer = browser.post(page, decision(photo, **said(photo, BOX, crop=crop)))
    assert answer.status_code == 302, answer.text
    photo.refresh_from_db()
    public = picture(storage.read(storage.media(), photo.public_name))
    assert public.size == (320, 240)
    assert is_filled(public, 32, 32, 96, 96)


def test_near_a_school_the_page_says_so_and_a_decision_without_a_crop_changes_nothing(
    browser, photo
):
    School.objects.create(code="s", name="École", area=box(-1.7, 48.1, -1.6999, 48.1001))
    Sighting.objects.filter(id=photo.sighting_id).update(location=point(-1.7, 48.1))
    page = f"/en/moderation/reports/{photo.sighting_id}/"
    assert "A school is within 50 m" in browser.get(page).text
    answer = browser.post(page, decision(photo, **said(photo)))
    assert answer.status_code == 409
    assert "crop this photo to the device" in answer.text
    assert Photo.objects.get().state == "awaiting_review"
    assert not Decision.objects.exists()
    crop = {"left": 32, "top": 32, "right": 352, "bottom": 272}
    assert browser.post(page, decision(photo, **said(photo, crop=crop))).status_code == 302
    assert Photo.objects.get().state == "published"


def test_accepting_with_boxes_that_changed_elsewhere_decides_nothing(browser, photo):
    stale = said(photo)
    browser.post(boxes_page(photo), SAVED | said(photo, BOX))
    answer = browser.post(f"/en/moderation/reports/{photo.sighting_id}/", decision(photo, **stale))
    assert answer.status_code == 409
    assert Photo.objects.get().state == "awaiting_review"
    assert not Decision.objects.exists()


def test_two_clicks_make_a_box_without_a_script(browser, photo):
    clicked = {"tool": "box", "corner.x": "170", "corner.y": "119", "first": "", "picker": "small"}
    one = browser.post(boxes_page(photo), clicked)
    assert 'name="first" value="320,224"' in one.text
    other = browser.post(
        boxes_page(photo),
        clicked | {"first": "320,224", "corner.x": "136", "corner.y": "85"},
        follow=True,
    )
    assert "Covered anew" in other.text
    photo.refresh_from_db()
    assert photo.boxes == [BOX | {"left": 256, "top": 160, "right": 320, "bottom": 224}]


def test_four_numbers_make_a_crop_and_a_button_takes_it_back(browser, photo):
    numbers = {"act": "draw", "left": "10", "top": "10", "right": "60", "bottom": "60"}
    browser.post(boxes_page(photo), numbers | {"tool": "crop"})
    photo.refresh_from_db()
    assert photo.crop == {"left": 64, "top": 48, "right": 384, "bottom": 288}
    browser.post(boxes_page(photo), {"act": "uncrop"})
    photo.refresh_from_db()
    assert photo.crop is None


def test_a_box_is_taken_out_by_its_button(browser, photo):
    browser.post(boxes_page(photo), SAVED | said(photo, BOX, BOX | {"left": 0}))
    assert browser.get(boxes_page(photo)).text.count('name="act" value="remove-') == 2
    browser.post(boxes_page(photo), {"act": "remove-0"})
    photo.refresh_from_db()
    assert [box["left"] for box in photo.boxes] == [0]


@pytest.mark.parametrize(
    "post",
    [{}, {"act": "draw"}, {"act": "draw", "left": "-1", "top": "0", "right": "9", "bottom": "9"},
     {"act": "draw", "left": "50", "top": "50", "right": "50", "bottom": "60"},
     {"corner.x": "0", "corner.y": "0"}, {"corner.x": "9999999", "corner.y": "1", "first": "1,2"},
     {"corner.x": "9", "corner.y": "9", "first": "nowhere"}],
)  # fmt: skip
def test_what_draws_nothing_says_so(browser, photo, post):
    assert browser.post(boxes_page(photo), post).status_code == 400
    photo.refresh_from_db()
    assert photo.boxes == []


def test_more_of_a_public_photo_is_covered_by_a_decision(browser, photo):
    page = f"/en/moderation/reports/{photo.sighting_id}/"
    browser.post(page, decision(photo))
    photo.refresh_from_db()
    old = photo.public_name
    browser.post(
        boxes_page(photo),
        {"act": "draw", "left": "10", "top": "10", "right": "20", "bottom": "20"},
    )
    photo.refresh_from_db()
    assert photo.public_name != old
    public = picture(storage.read(storage.media(), photo.public_name))
    assert is_filled(public, 64, 48, 128, 96)
    latest = Decision.objects.get(act="publish_photo")
    assert (latest.target, latest.device) == (photo.id, photo.sighting.claim.device_id)
    assert browser.get(f"/en/moderation/devices/{latest.device}/").status_code == 200


def test_the_desk_says_where_nothing_was_searched(browser, photo):
    page = f"/en/moderation/reports/{photo.sighting_id}/"
    assert "No automatic boxes" not in browser.get(page).text
    Photo.objects.update(is_searched=False)
    assert "No automatic boxes" in browser.get(page).text


def test_a_photo_that_is_not_there_has_no_boxes(browser):
    photo = PhotoFactory(
        sighting=SightingFactory(), pixel_name="", covered_name="", covered_thumbnail_name=""
    )
    assert browser.get(boxes_page(photo)).status_code == 404
