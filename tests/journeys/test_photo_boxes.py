"""Alice covers what must not be seen, by keys, mouse or touch; open only while she holds it."""

import io
import time

import pytest
from PIL import Image
from playwright.sync_api import expect

from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.places.models import School
from tests import pictures
from tests.factories import PhotoFactory, SightingFactory, box
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_desk_keys import Desk, far
from tests.journeys.test_moderation import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZE = (1600, 1200)
FACE = {"left": 480, "top": 368, "right": 640, "bottom": 560, "by": "automatic"}


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


def street(*, is_covered):
    """Return a street; where it is open, something white stands for a face."""
    image = pictures.scene(*SIZE)
    fill = (32, 32, 32) if is_covered else (255, 255, 255)
    image.paste(fill, tuple(FACE[side] for side in ("left", "top", "right", "bottom")))
    return pictures.saved(image, quality=85)


def report(number=0):
    def write(data):
        return storage.write(storage.quarantine(), data, suffix=storage.PICTURE)

    return PhotoFactory(
        sighting=SightingFactory(location=far(number)),
        pixel_name=write(street(is_covered=False)),
        covered_name=write(street(is_covered=True)),
        width_px=SIZE[0],
        height_px=SIZE[1],
        boxes=[FACE],
    )


def public(photo):
    photo.refresh_from_db()
    return Image.open(io.BytesIO(storage.read(storage.media(), photo.public_name)))


def is_filled(image, left, top, right, bottom):
    inner = image.crop((left + 2, top + 2, right - 2, bottom - 2))
    return all(abs(side - 32) <= 3 for pair in inner.getextrema() for side in pair)


@pytest.fixture
def at_the_desk(visit, alice):
    def start(photo, **visit_as):
        visitor = visit(**visit_as)
        sign_in(visitor, "alice", prefix="/en")
        desk = Desk(visitor)
        desk.open(visitor, photo.sighting)
        return visitor, desk

    return start


def test_by_keys_she_covers_a_face_and_publishes(at_the_desk):
    photo, _ = report(0), report(1)
    _, desk = at_the_desk(photo)
    desk.press("b", "ArrowLeft", "ArrowUp", "Shift+ArrowRight")
    box = desk.page.locator(".photo-box").nth(1)
    expect(box).to_be_focused()
    expect(desk.page.locator("[data-box-help]")).to_be_visible()
    with desk.page.expect_response("**/boxes/"):
        desk.press("Enter")
    expect(desk.page.locator("[data-add-box]")).to_be_focused()
    desk.press("g", "1", "2", "3", "4", "5", "6", "a")
    desk.hears("Accepted. 1 left.")
    # In the middle 680 to 920 and 510 to 690, moved by 48 up and left, 48 wider, on whole blocks.
    assert is_filled(public(photo), 640, 468, 912, 640)
    assert is_filled(public(photo), 480, 368, 640, 560)


def test_a_box_that_is_seen_is_published_however_fast_she_is(at_the_desk):
    photo, _ = report(0), report(1)
    _, desk = at_the_desk(photo)
    desk.press("b", "ArrowLeft", "a")
    desk.hears("Accepted. 1 left.")
    photo.refresh_from_db()
    assert photo.state == "kept_back"
    other = report(2)
    desk.open_again(other)
    desk.press("g", "1", "2", "3", "4", "5", "6", "b", "ArrowLeft", "a")
    desk.hears("Accepted. 1 left.")
    assert is_filled(public(other), 640, 512, 864, 688)


def test_boxes_that_are_not_saved_are_told_until_they_are(at_the_desk):
    photo = report(0)
    _, desk = at_the_desk(photo)
    desk.page.route("**/boxes/", lambda route: route.abort())
    status = desk.page.locator("[data-desk-status]")
    desk.press("b", "ArrowLeft", "Enter")
    expect(status).to_contain_text("not saved yet")
    expect(status).to_be_in_viewport()
    desk.page.unroute("**/boxes/")
    # It is asked again by itself.
    expect(status).to_have_text("", timeout=10_000)
    photo.refresh_from_db()
    assert len(photo.boxes) == 2


