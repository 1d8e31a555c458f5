"""What happens after "send": kept sealed, sent once, and nothing left, whatever befalls."""

import random
import re
import struct
import time

import pytest
from playwright.sync_api import TimeoutError

from mapper.intake import receipts
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests import pictures
from tests.conftest import REPOSITORY
from tests.factories import ExcludedAreaFactory
from tests.journeys.conftest import CHROMIUM, FLAGS, PHONE
from tests.journeys.phones import SEND, Phone, skip_to_send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
JPEG_HEADER = re.compile(rb"\xff\xd8\xff[\xe0\xe1\xdb].{2}(JFIF|Exif|http)", re.DOTALL)
PHOTO = REPOSITORY / "fixtures" / "photos" / "phone.jpg"
LON, LAT = 24.934567, 60.176543
SENT = "h1[data-when=sent]:visible"
KEPT = "h1[data-when=kept]:visible"
REFUSED = "h1[data-when=refused]:visible"


@pytest.fixture
def phone(playwright, live_server, settings, tmp_path):
    """Return Bob's phone, switched on."""
    settings.SITE_URL = live_server.url
    phone = Phone(playwright, tmp_path / "profile", live_server.url)
    phone.open()
    yield phone
    phone.close()


def in_any_writing(text: str, data: bytes) -> bool:
    """Return whether a text stands in bytes, in one of the ways that browsers write."""
    return any(text.encode(way) in data for way in ("utf-8", "utf-16-le", "latin-1"))


