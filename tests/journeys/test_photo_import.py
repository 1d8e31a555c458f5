"""Erin brings in the photos of a walk: by a script one by one, without it by a plain form."""

import json

import pytest
from playwright.sync_api import expect

from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.test_moderation import sign_in
from tests.mapper.intake.imports import small_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/en/moderation/import/"
# A loaded machine answers late; what is wrong stays wrong.
expect.set_options(timeout=30_000)


@pytest.fixture
def walk(tmp_path):
    """Return a folder: two photos of one spot, one of another, one that is none, one twice."""
    folder = tmp_path / "walk"
    (folder / "more").mkdir(parents=True)
    (folder / "1.jpg").write_bytes(small_photo(1, spot=0, second=1))
    (folder / "2.jpg").write_bytes(small_photo(2, spot=0, second=2))
    (folder / "notes.txt").write_text("no photo")
    (folder / "more" / "3.jpg").write_bytes(small_photo(3))
    (folder / "more" / "again.jpg").write_bytes((folder / "1.jpg").read_bytes())
    return folder


def report_of(page):
    with page.expect_download() as download:
        page.click("text=Download the report")
    return [json.loads(line) for line in download.value.path().read_text().splitlines()]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_erin_sends_a_folder_and_a_broken_network_costs_nothing(visit, erin, walk, size, tmp_path):
    erins = visit(size=size)
    sign_in(erins, "erin", prefix="/en")
    erins.go(PAGE)
    page = erins.page
    breaks = [False, True, False]

    def answer(route):
        # The photo arrives, its answer does not.
        if breaks and breaks.pop(0):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/import/photo/", answer)
    page.set_input_files("[data-folder]", str(walk))
    expect(page.locator("[data-import-files] li")).to_have_count(5)
    page.locator("[data-start]").press("Enter")
    expect(page.locator("[data-import-failed]")).to_contain_text("No answer from the server")
    page.locator("[data-start]").press("Enter")
    said = page.locator("[data-import-said]")
    expect(said).to_contain_text("3 taken, 1 taken before, 1 not taken.")
    expect(page.locator("[data-import-failed]")).to_be_hidden()
    assert Photo.objects.count() == 3
    assert sorted(s.photos.count() for s in Sighting.objects.all()) == [1, 2]
    assert erins.overflow_px() <= 0
    assert erins.axe() == []
    lines = report_of(page)
    assert sorted(line["file"] for line in lines) == [
        "walk/1.jpg",
        "walk/2.jpg",
        "walk/more/3.jpg",
        "walk/more/again.jpg",
        "walk/notes.txt",
    ]
    # Of the two that are the same, the first one that was sent.
    assert {line["file"] for line in lines if line["result"] == "known"} <= {
        "walk/1.jpg",
        "walk/more/again.jpg",
    }

    # The next day, with the report of this one: nothing is taken twice.
    report_file = tmp_path / "import.jsonl"
    report_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    erins.go(PAGE)
    page.click("details.import-earlier summary")
    page.set_input_files("[name=earlier]", str(report_file))
    page.set_input_files("[name=photo]", [str(walk / "1.jpg"), str(walk / "2.jpg")])
    page.click("[data-start]")
    expect(said).to_contain_text("0 taken, 2 taken before, 0 not taken.")
    assert Photo.objects.count() == 3
    assert erins.foreign == []
    assert [fault for fault in erins.faults if "ERR_FAILED" not in fault] == []


def test_erin_drops_a_photo_on_the_page(visit, erin, walk):
    erins = visit()
    sign_in(erins, "erin", prefix="/en")
    erins.go(PAGE)
    erins.page.evaluate(
        """(bytes) => {
          const dropped = new DataTransfer();
          dropped.items.add(new File([new Uint8Array(bytes)], "dropped.jpg"));
          const zone = document.querySelector("[data-drop]");
          const said = { bubbles: true, cancelable: true, dataTransfer: dropped };
          zone.dispatchEvent(new DragEvent("dragover", said));
          zone.dispatchEvent(new DragEvent("drop", said));
        }""",
        list((walk / "1.jpg").read_bytes()),
    )
    expect(erins.page.locator("[data-import-files] li")).to_have_text(["dropped.jpgWaiting"])
    erins.page.click("[data-start]")
    expect(erins.page.locator("[data-import-said]")).to_contain_text("1 taken")
    assert Photo.objects.count() == 1


def test_who_was_signed_out_meanwhile_is_told_and_goes_on(visit, erin, walk):
    erins = visit()
    sign_in(erins, "erin", prefix="/en")
    erins.go(PAGE)
    kept = erins.context.cookies()
    erins.page.set_input_files("[name=photo]", [str(walk / "1.jpg")])
    erins.context.clear_cookies(name="sessionid")
    erins.page.click("[data-start]")
    expect(erins.page.locator("[data-import-failed]")).to_contain_text("You are signed out")
    erins.context.add_cookies(kept)
    erins.page.click("[data-start]")
    expect(erins.page.locator("[data-import-said]")).to_contain_text("1 taken")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_erin_sends_some_without_a_script(visit, erin, walk, size):
    erins = visit(size=size, javascript=False)
    sign_in(erins, "erin", prefix="/en")
    erins.go(PAGE)
    page = erins.page
    files = ["1.jpg", "2.jpg", "notes.txt"]
    page.set_input_files("[name=photo]", [str(walk / name) for name in files])
    erins.follow("[data-start]")
    assert "2 taken, 0 taken before, 1 not taken." in page.inner_text("main")
    assert [line["result"] for line in report_of(page)] == ["taken", "taken", "refused"]
    assert Sighting.objects.get().photos.count() == 2
    assert erins.overflow_px() <= 0
    assert erins.foreign == []