def test_boxes_that_the_server_refuses_are_told_with_its_reason(at_the_desk):
    _, desk = at_the_desk(report(0))
    refusal = {"status": 409, "detail": "Somebody else decided."}
    desk.page.route("**/boxes/", lambda route: route.fulfill(status=409, json=refusal))
    desk.press("b", "ArrowLeft", "Enter")
    expect(desk.page.locator("[data-desk-status]")).to_have_text(
        "The boxes were not saved: Somebody else decided."
    )


def test_she_sees_it_open_only_while_she_holds_it(at_the_desk):
    photo = report(0)
    visitor, desk = at_the_desk(photo)
    asked = []
    desk.page.on("request", lambda request: asked.append(request.url))
    opened = desk.page.locator(".photo-boxes__open")
    expect(opened).to_have_count(0)
    desk.page.keyboard.down("h")
    expect(opened).to_be_visible()
    desk.page.keyboard.up("h")
    expect(opened).to_have_count(0)
    button = desk.page.locator("[data-hold-open]")
    button.hover()
    desk.page.mouse.down()
    expect(opened).to_be_visible()
    expect(button).to_have_attribute("aria-pressed", "true")
    desk.page.mouse.up()
    expect(opened).to_have_count(0)
    button.focus()
    desk.page.keyboard.down("Space")
    expect(opened).to_be_visible()
    desk.page.keyboard.up("Space")
    expect(opened).to_have_count(0)
    assert {url.split("/moderation/")[-1] for url in asked} == {f"photos/{photo.id}/?open=1"}
    assert visitor.faults == []


def test_she_takes_a_box_out_and_crops_to_the_device(at_the_desk):
    photo, _ = report(0), report(1)
    _, desk = at_the_desk(photo)
    desk.page.locator(".photo-box").first.focus()
    with desk.page.expect_response("**/boxes/"):
        desk.press("Delete")
    with desk.page.expect_response("**/boxes/"):
        desk.press("c", "ArrowUp", "Enter")
    expect(desk.page.locator(".photo-crop")).to_have_count(1)
    desk.press("g", "1", "2", "3", "4", "5", "6", "a")
    desk.hears("Accepted. 1 left.")
    assert public(photo).size == (800, 592)
    photo.refresh_from_db()
    assert photo.boxes == []