def all_of_the_disk(folder) -> bytes:
    """Return every byte of a profile."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_a_report_is_sent_and_its_code_finds_it(phone):
    phone.install()
    phone.fill_report(photos=[PHOTO], lat=LAT, lon=LON, note="seen")
    phone.page.click(SEND)
    phone.page.wait_for_selector(SENT)
    sighting = receipts.find(" ".join(phone.words())).sighting
    assert (sighting.location.x, sighting.location.y) == (LON, LAT)
    assert (sighting.note, sighting.language) == ("seen", "fr")
    assert sighting.photos.get().may_be_public
    # What was found in the photo, names only.
    found = phone.page.locator("[data-removed] li").all_inner_texts()
    assert "la marque ou le numéro de l’appareil photo" in found
    assert "CANARY" not in phone.page.content()
    assert phone.context.cookies() == []
    assert phone.faults == []


def test_without_a_network_a_report_waits_sealed_and_leaves_when_it_is_back(phone):
    phone.install()
    phone.context.set_offline(True)
    phone.page.reload()
    phone.fill_report(photos=[PHOTO], lat=LAT, lon=LON, note="behind the SCHOOL")
    phone.page.click(SEND)
    phone.page.wait_for_selector(KEPT)
    words = phone.words()
    assert len(words) == 12
    for path in ("/report/queue/", "/safety/", "/en/report/", "/en/safety/", "/report/?device=x"):
        phone.page.goto(phone.origin + path)
        assert phone.page.locator("h1").count() == 1
    phone.page.goto(f"{phone.origin}/report/queue/")
    assert "1 photo" in phone.page.locator("[data-queue-list] li").inner_text()
    assert not Sighting.objects.exists()
    phone.context.set_offline(False)
    phone.page.get_by_text("Rien n’attend sur ce téléphone.").wait_for()
    assert receipts.find(" ".join(words)).sighting == Sighting.objects.get()
    assert Photo.objects.get().sighting.note == "behind the SCHOOL"


def take_away(phone):
    """Keep two reports without a network and pull the plug; return the words of the second."""
    phone.install()
    phone.context.set_offline(True)
    phone.page.reload()
    for _ in range(2):
        phone.fill_report(photos=[PHOTO, PHOTO], lat=LAT, lon=LON, note="behind the SCHOOL")
        phone.page.click(SEND)
        phone.page.wait_for_selector(KEPT)
        words = phone.words()
        phone.page.goto(f"{phone.origin}/report/")
    phone.kill()
    return words


def test_a_phone_that_is_taken_shows_a_count_and_no_content(phone):
    """The raw files of our storage, not only what a script can read of them."""
    words = take_away(phone)
    picture = PHOTO.read_bytes()
    kept = all_of_the_disk(phone.profile / "Default" / "IndexedDB")
    assert b"/api/v1/sealed/sightings/" in kept.replace(b"\0", b"")
    assert not JPEG_HEADER.search(kept)
    parts = [picture[at : at + 16] for at in range(0, len(picture) - 16, 16)]
    # What is all one byte stands in any file.
    assert not [part for part in parts if len(set(part)) > 1 and part in kept]
    names = ["photo_use", "receipt_hash", "SCHOOL", "34567", "76543", *words]
    assert [text for text in names if in_any_writing(text, kept)] == []
    numbers = [
        struct.pack(f"{order}{size}", number)
        for number in (LON, LAT)
        for order in "<>"
        for size in "fd"
    ]
    assert [number for number in numbers if number in kept] == []
    phone.open()


@pytest.mark.trial
def test_what_the_browser_itself_keeps_of_a_sent_form(phone):
    """Every file of the profile: a browser writes down an open tab whenever it likes."""
    words = take_away(phone)
    profile = all_of_the_disk(phone.profile)
    said = ["34567", "76543", "SCHOOL", "phone.jpg", " ".join(words[:3]), ", ".join(words[:3])]
    assert [text for text in said if in_any_writing(text, profile)] == []
    phone.open()


def test_what_was_sent_leaves_nothing(phone):
    phone.install()
    phone.fill_report(photos=[PHOTO], lat=LAT, lon=LON, note="")
    phone.page.click(SEND)
    phone.page.wait_for_selector(SENT)
    left = phone.page.evaluate(
        """async () => {
          const opened = await new Promise((resolve, reject) => {
            const asked = indexedDB.open("contrechamp-outbox");
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = reject;
          });
          const counts = [...opened.objectStoreNames].map((name) => new Promise((resolve) => {
            const asked = opened.transaction(name).objectStore(name).count();
            asked.onsuccess = () => resolve([name, asked.result]);
          }));
          const found = Object.fromEntries(await Promise.all(counts));
          opened.close();
          return found;
        }"""
    )
    assert left == {"envelopes": 0, "reports": 0}


def test_erasing_leaves_no_storage_and_no_worker(phone):
    phone.install()
    phone.page.evaluate("() => { localStorage.x = '1'; sessionStorage.y = '2'; }")
    phone.context.set_offline(True)
    phone.page.reload()
    phone.fill_report(lat=LAT, lon=LON, note="")
    phone.page.click(SEND)
    phone.page.wait_for_selector(KEPT)
    other = phone.context.new_page()
    other.goto(f"{phone.origin}/report/")
    phone.page.goto(f"{phone.origin}/report/queue/")
    phone.page.click("[data-erase-ask]")
    phone.page.locator("[data-erase-loss]:focus", has_text="1 signalement").wait_for()
    phone.page.click("[data-erase-keep]")
    phone.page.click("[data-erase-ask]")
    phone.page.click("[data-erase-do]")
    phone.page.wait_for_selector("[data-erase-done]:visible")
    assert "mémoire flash" in phone.page.locator("#erase").inner_text()
    left = phone.page.evaluate(
        """async () => [await caches.keys(), await indexedDB.databases(),
          await navigator.serviceWorker.getRegistrations(), localStorage.length,
          sessionStorage.length]"""
    )
    assert left == [[], [], [], 0, 0]
    phone.context.set_offline(False)
    phone.page.goto(f"{phone.origin}/cities/")
    assert not phone.page.evaluate("navigator.serviceWorker.controller !== null")
    assert not Sighting.objects.exists()
    assert phone.faults == []


def test_a_report_that_is_refused_shows_why_until_it_is_deleted(phone):
    ExcludedAreaFactory()
    phone.install()
    phone.fill_report(photos=[PHOTO], lat=48.125, lon=-1.695, note="")
    phone.page.click(SEND)
    phone.page.wait_for_selector(REFUSED)
    assert "n’est pas cartographié" in phone.page.locator("[data-reason]").inner_text()
    phone.page.goto(f"{phone.origin}/report/queue/")
    row = phone.page.locator("[data-queue-list] li")
    assert "À corriger" in row.inner_text()
    row.get_by_role("button", name="Supprimer").click()
    row.get_by_role("button", name="Supprimer pour de bon").click()
    phone.page.get_by_text("Rien n’attend sur ce téléphone.").wait_for()
    assert not Sighting.objects.exists()


def test_what_cannot_be_mended_later_is_refused_before_it_is_kept(phone):
    phone.install()
    phone.fill_report(lat=95, lon=LON, note="")
    phone.page.click(SEND)
    phone.page.locator(".outbox-problems:focus", has_text="Déplacez la carte").wait_for()
    assert phone.page.locator("[name=lon]").input_value() == f"{LON:.6f}"
    assert not Sighting.objects.exists()


def test_without_a_network_a_place_is_asked_for_and_the_form_stays(phone):
    """Only the server reads a photo's own place; the form itself would end nowhere."""
    phone.install()
    phone.context.set_offline(True)
    phone.page.reload()
    # Its own place is what the phone reads here; one that has none is asked about.
    phone.page.set_input_files("#photo-choose", PHOTO)
    phone.page.locator("[data-step=place]").wait_for()
    skip_to_send(phone.page)
    phone.page.evaluate(
        """() => { for (const name of ["lat", "lon"])
             document.querySelector(`[name="${name}"]`).value = ""; }"""
    )
    phone.page.click(SEND)
    phone.page.locator(".outbox-problems:focus", has_text="Déplacez la carte").wait_for()
    assert phone.page.evaluate("document.querySelector('#photo-choose').files.length") == 1


