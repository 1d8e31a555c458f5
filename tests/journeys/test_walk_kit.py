"""A mapping party: a quarter is chosen, printed, walked without a network, and typed in."""

import io
import re
import time

import pypdfium2
import pytest
from django.utils import timezone

from geo.grid_reference import grid_reference
from geo.position import LonLat
from geo.tiles import tile_at, tile_bbox
from geo.walk_sheets import SHEET_ZOOM, quarter_text, sheet_code
from mapper.sightings.models import Sighting
from mapper.sightings.sheet_numbers import numbered_devices
from mapper.trust.parties import open_party
from tests.factories import CityFactory, box, make_device, point
from tests.journeys.conftest import AXE, DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A sheet of the demo's streets, and the quarter of four sheets around it.
SHEET = tile_at(LonLat(24.945, 60.170), SHEET_ZOOM)
QUARTER = quarter_text(tile_bbox(tile_at(LonLat(24.945, 60.170), SHEET_ZOOM - 1)))
KEY_MS = 200
# What stands on the paper for new ones: the digit of what it is, and where it looks.
CHOICES = (("4", "NE"), ("5", ""), ("8", "180"), ("4", "SO"))


@pytest.fixture
def town():
    """Make a city with some devices on one sheet, on a plain ground: quicker than the demo."""
    city = CityFactory(name="Helsinki", boundary=box(24.90, 60.14, 24.99, 60.20))
    for step in range(6):
        seen = "2026-05" if step % 2 else "2021-05"
        place = point(24.9437 + step * 6e-4, 60.1695 + step % 3 * 3e-4)
        make_device(location=place, seen_from=seen, seen_to=seen)
    return city


def test_a_quarter_is_chosen_by_taps_by_drawing_and_by_keys(town, visit):
    walker = visit(size=DESKTOP)
    walker.go("/en/walk/")
    page = walker.page
    status, go = page.locator("[data-walk-status]"), page.locator("[data-walk-go]")
    page.locator(".walk-lattice").wait_for(state="attached")
    assert "No quarter chosen yet" in status.inner_text()
    assert go.is_hidden()
    frame = page.locator("#walk-map")
    frame.scroll_into_view_if_needed()
    at = frame.bounding_box()

    def corner(right, down):
        return at["x"] + at["width"] * right, at["y"] + at["height"] * down

    # Two taps; the map's own signs lie in its middle, so beside them.
    page.mouse.click(*corner(0.12, 0.75))
    assert "1 sheet," in status.inner_text()
    page.mouse.click(*corner(0.2, 0.9))
    tapped = status.inner_text()
    assert re.match(r"\d+ sheets?, \d+ m by \d+ m\.", tapped)
    # A drag moves the map until “Draw” is pressed; then it draws.
    page.locator("[data-walk-draw]").click()
    page.mouse.move(*corner(0.7, 0.3))
    page.mouse.down()
    page.mouse.move(*corner(0.75, 0.4))
    page.mouse.move(*corner(0.8, 0.5))
    page.mouse.up()
    assert page.locator("[data-walk-draw]").get_attribute("aria-pressed") == "false"
    drawn = go.get_attribute("href")
    assert drawn
    # And by keys alone.
    page.locator("[data-walk-clear]").focus()
    page.keyboard.press("Enter")
    assert go.is_hidden()
    page.locator("[data-walk-middle]").focus()
    page.keyboard.press("Enter")
    assert status.inner_text().startswith("4 sheets")
    page.locator("[data-walk-larger]").focus()
    page.keyboard.press("Enter")
    assert status.inner_text().startswith("9 sheets")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert "too many" in status.inner_text()
    page.locator("[data-walk-smaller]").click()
    assert status.inner_text().startswith("9 sheets")
    answer = walker.follow(go)
    assert answer.status == 200
    assert page.locator(".walk-sheet").count() == 9
    assert walker.foreign == walker.faults == walker.context.cookies() == []


def test_a_quarter_is_chosen_without_javascript(town, visit):
    walker = visit(size=PHONE, javascript=False)
    walker.go("/en/walk/")
    assert walker.page.locator("[data-walk-chooser]").is_hidden()
    walker.follow(walker.page.locator(".walk-grid__north"))
    walker.follow(walker.page.locator(".walk-grid__south"))
    cell = walker.page.locator(".walk-cells a").nth(12)
    size = cell.bounding_box()
    assert min(size["width"], size["height"]) >= 44
    assert walker.follow(cell).status == 200
    assert walker.page.locator(".walk-sheet").count() == 4
    assert walker.foreign == walker.context.cookies() == []


