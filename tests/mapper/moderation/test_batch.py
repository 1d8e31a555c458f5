"""Several reports at once: only where it is safe, each a decision of its own, each undone."""

import re
import uuid

import pytest

from mapper.moderation import batch
from mapper.moderation.models import Act, Decision
from mapper.photos.models import GATE, Photo
from mapper.sightings.models import Device, Sighting
from mapper.sightings.unchecked import show_reports
from tests.factories import (
    LAT,
    LON,
    CityFactory,
    ExcludedAreaFactory,
    PhotoFactory,
    ReceiptFactory,
    SightingFactory,
    make_osm_device,
    point,
)
from tests.people import browser_of

pytestmark = pytest.mark.django_db
PAGE = "/en/moderation/batch/"


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")
    CityFactory()


def plain(number=0, **facts):
    """Make a report that says all that is needed, in a place of its own."""
    facts = {"note": "", "operator": "", "location": point(LON + 0.002 * number, LAT)} | facts
    made = SightingFactory(**facts)
    PhotoFactory(sighting=made)
    return made


def offered():
    return {report.id for report in batch.safe_reports()}


def ticks(*reports):
    return {"report": [f"{report.id}:{report.version}" for report in reports]}


def test_what_stands_alone_with_a_photo_is_offered():
    reports = [plain(number) for number in range(3)]
    assert offered() == {report.id for report in reports}


@pytest.mark.parametrize(
    "facts",
    [
        {"note": "the blue door"},
        {"operator": "the baker"},
        {"kind": "unknown"},
        {"presence": "gone"},
        {"is_slow": True},
        {"state": "question_asked"},
        {"position_source": "photo"},
        {"location": None, "position_source": ""},
        {"location": point(2.35, 48.85)},  # in no city of ours
        {"location": point(-1.695, 48.125)},  # in an excluded area
    ],
    ids=[
        "note",
        "operator",
        "kind",
        "gone",
        "slow",
        "asked",
        "exif",
        "nowhere",
        "abroad",
        "shelter",
    ],
)
def test_what_somebody_must_look_at_first_is_not(facts):
    ExcludedAreaFactory()
    plain(**facts)
    assert offered() == set()


def test_neither_is_one_without_a_clean_photo():
    SightingFactory(note="", operator="")
    half_clean = plain(1)
    PhotoFactory(
        sighting=half_clean,
        state="received",
        pixel_name="",
        covered_name="",
        covered_thumbnail_name="",
    )
    assert offered() == set()


def test_nor_one_near_a_device_or_another_report():
    plain(0)
    make_osm_device(lon=LON + 0.0005)  # 37 m
    plain(10)
    SightingFactory(location=point(LON + 0.0203, LAT))  # 22 m from it, without a photo
    far = plain(20)
    make_osm_device(lon=LON + 0.0408)  # 60 m
    assert offered() == {far.id}


def test_what_it_put_on_the_map_itself_is_no_company(alice):
    shown = plain()
    show_reports(sightings=[shown])
    assert Device.objects.get().verification == "unverified"
    assert offered() == {shown.id}
    shown.refresh_from_db()
    assert len(batch.accept_batch(chosen=[(shown.id, shown.version)], actor=alice).decisions) == 1
    assert Device.objects.get(state="present").verification == "verified"


def test_nor_one_that_names_a_device_or_has_been_asked():
    plain(0, confirms_device=make_osm_device(lon=LON + 0.1))
    asked = plain(1)
    ReceiptFactory(sighting=asked, question="which_way")
    assert offered() == set()


def test_the_page_costs_the_same_queries_however_many(alice, django_assert_max_num_queries):
    for number in range(8):
        plain(number)
    browser = browser_of(alice)
    with django_assert_max_num_queries(8):
        page = browser.get(PAGE)
    assert page.text.count('name="report"') == 8


def test_each_ticked_one_is_a_decision_of_its_own_and_no_photo_is_published(alice):
    chosen, left = [plain(number) for number in range(3)], plain(5)
    browser = browser_of(alice)
    done = browser.post(PAGE, ticks(*chosen), follow=True)
    assert "3 reports accepted." in done.text
    assert Decision.objects.filter(act=Act.ACCEPT).count() == 3
    states = dict(Sighting.objects.values_list("id", "state"))
    assert states.pop(left.id) == "received"
    assert set(states.values()) == {"accepted"}
    photos = Photo.objects.filter(sighting__in=chosen)
    assert {photo.state for photo in photos} == {"kept_back"}
    assert Device.objects.count() == 3
    # A moderator who looked may publish one afterwards, on its device's page.
    photo = photos.first()
    gate = {"act": "publish", "photo": str(photo.id), f"gate-{photo.id}": list(GATE)}
    browser.post(f"/moderation/devices/{photo.sighting.claim.device_id}/", gate)
    photo.refresh_from_db()
    assert photo.state == "published"


def test_a_batch_is_undone_in_one_press_and_each_alone(alice):
    reports = [plain(number) for number in range(3)]
    browser = browser_of(alice)
    done = browser.post(PAGE, ticks(*reports), follow=True)
    ids = re.search(r'name="decision" value="([^"]+)"', done.text)[1]
    first = Decision.objects.get(target=reports[0].id)
    browser.post("/en/moderation/decisions/", {"decision": str(first.id)})
    undone = browser.post("/en/moderation/decisions/", {"decision": ids}, follow=True)
    assert "2 of 3 decisions are taken back." in undone.text
    assert set(Sighting.objects.values_list("state", flat=True)) == {"received"}
    assert not Device.objects.filter(state="present").exists()


def test_what_changed_or_got_company_since_is_left_out(alice):
    same, amended, crowded = plain(0), plain(1), plain(2)
    posted = ticks(same, amended, crowded)
    Sighting.objects.filter(id=amended.id).update(version=2)
    make_osm_device(lon=crowded.location.x + 0.0002)
    done = browser_of(alice).post(PAGE, posted, follow=True)
    assert "1 report accepted. 2 changed or got company meanwhile and wait on." in done.text


def test_boxes_that_name_nothing_are_nothing(alice):
    decided = plain(0)
    posted = {"report": ["", "x", f"{uuid.uuid4()}:1", f"{decided.id}:x", f"{decided.id}:\u0660"]}
    assert "0 reports accepted" in browser_of(alice).post(PAGE, posted, follow=True).text
    assert Decision.objects.count() == 0


def test_an_editor_accepts_nothing(erin):
    assert browser_of(erin).post(PAGE, ticks(plain())).status_code == 403
    assert Decision.objects.count() == 0


def test_nothing_to_accept_together_is_said(alice):
    assert "Nothing can be accepted together" in browser_of(alice).get(PAGE).text