def test_what_to_do_when_stopped_is_at_hand_after_one_visit(phone):
    phone.page.goto(f"{phone.origin}/safety/")
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    phone.page.reload()
    assert "avocat" in phone.page.locator("main").inner_text()
    assert phone.faults == []


def test_the_worker_keeps_the_walkers_pages_alone(phone):
    phone.install()
    # Through the worker now: every kind of page that is not to be kept.
    for path in (
        "/",
        "/receipts/",
        "/staff/login/",
        "/moderation/",
        "/report/?device=1",
        "/about/",
    ):
        phone.page.goto(phone.origin + path)
    kept = phone.page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) found.push(request.url);
          }
          return found;
        }"""
    )
    paths = sorted(url.removeprefix(phone.origin) for url in kept)
    pages = [path for path in paths if not path.startswith("/static/")]
    road = ["/report/", "/report/queue/", "/safety/"]
    assert pages == sorted(road + [f"/en{path}" for path in road])
    assert all(
        path.startswith(("/static/assets/", "/static/favicon")) for path in set(paths) - set(pages)
    )


def test_everybody_can_use_what_comes_after_sending(visit):
    walker = visit(size=PHONE)
    found = {}
    walker.go("/en/report/")
    walker.page.evaluate(
        """() => { for (const name of ["lat", "lon"])
             document.querySelector(`[name="${name}"]`).value = "48"; }"""
    )
    skip_to_send(walker.page)
    walker.page.click(SEND)
    walker.page.wait_for_selector(SENT)
    assert walker.page.title() == "Sent. Thank you. – Contrechamp"
    # Read out when it appears; its changes are, too: it is a live region.
    assert walker.page.locator("[data-sent-state][role=status]:focus").count() == 1
    found["sent"] = (walker.axe(), walker.overflow_px())
    walker.go("/en/report/queue/")
    walker.page.wait_for_selector("[data-queue]:visible")
    walker.page.click("[data-erase-ask]")
    found["queue"] = (walker.axe(), walker.overflow_px())
    assert found == dict.fromkeys(found, ([], 0))
    assert walker.faults == []
    assert walker.foreign == []


def test_without_javascript_the_page_of_what_waits_says_so(visit):
    walker = visit(size=PHONE, javascript=False)
    walker.go("/en/report/queue/")
    assert "Without JavaScript nothing is kept" in walker.page.content()
    assert walker.page.get_by_role("button").count() == 0


EVERY_MISFORTUNE = {(offline, reloaded) for offline in (False, True) for reloaded in (False, True)}


class Misfortunes:
    """Reports made while the network fails, pages reload and the browser dies, by a seed."""

    def __init__(self, phone: Phone, seed: int, photos):
        """Begin with a phone that has been on the page once."""
        self._phone = phone
        self._chance = random.Random(seed)
        self._photos = photos
        # By note: how many photos, and whether the walker was shown the words.
        self.made: dict[str, tuple[int, bool]] = {}
        # Whether there was no network, and whether the page was loaded anew or the browser killed.
        self.befell: set[tuple[bool, bool]] = set()

    def befall(self, number: int) -> None:
        """Make one report; something happens to it at any instant."""
        phone, chance = self._phone, self._chance
        is_offline = chance.random() < 0.5
        phone.context.set_offline(is_offline)
        phone.page.goto(f"{phone.origin}/report/")
        count = chance.randrange(3)
        note = f"report {number}"
        phone.fill_report(photos=self._photos[:count], lat=LAT, lon=LON, note=note)
        phone.page.click(SEND, no_wait_after=True)
        # The one place where time itself is the matter.
        time.sleep(chance.uniform(0, 1.5))
        is_promised = len(phone.words()) == 12
        self.made[note] = (count, is_promised)
        is_reloaded = chance.random() < 0.3
        self.befell.add((is_offline, is_reloaded))
        if is_reloaded:
            phone.page.reload()
            return
        phone.kill()
        phone.open()

    def make_good(self) -> None:
        """Bring the network back and wait until nothing is left on the phone."""
        self._phone.context.set_offline(False)
        self._phone.page.goto(f"{self._phone.origin}/report/queue/")
        # A photo is opened and read within seconds; a machine that others use needs more.
        patience_ms = 60_000 + 20_000 * len(self.made)
        nothing = self._phone.page.get_by_text("Rien n’attend sur ce téléphone.")
        try:
            nothing.wait_for(timeout=patience_ms)
        except TimeoutError as error:
            waits = self._phone.page.locator("[data-queue-list] li").all_inner_texts()
            raise AssertionError(f"{len(waits)} wait still: {waits[:5]}") from error
        assert self._phone.page.locator(".field__error").count() == 0


@pytest.mark.parametrize(
    "instants", [3, pytest.param(50, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_each_report_arrives_once_with_its_photos_whatever_befalls(phone, tmp_path, instants):
    photos = [tmp_path / name for name in ("close.jpg", "wide.jpg")]
    for photo in photos:
        # Each of its own bytes, and small enough to travel as it is.
        own = pictures.segment(0xFE, photo.name.encode())
        plain = pictures.phone_photo(lon=LON, lat=LAT)
        photo.write_bytes(plain[:2] + own + plain[2:])
    phone.install()
    story = Misfortunes(phone, seed=instants, photos=photos)
    for number in range(instants):
        story.befall(number)
    story.make_good()
    # Each kind of misfortune was among the instants.
    assert story.befell >= (EVERY_MISFORTUNE if instants >= 50 else set())
    arrived = list(Sighting.objects.values_list("note", flat=True))
    assert len(arrived) == len(set(arrived))
    # Who was shown the words was promised; before that, the report may or may not be kept.
    assert {note for note, (_, is_promised) in story.made.items() if is_promised} <= set(arrived)
    for note, (count, _) in story.made.items():
        # The very pictures: none in the place of another, none cut short, none twice.
        found = sorted(
            storage.read(storage.quarantine(), photo.upload_name)
            for photo in Photo.objects.filter(sighting__note=note)
        )
        expected = sorted(photo.read_bytes() for photo in photos[:count])
        assert found == (expected if note in arrived else []), note


def test_the_worker_sends_what_waits_when_the_browser_asks_it_to(phone):
    """Background sync: no page of ours is open any more."""
    phone.install()
    phone.context.set_offline(True)
    phone.page.reload()
    phone.fill_report(photos=[PHOTO], lat=LAT, lon=LON, note="by the worker")
    phone.page.click(SEND)
    phone.page.wait_for_selector(KEPT)
    phone.context.set_offline(False)
    browser = phone.context.new_cdp_session(phone.page)
    found = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(e["registrations"])
    )
    # A page without the outbox's scripts.
    phone.page.goto(f"{phone.origin}/about/")
    browser.send("ServiceWorker.enable")
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    told = {"origin": phone.origin, "registrationId": found[0]["registrationId"]}
    sync = {"tag": "contrechamp-outbox", "lastChance": False}
    browser.send("ServiceWorker.dispatchSyncEvent", told | sync)
    phone.page.goto(f"{phone.origin}/report/queue/")
    phone.page.get_by_text("Rien n’attend sur ce téléphone.").wait_for()
    sighting = Photo.objects.get().sighting
    # It has no worker of its own to solve in, and brings a proof all the same.
    assert (sighting.note, sighting.is_slow) == ("by the worker", False)


def test_a_new_build_takes_the_place_of_the_old_one(phone, settings, tmp_path):
    phone.install()
    names = "caches.keys().then((names) => names.join())"
    old = phone.page.evaluate(names)
    new = "contrechamp-" + "f" * 12
    source = settings.WORKER_FILE.read_text().replace(old.removeprefix("contrechamp-"), "f" * 12)
    settings.WORKER_FILE = tmp_path / "service_worker.js"
    settings.WORKER_FILE.write_text(source)
    phone.page.goto(f"{phone.origin}/report/")
    phone.page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          await registration.update();
          const worker = registration.installing ?? registration.waiting;
          while (worker.state === "installing")
            await new Promise((go) => worker.addEventListener("statechange", go, { once: true }));
        }"""
    )
    # What is open goes on with its own files; the next visit has the new ones alone.
    assert set(phone.page.evaluate(names).split(",")) == {old, new}
    for _visit in range(60):
        # The browser changes workers a moment after the last page has gone.
        phone.page.goto("about:blank")
        phone.page.wait_for_timeout(200)
        phone.page.goto(f"{phone.origin}/report/")
        if phone.page.evaluate(names) == new:
            break
    assert phone.page.evaluate(names) == new


def test_over_an_address_without_tls_the_form_goes_as_it_always_did(
    playwright, live_server, settings
):
    """An onion service's: browsers give such a page neither WebCrypto nor a worker."""
    onion = "contrechamp.onion"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, onion]
    browser = playwright.chromium.launch(
        executable_path=str(CHROMIUM),
        args=[*FLAGS, f"--host-resolver-rules=MAP {onion} 127.0.0.1"],
        ignore_default_args=["--headless"],
    )
    page = browser.new_page(locale="fr-FR")
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(live_server.url.replace("localhost", onion) + "/report/")
    assert not page.evaluate("isSecureContext")
    page.evaluate(
        """() => { for (const name of ["lat", "lon"])
             document.querySelector(`[name="${name}"]`).value = "48"; }"""
    )
    skip_to_send(page)
    with page.expect_navigation(wait_until="load") as navigation:
        page.click(SEND)
    assert navigation.value.status == 201
    assert page.locator("#code li").count() == 12
    page.goto(live_server.url.replace("localhost", onion) + "/report/queue/")
    page.locator("[data-queue-none]:visible").wait_for()
    assert faults == []
    browser.close()