def test_the_sheets_print_on_a4_each_on_its_own_page(small_demo, visit):
    walker = visit(size=DESKTOP)
    walker.go(f"/en/walk/kit/?bbox={QUARTER}")
    page = walker.page
    page.wait_for_function("[...document.images].every((one) => one.complete && one.naturalWidth)")
    printed = pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4")))
    texts = [leaf.get_textpage().get_text_range() for leaf in printed]
    for letter in "ABCD":
        maps = [n for n, text in enumerate(texts) if text.startswith(f"Sheet {letter}\r")]
        assert len(maps) == 1
        # What belongs to the map stands on the same leaf, the list on the next.
        assert "Both pavements:" in texts[maps[0]]
        assert "C4.7" in texts[maps[0]]
        assert f"Sheet {letter}: look at these again" in texts[maps[0] + 1]
    whole = "\n".join(texts)
    assert "Put no name on any sheet" in whole
    assert "Streets: tick each pavement" in whole
    for sheet in {SHEET}:
        for row in numbered_devices([sheet])[sheet]:
            assert f"{row.number} {grid_reference(sheet, row.position)}" in whole
    # Nothing for the screen alone is on paper.
    assert "Save it for the phone" not in whole
    width, height = printed[0].get_size()
    assert (width, height) == pytest.approx((595, 842), abs=1)
    assert walker.foreign == walker.faults == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_file_opens_from_a_disk_without_a_network(town, visit, chromium, tmp_path, size):
    walker = visit(size=size)
    walker.go(f"/walk/kit/?bbox={QUARTER}&party=banana")
    with walker.page.expect_download() as started:
        walker.page.get_by_role("link", name="L’enregistrer pour le téléphone").click()
    path = tmp_path / "kit.html"
    started.value.save_as(path)
    assert path.stat().st_size < 2_000_000
    context = chromium.new_context(viewport=size, offline=True, java_script_enabled=True)
    page = context.new_page()
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_function("[...document.images].every((one) => one.complete && one.naturalWidth)")
    assert page.locator("img").count() == 5
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.get_by_label("Toujours là").first.check()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document)).violations")
    assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == []
    assert faults == []
    context.close()


def test_ten_rows_are_typed_by_keys_alone_in_under_two_minutes(town, visit, record_property):
    walker = visit(size=DESKTOP)
    walker.go(f"/walk/notes/?sheet={sheet_code(SHEET)}")
    page = walker.page
    known = [row.number for row in numbered_devices([SHEET])[SHEET]][:4]
    rows = [(number, "1" if number != known[0] else "2", "") for number in known]
    rows += [(f"{c}{r}", *choice) for (c, r), choice in zip(
        (("c", "47"), ("d", "52"), ("e", "1"), ("f", "88"), ("g", "05"), ("h", "33")),
        (*CHOICES, *CHOICES[:2]), strict=True)]  # fmt: skip
    page.locator("#ref-0").focus()
    begun = time.monotonic()
    keys = 0
    for ref, what, direction in rows:
        for text in (ref, "\t", what, "\t", direction, "\n"):
            keys += len(text)
            if text == "\t":
                page.keyboard.press("Tab", delay=0)
                page.wait_for_timeout(KEY_MS)
            elif text == "\n":
                page.keyboard.press("Enter")
                page.wait_for_timeout(KEY_MS)
            elif text:
                page.keyboard.type(text, delay=KEY_MS)
    page.keyboard.press("Control+Enter")
    page.locator(".walk-taken").wait_for()
    took_s = time.monotonic() - begun
    record_property("rows_a_minute", round(len(rows) * 60 / took_s, 1))
    print(f"10 rows, {keys} keys at {KEY_MS} ms: {took_s:.0f} s, {600 / took_s:.0f} rows a minute")
    assert page.locator(".walk-taken li").count() == 10
    assert Sighting.objects.filter(note="", seen_how="on_site", is_slow=True).count() == 10
    assert Sighting.objects.filter(confirms_device__isnull=False).count() == 4
    assert Sighting.objects.filter(presence="gone").count() == 1
    assert set(
        Sighting.objects.exclude(kind="unknown").values_list("kind", "camera_type", "direction")
    ) == {
        ("camera", "fixed", "45"), ("camera", "dome", ""), ("alpr", "", "180"),
        ("camera", "fixed", "225"),
    }  # fmt: skip
    assert took_s < 120
    assert walker.foreign == walker.faults == walker.context.cookies() == []


