"""The walker's app: a photo, a place, a direction, a type, sent; by taps alone, on a slow phone."""

import base64
import os
import re
import struct
import time

import pytest
from PIL import Image

from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests.conftest import REPOSITORY
from tests.factories import make_osm_device
from tests.journeys.conftest import PHONE
from tests.pictures import phone_photo, scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHOTOS = REPOSITORY / "fixtures" / "photos"
LON, LAT = 5.381234, 43.301234
SENT = "h1[data-when=sent]:visible"
TAP_S = 0.4
# What a phone in a street has: 150 ms, 1.6 Mbit/s, a quarter of this machine.
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 200_000,
}


class Walker:
    """Somebody who only taps; every request is written down."""

    def __init__(self, visitor):
        """Take a visitor with JavaScript, standing somewhere."""
        self.visitor = visitor
        self.page = visitor.page
        self.taps = 0
        self.took_s = 0.0
        self.asked: list[str] = []
        self.page.on("request", lambda r: self.asked.append(_whole(r)))

    def tap(self, target: str) -> None:
        """Tap on what is in view, as slowly as a person: who sees it taps a moment later."""
        place = self.page.locator(target)
        place.wait_for()
        self.page.wait_for_timeout(TAP_S * 1000)
        place.click()
        self.taps += 1

    def photograph(self, file) -> None:
        """Tap on the camera; it gives a picture back."""
        with self.page.expect_file_chooser() as chooser:
            self.tap("label[for=photo-capture]")
        chooser.value.set_files(file)

    def stand(self) -> None:
        """Wait for the pin, and say that it is right."""
        self.page.wait_for_selector(".place.is-placed")
        self.tap("[data-step=place] [data-next]")


def _whole(request) -> str:
    """Return all that a request says: its address, its head, its body."""
    head, body = request.headers, request.post_data_buffer or b""
    return f"{request.method} {request.url} {head} {body!r}"


@pytest.fixture
def walker(visit):
    """Return Bob in a street, his phone ready."""
    visitor = visit(size=PHONE)
    stand_at(visitor, accuracy=8)
    return Walker(visitor)


def stand_at(visitor, *, accuracy, lon=LON, lat=LAT) -> None:
    visitor.context.grant_permissions(["geolocation"])
    visitor.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": accuracy})


def test_before_send_nobody_is_told_where_the_walker_stands(walker, tmp_path):
    """On a slow phone and network, by five taps; how long it takes is the next one's question."""
    assert len(five_taps(walker, tmp_path)) > 10


@pytest.mark.benchmark
def test_a_report_takes_twenty_seconds_on_a_slow_phone(walker, tmp_path, settings, record_property):
    """400 ms before each tap, and all that phone and network take; true of a machine left alone."""
    # The browser slows down no worker: the proof of work is made four times as long instead.
    settings.PROOF_TRIES = 400
    five_taps(walker, tmp_path)
    load = os.getloadavg()[0]
    record_property("seconds", round(walker.took_s, 1))
    print(f"{walker.took_s:.1f} s at a load of {load:.1f}")
    assert walker.took_s <= 20