def test_with_the_mouse_she_draws_moves_and_resizes(at_the_desk):
    photo = report(0)
    _, desk = at_the_desk(photo, size=DESKTOP)
    layer = desk.page.locator(".photo-boxes__layer")
    layer.scroll_into_view_if_needed()
    frame = layer.bounding_box()

    def drag(*places):
        at = [
            (frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in places
        ]
        desk.page.mouse.move(*at[0])
        desk.page.mouse.down()
        for place in at[1:]:
            desk.page.mouse.move(*place, steps=4)
        with desk.page.expect_response("**/boxes/"):
            desk.page.mouse.up()

    drag((0.6, 0.6), (0.7, 0.75))
    photo.refresh_from_db()
    drawn = photo.boxes[1]
    assert abs(drawn["left"] - 960) <= 16
    assert abs(drawn["bottom"] - 900) <= 16
    drag((0.65, 0.68), (0.85, 0.68))
    photo.refresh_from_db()
    assert abs(photo.boxes[1]["left"] - 1280) <= 32
    drag((0.9, 0.75), (0.95, 0.85))
    photo.refresh_from_db()
    assert photo.boxes[1]["bottom"] > drawn["bottom"] + 60


# How a practised person moves, by the Keystroke-Level Model (Card, Moran, Newell, 1980): a key, a
# pointing, a hand to the mouse, a moment's thought. How long one looks at a photo is a guess.
KEY_S, POINT_S, HAND_S, THINK_S, LOOK_S = 0.28, 1.1, 0.4, 1.35, 3.0


@pytest.mark.trial
def test_twenty_photos_at_a_human_pace_three_of_ten_with_boxes(at_the_desk, record_property):
    photos = [report(number) for number in range(21)]
    _, desk = at_the_desk(photos[0], size=DESKTOP)
    page, times, ours = desk.page, [], []
    for number, photo in enumerate(photos[:20]):
        desk.is_at(photo.sighting)
        begun, pace = time.monotonic(), 0.0

        def wait(seconds):
            nonlocal pace
            pace += seconds
            page.wait_for_timeout(seconds * 1000)

        wait(LOOK_S + THINK_S)
        if number % 10 in (2, 5, 8):
            layer = page.locator(".photo-boxes__layer")
            layer.scroll_into_view_if_needed()
            frame = layer.bounding_box()
            wait(HAND_S + POINT_S)
            page.mouse.move(frame["x"] + 0.6 * frame["width"], frame["y"] + 0.6 * frame["height"])
            page.mouse.down()
            wait(POINT_S)
            page.mouse.move(
                frame["x"] + 0.7 * frame["width"], frame["y"] + 0.75 * frame["height"], steps=8
            )
            page.mouse.up()
            wait(HAND_S + THINK_S)
        for key in ("g", "1", "2", "3", "4", "5", "6", "a"):
            wait(KEY_S)
            desk.press(key)
        desk.hears(f"Accepted. {20 - number} left.")
        times.append(time.monotonic() - begun)
        ours.append(times[-1] - pace)
    boxes = [photo for photo in photos if len(Photo.objects.get(id=photo.id).boxes) > 1]
    assert len(boxes) == 6
    assert Photo.objects.filter(state="published").count() == 20
    record_property("a_report_s", round(sum(times) / 20, 1))
    record_property("of_it_waiting_for_the_machine_s", round(sum(ours) / 20, 2))
    record_property("reports_in_20_minutes", round(1200 * 20 / sum(times)))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_tools_are_there_for_everyone(at_the_desk, size, dark):
    photo = report(0)
    visitor, desk = at_the_desk(photo, size=size)
    desk.page.emulate_media(color_scheme="dark" if dark else "light")
    for tool in desk.page.locator(".photo-tools button").all():
        assert tool.bounding_box()["height"] >= 44
    desk.page.locator("[data-crop]").click()
    expect(desk.page.locator(".photo-crop")).to_be_focused()
    desk.press("Enter")
    assert visitor.axe() == []
    assert visitor.overflow_px() <= 0
    visitor.go(f"/en/moderation/photos/{photo.id}/boxes/")
    assert visitor.axe() == []
    assert visitor.overflow_px() <= 0
    assert visitor.faults == []


def test_without_a_script_two_clicks_make_a_box(at_the_desk, visit):
    photo = report(0)
    visitor = visit(javascript=False)
    sign_in(visitor, "alice", prefix="/en")
    visitor.go(f"/en/moderation/reports/{photo.sighting_id}/")
    visitor.page.get_by_role("link", name="Boxes and crop on a page of their own").click()
    picker = visitor.page.locator("[name=corner]")
    picker.click(position={"x": 200, "y": 150})
    expect(visitor.page.get_by_role("status")).to_contain_text("First corner")
    picker.click(position={"x": 240, "y": 200})
    expect(visitor.page.get_by_text("Covered anew")).to_be_visible()
    photo.refresh_from_db()
    assert len(photo.boxes) == 2
    assert visitor.overflow_px() <= 0
    assert Photo.objects.get().state == "awaiting_review"


def test_near_a_school_she_is_told_and_crops_before_she_publishes(at_the_desk):
    photo, _ = report(0), report(1)
    lon, lat = photo.sighting.location.coords
    grounds = box(lon - 0.0001, lat - 0.0001, lon + 0.0001, lat + 0.0001)
    School.objects.create(code="s", name="École", area=grounds)
    visitor, desk = at_the_desk(photo, size=PHONE)
    expect(desk.page.get_by_text("A school is within 50 m.")).to_be_visible()
    assert visitor.axe() == []
    assert visitor.overflow_px() <= 0
    desk.press("g", "1", "2", "3", "4", "5", "6", "a")
    expect(desk.page.get_by_role("alert")).to_contain_text("crop this photo to the device")
    with desk.page.expect_response("**/boxes/"):
        desk.press("c", "ArrowUp", "Enter")
    desk.press("a")
    desk.hears("Accepted. 1 left.")
    assert public(photo).size == (800, 592)
