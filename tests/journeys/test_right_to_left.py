"""The walker's road from right to left, in a language that only a folder brought."""

import os
from pathlib import Path

import pytest

from mapper.sightings.models import Sighting
from tests.conftest import REPOSITORY
from tests.factories import make_osm_device
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_walk import LAT, LON, SENT, Walker, stand_at
from tests.languages import add_language, pseudo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHOTO = REPOSITORY / "fixtures" / "photos" / "phone.jpg"
SIZES = {"phone": PHONE, "desktop": DESKTOP}
# Of the road, but no string of it: the folded "More", French words, a file's name, figures.
BESIDE = (
    "script, template, [data-step=send] > details.form-step, #code, #code-text, .picked, "
    ".leaflet-control-scale"
)


@pytest.fixture(autouse=True)
def _arabic(settings, tmp_path):
    """Bring the language."""
    add_language(settings, tmp_path)


def look(visitor, name: str) -> list[str]:
    """Return what is wrong with what is shown; keep a picture where one is asked for."""
    folder = os.environ.get("PICTURES")
    if folder:
        visitor.page.screenshot(path=str(Path(folder) / f"rtl-{name}.png"), full_page=True)
    wrong = [f"{name}: {found}" for found in visitor.axe()]
    if visitor.overflow_px():
        wrong.append(f"{name}: {visitor.overflow_px()} px too wide")
    return wrong + [f"{name}: {text}" for text in latin(visitor.page)]


def latin(page) -> list[str]:
    """Return texts of the road that are still in Latin letters."""
    return page.evaluate(
        """beside => {
          const found = [];
          const main = document.querySelector("main");
          const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const { parentElement: at, textContent: text } = walk.currentNode;
            if (at.closest(beside) || !at.checkVisibility()) continue;
            if (/[A-Za-z]{2,}/.test(text)) found.push(text.trim());
          }
          return found;
        }""",
        BESIDE,
    )


@pytest.mark.parametrize("size", SIZES)
def test_five_taps_from_right_to_left(visit, size):
    make_osm_device(lon=LON, lat=LAT + 0.0001)
    visitor = visit(size=SIZES[size])
    stand_at(visitor, accuracy=8)
    walker = Walker(visitor)
    visitor.go("/ar/report/")
    assert visitor.page.locator("h1").inner_text() == pseudo("A camera? Show it.")
    wrong = look(visitor, f"{size}-1-photo")
    walker.photograph(REPOSITORY / "fixtures" / "photos" / "no_position.jpg")
    visitor.page.wait_for_selector(".place.is-placed")
    wrong += look(visitor, f"{size}-2-place")
    # The compass is the world's: north-east is up and to the right in every language.
    dial = visitor.page.locator(".dial")
    box = dial.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reach = box["width"] * 0.39 * 0.7071
    visitor.page.mouse.click(middle[0] + reach, middle[1] - reach)
    assert dial.get_attribute("aria-valuenow") == "45"
    pin = visitor.page.locator(".place__pin").bounding_box()
    stage = visitor.page.locator(".place__stage").bounding_box()
    assert abs(pin["x"] + pin["width"] / 2 - stage["x"] - stage["width"] / 2) <= 1
    assert abs(middle[0] - stage["x"] - stage["width"] / 2) <= 1
    walker.stand()
    visitor.page.locator("[data-known-list] li").wait_for()
    wrong += look(visitor, f"{size}-3-known")
    walker.tap("[data-step=known] [data-next]")
    wrong += look(visitor, f"{size}-4-what")
    walker.tap("[data-type='camera/dome']")
    visitor.page.locator("[data-summary] .summary__more").wait_for()
    wrong += look(visitor, f"{size}-5-send")
    walker.tap("button[name=photo_use][value=public]")
    visitor.page.wait_for_selector(SENT)
    wrong += look(visitor, f"{size}-6-sent")
    assert wrong == []
    assert (visitor.faults, visitor.foreign) == ([], [])
    sighting = Sighting.objects.get()
    assert (sighting.language, sighting.direction) == ("ar", "45")
    words = visitor.page.locator("#code")
    assert words.evaluate("list => [list.lang, getComputedStyle(list).direction]") == ["fr", "ltr"]


@pytest.mark.parametrize("size", SIZES)
def test_the_plain_form_from_right_to_left(visit, size):
    visitor = visit(size=SIZES[size], javascript=False)
    visitor.go("/ar/report/")
    wrong = plain_look(visitor, f"{size}-plain-form")
    visitor.page.set_input_files("#photo-choose", PHOTO)
    visitor.page.locator("[name=kind][value=camera]").check()
    visitor.follow('button[name="photo_use"][value="public"]')
    wrong += plain_look(visitor, f"{size}-plain-sent")
    assert wrong == []
    assert Sighting.objects.get().language == "ar"


def plain_look(visitor, name: str) -> list[str]:
    """Return what is wrong with a page without scripts; axe needs them."""
    folder = os.environ.get("PICTURES")
    if folder:
        visitor.page.screenshot(path=str(Path(folder) / f"rtl-{name}.png"), full_page=True)
    return [f"{name}: too wide"] if visitor.overflow_px() else []


def test_the_languages_are_a_list_that_opens_without_scripts(visit):
    visitor = visit(size=DESKTOP, javascript=False)
    visitor.go("/ar/report/")
    header = visitor.page.locator(".site-header")
    header.locator("summary").click()
    link = header.get_by_role("link", name="English")
    assert link.bounding_box()["height"] >= 44
    visitor.follow(link)
    assert visitor.page.url.endswith("/en/report/")