def five_taps(walker, tmp_path) -> list[str]:
    """Report another camera than the known one; return what was asked for before the last tap."""
    photo = tmp_path / "IMG_2026.jpg"
    photo.write_bytes(twelve_megapixels())
    device = make_osm_device(lon=LON, lat=LAT + 0.0001)
    phone = walker.page.context.new_cdp_session(walker.page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", SLOW)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    begun = time.monotonic()
    walker.visitor.go("/report/")
    walker.photograph(photo)
    walker.stand()
    walker.page.locator("[data-known-list] li").wait_for()
    walker.tap("[data-step=known] [data-next]")
    walker.tap("[data-type='camera/dome']")
    walker.page.locator("button[name=photo_use][value=public]").wait_for()
    before = list(walker.asked)
    walker.tap("button[name=photo_use][value=public]")
    # "Sent": the server has the report and its photo, by 201, and the page says so.
    walker.page.wait_for_selector(SENT)
    walker.took_s = time.monotonic() - begun
    arrived = Photo.objects.get()
    assert arrived.sighting == Sighting.objects.get()
    assert walker.taps <= 5
    sighting = Sighting.objects.get()
    assert (sighting.kind, sighting.camera_type) == ("camera", "dome")
    assert sighting.location.x == pytest.approx(LON, abs=1e-5)
    assert sighting.confirms_device != device
    assert [line for line in before if coordinates_in(line)] == []
    # Nothing but reading, and of the base map ranges of one file.
    assert {line.partition(" ")[0] for line in before} == {"GET"}
    assert walker.visitor.faults == []
    assert walker.visitor.foreign == []
    assert walker.visitor.context.cookies() == []
    return before


def twelve_megapixels() -> bytes:
    """Return a photo as a phone takes it, of 3 to 4 MB: grain is what JPEG can't make small."""
    grain = Image.effect_noise((4032, 3024), 12).convert("RGB")
    picture = Image.blend(scene(4032, 3024), grain, 0.5)
    photo = phone_photo(picture, captured="2026:05:12 18:40:03", orientation=1)
    assert 3_000_000 < len(photo) < 4_500_000, len(photo)
    return photo


# A tile of zoom 16 is 440 m wide here; what is finer would tell the house.
FINEST_TILE = 16


def coordinates_in(line: str) -> list[str]:
    """Return what in a request is a place: figures near the walker's own, in words or as bytes."""
    found = re.findall(r"(?<!\d)(?:5[.,]38\d|43[.,]30\d)\d*", line)
    for number in (LON, LAT):
        for order in "<>":
            raw = struct.pack(f"{order}d", number)
            spelt = (repr(raw)[2:-1], raw.hex(), base64.b64encode(raw)[:-1].decode())
            found += [form for form in spelt if form in line]
    tiles = re.findall(r"/tiles/devices/(\d+)/\d+/\d+", line)
    return found + [f"tile of zoom {zoom}" for zoom in tiles if int(zoom) > FINEST_TILE]


def test_the_search_knows_a_place_when_it_sees_one():
    raw = struct.pack("<d", LON)
    seen = (f"?lat={LAT}", repr(raw), base64.b64encode(raw).decode(), "/tiles/devices/18/1/1.mvt")
    assert [line for line in seen if not coordinates_in(line)] == []


def stored_positions(page) -> list[str]:
    """Return what of a place stands in the page's address, history and storages."""
    kept = page.evaluate(
        """async () => {
          const rows = [];
          for (const { name } of await indexedDB.databases()) {
            const opened = await new Promise((resolve) => {
              const asked = indexedDB.open(name);
              asked.onsuccess = () => resolve(asked.result);
            });
            for (const store of opened.objectStoreNames) {
              const all = await new Promise((resolve) => {
                const asked = opened.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => resolve(asked.result);
              });
              rows.push(JSON.stringify(all));
            }
            opened.close();
          }
          return [location.href, JSON.stringify(history.state), JSON.stringify(localStorage),
            JSON.stringify(sessionStorage), ...rows];
        }"""
    )
    return [line for line in kept if coordinates_in(line)]


def test_the_same_device_is_confirmed_in_three_taps_after_the_photo(walker):
    device = make_osm_device(lon=LON, lat=LAT + 0.0001)
    walker.visitor.go("/report/")
    walker.tap("[data-step=photo] [data-next]")
    walker.stand()
    walker.tap("[data-known-list] button")
    walker.tap("button[name=photo_use][value=public]")
    walker.page.wait_for_selector(SENT)
    assert Sighting.objects.get().confirms_device == device
    assert walker.taps == 4


def test_a_poor_fix_places_no_pin_and_says_why(visit):
    visitor = visit(size=PHONE)
    stand_at(visitor, accuracy=80)
    walker = Walker(visitor)
    visitor.go("/en/report/")
    walker.tap("[data-step=photo] [data-next]")
    status = visitor.page.locator(".place__status")
    status.get_by_text("80 m only, too coarse for a pin").wait_for()
    walker.tap("[data-step=place] [data-next]")
    status.get_by_text("Move the map until the pin stands on the device").wait_for()
    assert visitor.page.locator("[name=lat]").input_value() == ""
    # The map is moved by its keys as well as by a finger.
    visitor.page.locator(".place .map").focus()
    visitor.page.keyboard.press("ArrowUp")
    visitor.page.wait_for_selector(".place.is-placed")
    walker.tap("[data-step=place] [data-next]")
    visitor.page.locator("[data-types]").wait_for()


def test_a_photo_from_the_gallery_is_placed_where_it_was_taken(walker):
    walker.visitor.go("/en/report/")
    walker.page.set_input_files("#photo-choose", PHOTOS / "phone.jpg")
    walker.page.get_by_text("The pin stands where the photo was taken").wait_for()
    assert walker.page.locator("[name=lat]").input_value() == "60.171543"
    assert walker.page.locator("[name=direction]:checked").input_value() == "NW"


def test_a_photo_from_the_gallery_without_a_place_is_not_placed_where_it_is_sent_from(walker):
    walker.visitor.go("/en/report/")
    walker.page.set_input_files("#photo-choose", PHOTOS / "no_position.jpg")
    walker.page.locator(".place__status", has_text="Move the map until").wait_for()
    assert walker.page.locator("[name=lat]").input_value() == ""


def test_a_camera_app_that_throws_the_page_out_costs_nothing(walker):
    walker.visitor.go("/report/")
    walker.photograph(PHOTOS / "no_position.jpg")
    walker.stand()
    walker.tap("[data-type='alpr/']")
    walker.page.locator("[data-summary] img").wait_for()
    walker.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    walker.page.reload()
    walker.page.locator("[data-summary] img").wait_for()
    walker.tap("button[name=photo_use][value=public]")
    walker.page.wait_for_selector(SENT)
    sighting = Sighting.objects.get()
    assert (sighting.kind, sighting.photos.count()) == ("alpr", 1)
    # And then the draft is gone.
    walker.page.evaluate(
        """async () => {
          const is_kept = async () =>
            (await indexedDB.databases()).some(({ name }) => name.includes("draft"));
          while (await is_kept()) await new Promise((resolve) => setTimeout(resolve, 20));
        }"""
    )


def test_every_step_can_be_read_and_used_by_all(walker):
    make_osm_device(lon=LON, lat=LAT + 0.0001)
    visitor = walker.visitor
    found = {}

    def look(step):
        found[step] = (visitor.axe(), visitor.overflow_px())

    visitor.go("/report/")
    look("photo")
    walker.photograph(PHOTOS / "no_position.jpg")
    walker.page.wait_for_selector(".place.is-placed")
    slider = walker.page.get_by_role("slider")
    slider.focus()
    walker.page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "0°, nord"
    look("place")
    walker.tap("[data-step=place] [data-next]")
    walker.page.locator("[data-known-list] li").wait_for()
    assert walker.page.locator("h2:focus").inner_text().startswith("Déjà signalé")
    look("known")
    walker.tap("[data-step=known] [data-next]")
    look("what")
    walker.page.locator("[data-type='camera/dome']").focus()
    walker.page.keyboard.press("Enter")
    walker.page.locator("[data-summary] img").wait_for()
    look("send")
    walker.page.go_back()
    walker.page.locator("[data-types]").wait_for()
    assert walker.page.locator("[data-type][aria-pressed=true]").count() == 1
    assert found == dict.fromkeys(found, ([], 0))
    assert visitor.faults == []


def test_the_look_alikes_are_drawn_and_told(visit):
    for javascript in (True, False):
        visitor = visit(size=PHONE, javascript=javascript)
        assert visitor.go("/look-alikes/") == 200
        assert visitor.page.locator(".look").count() == 17
        assert visitor.overflow_px() == 0
        # axe waits for timers, which a page without JavaScript does not have.
        assert not javascript or visitor.axe() == []


def report_here(walker, kind: str) -> None:
    """Report what stands at the walker's own place, without a photo."""
    walker.tap("[data-step=photo] [data-next]")
    walker.stand()
    walker.tap(f"[data-type='{kind}']")
    walker.tap("button[name=photo_use][value=public]")
    walker.page.wait_for_selector(SENT)


def test_what_was_told_a_moment_ago_is_known_to_the_page_alone(walker):
    walker.visitor.go("/en/report/")
    walker.page.evaluate("window.is_the_same_page = true")
    report_here(walker, "camera/dome")
    walker.tap("[data-again]")
    assert walker.page.locator("h1:focus").inner_text() == "A camera? Show it."
    assert walker.page.title().startswith("A camera? Show it.")
    assert walker.page.evaluate("window.is_the_same_page")
    assert walker.page.locator("[name=lat]").input_value() == ""
    # In the page's memory: no storage and no entry of the history holds a place.
    assert stored_positions(walker.page) == []
    walker.tap("[data-step=photo] [data-next]")
    walker.stand()
    card = walker.page.locator("[data-known-list] li")
    card.wait_for()
    assert "You reported this a moment ago" in card.inner_text()
    assert re.search(r"Dome camera, 0\sm", card.inner_text())
    assert walker.visitor.axe() == []
    walker.tap("[data-step=known] [data-next]")
    # Last answers first, and what was chosen for the last one is still chosen.
    assert walker.page.locator("[data-type]").first.get_attribute("data-type") == "camera/dome"
    walker.tap("[data-type='alpr/']")
    walker.tap("button[name=photo_use][value=public]")
    walker.page.wait_for_selector(SENT)
    assert sorted(Sighting.objects.values_list("kind", flat=True)) == ["alpr", "camera"]
    # Back leads into no report that was sent.
    walker.tap("[data-again]")
    walker.tap("[data-step=photo] [data-next]")
    for _step in range(3):
        walker.page.go_back()
    assert walker.page.locator("[data-step=photo]").is_visible()
    # A reload forgets, and the step is left out.
    walker.page.reload()
    walker.tap("[data-step=photo] [data-next]")
    walker.stand()
    walker.page.locator("[data-types]").wait_for()
    assert walker.visitor.faults == []


def test_who_told_it_already_goes_on_to_the_next_and_sends_nothing(walker):
    walker.visitor.go("/report/")
    report_here(walker, "camera/dome")
    walker.tap("[data-again]")
    walker.tap("[data-step=photo] [data-next]")
    walker.stand()
    walker.tap("[data-known-list] [data-again]")
    walker.page.locator("h1:focus").wait_for()
    assert walker.page.locator("[data-step=photo]").is_visible()
    assert walker.page.locator("[name=lat]").input_value() == ""
    assert Sighting.objects.count() == 1
    assert walker.visitor.faults == []


def drag_to(walker, east: float, south: float) -> None:
    """Take hold of the cone at the dial's ring and drag it to a side."""
    box = walker.page.locator(".dial").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = box["width"] * 0.39
    mouse = walker.page.mouse
    mouse.move(x, y - reach)
    mouse.down()
    mouse.move(x + reach * 0.7, y - reach * 0.7, steps=4)
    mouse.move(x + reach * east, y + reach * south, steps=4)
    mouse.up()


def said_directions(walker) -> str:
    """Send the report and return the direction that arrived."""
    walker.tap("[data-step=place] [data-next]")
    walker.tap("[data-type='camera/fixed']")
    walker.tap("button[name=photo_use][value=public]")
    walker.page.wait_for_selector(SENT)
    return Sighting.objects.get().direction


def at_the_dial(walker) -> None:
    walker.visitor.go("/en/report/")
    walker.tap("[data-step=photo] [data-next]")
    walker.page.wait_for_selector(".place.is-placed")
    walker.page.locator(".dial").wait_for()


def test_two_heads_on_one_pole_are_dragged_one_after_the_other(walker):
    at_the_dial(walker)
    pin = walker.page.locator("[name=lat]").input_value()
    drag_to(walker, east=1, south=0)
    # The map beneath stays where it is.
    assert walker.page.locator("[name=lat]").input_value() == pin
    walker.tap(".dial__add")
    drag_to(walker, east=0, south=1)
    assert walker.page.get_by_text("90°, east + 180°, south").is_visible()
    assert said_directions(walker) == "90;180"


@pytest.mark.parametrize(("button", "said"), [("all round", "0-360"), ("I don't know", "")])
def test_a_round_view_and_an_unknown_one_are_one_tap(walker, button, said):
    at_the_dial(walker)
    drag_to(walker, east=1, south=0)
    walker.page.locator("[data-direction]").get_by_text(button, exact=True).click()
    assert said_directions(walker) == said


def test_the_best_fix_is_kept_and_said_with_its_accuracy(walker):
    stand_at(walker.visitor, accuracy=30)
    walker.visitor.go("/en/report/")
    walker.tap("[data-step=photo] [data-next]")
    walker.page.get_by_text("to 30 m").wait_for()
    stand_at(walker.visitor, accuracy=6, lon=LON + 0.0001)
    walker.page.get_by_text("to 6 m").wait_for()
    # A worse one is no reason to move.
    stand_at(walker.visitor, accuracy=40, lon=LON + 0.0005)
    walker.page.wait_for_timeout(500)
    assert walker.page.get_by_text("to 6 m").is_visible()
    assert walker.page.locator("[name=lon]").input_value() == f"{LON + 0.0001:.6f}"


def test_a_second_photo_from_further_off_is_asked_for_kindly(walker):
    walker.visitor.go("/en/report/")
    assert walker.page.get_by_text("Two photos help most").is_visible()
    walker.photograph(PHOTOS / "no_position.jpg")
    walker.stand()
    walker.tap("[data-type='camera/dome']")
    with walker.page.expect_file_chooser() as chooser:
        walker.page.get_by_role("button", name="Add a photo from further off").click()
    chooser.value.set_files(PHOTOS / "phone.jpg")
    walker.page.locator("[data-summary] img").nth(1).wait_for()
    assert walker.page.locator("[data-step=send]").is_visible()
    walker.tap("button[name=photo_use][value=public]")
    walker.page.wait_for_selector(SENT)
    sighting = Sighting.objects.get()
    assert sighting.photos.count() == 2
    # The pin stays where the walker stands, whatever the second photo says.
    assert sighting.location.x == pytest.approx(LON, abs=1e-5)