def test_a_click_on_the_map_writes_the_place_and_arrow_keys_do_too(town, visit):
    walker = visit(size=DESKTOP)
    walker.go(f"/en/walk/notes/?sheet={sheet_code(SHEET)}")
    page = walker.page
    picture = page.get_by_role("application")
    picture.scroll_into_view_if_needed()
    at = picture.bounding_box()
    # The middle of C4: two cells and a half of ten from the west, four and a half from the north.
    side = at["width"] * 720 / 760
    margin = at["width"] * 20 / 760
    page.mouse.click(at["x"] + margin + side * 0.25, at["y"] + margin + side * 0.45)
    assert page.locator("#ref-0").input_value() == "C4.555"
    assert page.evaluate("document.activeElement.id") == "what-0"
    page.mouse.click(at["x"] + margin + side * 0.95, at["y"] + margin + side * 0.05)
    assert page.locator("#ref-1").input_value().startswith("K0.5")
    assert page.locator(".walk-pin").count() == 2
    picture.focus()
    for key in ("ArrowLeft", "ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(".walk-cross").count() == 1
    page.keyboard.press("Enter")
    third = page.locator("#ref-2").input_value()
    assert third.startswith("K0.")
    assert third != page.locator("#ref-1").input_value()
    # What was answered last is offered first.
    page.locator("#what-0").select_option("alpr/")
    assert page.locator("#what-1 option").nth(1).get_attribute("value") == "alpr/"
    # Beyond the tenth row Enter makes one more.
    page.locator("#ref-9").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "ref-10"
    ids = page.locator("[name^=id-]").evaluate_all("all => all.map((one) => one.value)")
    assert len(set(ids)) == 11
    assert walker.faults == []


def test_a_number_says_at_once_what_it_means(town, visit):
    row = numbered_devices([SHEET])[SHEET][0]
    walker = visit(size=PHONE)
    walker.go(f"/en/walk/notes/?sheet={sheet_code(SHEET)}")
    walker.page.locator("#ref-0").fill(row.number)
    said = walker.page.locator(".walk-row__said").first
    listed = walker.page.locator(".walk-known li", has_text=row.number).first
    assert said.inner_text() in listed.inner_text()
    walker.page.locator("#ref-0").fill("000000")
    assert "No device of this sheet" in said.inner_text()


def test_without_javascript_rows_are_taken_and_mended(town, visit):
    party = open_party(city=town, opens_at=timezone.now(), hours=2, most=20)
    walker = visit(size=PHONE, javascript=False)
    walker.go("/en/walk/notes/")
    walker.page.locator("#sheet").fill(sheet_code(SHEET).lower().replace("-", " "))
    walker.page.locator("#party").fill(party.word)
    assert walker.follow("main form button").status == 200
    page = walker.page
    page.locator("#ref-0").fill("b2.5")
    page.locator("#what-0").select_option("camera/dome")
    page.locator("#ref-1").fill("z2")
    page.locator("#what-1").select_option("camera/fixed")
    page.locator("#note-1").fill("above the bakery")
    answer = walker.follow("form.walk-notes .button--primary")
    assert answer.status == 400
    assert Sighting.objects.filter(passage__party=party).count() == 1
    assert page.locator(".walk-taken li").count() == 1
    assert page.locator("#ref-0").input_value() == "z2"
    assert page.locator("#note-0").input_value() == "above the bakery"
    page.locator("#ref-0").fill("a2")
    assert walker.follow("form.walk-notes .button--primary").status == 201
    assert Sighting.objects.filter(passage__party=party).count() == 2
    assert walker.foreign == walker.context.cookies() == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_answer_is_clean_for_every_reader(town, visit, size):
    walker = visit(size=size, dark=size is PHONE)
    walker.go(f"/walk/notes/?sheet={sheet_code(SHEET)}")
    page = walker.page
    page.locator("#ref-0").fill("b2.5")
    page.locator("#what-0").select_option("camera/dome")
    page.locator("#ref-1").fill("z2")
    walker.follow("form.walk-notes .button--primary")
    page.locator(".walk-codes").evaluate("list => list.closest('details').open = true")
    assert walker.axe() == []
    assert walker.overflow_px() == 0
    assert walker.faults == []
