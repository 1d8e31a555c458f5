"""The pages of moderation: queue, report, device, log; plain forms, and nothing stored."""

import re
import uuid

import pytest

from geo.position import LonLat
from mapper.moderation import actions
from mapper.moderation.models import Decision
from mapper.photos.models import GATE
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Sighting
from tests.factories import (
    LAT,
    LON,
    CityFactory,
    PhotoFactory,
    ReceiptFactory,
    SightingFactory,
    make_device,
    make_osm_device,
)
from tests.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


@pytest.fixture
def browser(alice):
    return browser_of(alice)


def address(report):
    return f"/moderation/reports/{report.id}/"


def desk_of(device):
    return f"/moderation/devices/{device.id}/"


def copy_of(photo):
    return f"/moderation/photos/{photo.id}/"


def form_of(report, **changes):
    """Return what a browser posts when nothing in the form was touched."""
    fields = {
        "act": "accept",
        "version": report.version,
        "lon": f"{LON:.7f}",
        "lat": f"{LAT:.7f}",
        "device": "new",
        "kind": report.kind,
        "camera_type": report.camera_type,
        "mount": report.mount,
        "direction": report.direction,
        "operator_type": report.operator_type,
        "operator": "",
        "other_device": "",
        "manufacturer": "",
        "model": "",
    }
    return fields | changes


def accepted_device(report):
    return Sighting.objects.get(id=report.id).claim.device


# --- the queue ------------------------------------------------------------------------------------


def test_the_queue_is_worked_oldest_first_and_the_slow_one_after(browser):
    import datetime

    def report(day, **facts):
        at = datetime.datetime(2026, 5, day, tzinfo=datetime.UTC)
        return SightingFactory(arrived_at=at, **facts)

    slow, young, old = report(1, is_slow=True), report(3), report(2)
    page = browser.get("/moderation/")
    shown = re.findall(r"/moderation/reports/([0-9a-f-]{36})/", page.text)
    assert list(dict.fromkeys(shown)) == [str(x.id) for x in (old, young, slow)]
    assert page["Cache-Control"] == "no-store"


def test_an_empty_queue_says_so(browser):
    assert "empty" in browser.get("/en/moderation/").text
    assert "Nothing waits" in browser.get("/en/moderation/").text


def test_the_queue_costs_the_same_queries_however_long(browser, django_assert_max_num_queries):
    CityFactory()
    for _ in range(8):
        ReceiptFactory()
    with django_assert_max_num_queries(11):
        page = browser.get("/en/moderation/")
    assert "Rennes" in page.text


# --- one report -----------------------------------------------------------------------------------


def test_a_report_is_shown_with_all_a_decision_rests_on(browser, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    near = make_osm_device(lon=LON + 0.0002, **{"surveillance:zone": "parking"})
    page = browser.get(f"/en{address(bobs_report)}").text
    assert "The neighbour at number 12" in page
    assert "I was on my way to the meeting" in page
    assert "87.5" in page
    assert "true north" in page
    assert "48.1100000" in page
    assert copy_of(photo) in page
    assert "surveillance:zone" in page
    assert str(near.id) in page
    assert 'id="neighbours"' in page
    assert "data-moderation-map" in page
    assert 'type="image"' in page
    for name in GATE:
        assert f'value="{name}"' in page


def test_what_a_walker_wrote_is_text_and_nothing_else(browser):
    report = SightingFactory(note="<script>alert(1)</script>", operator="<img src=x onerror=y>")
    page = browser.get(address(report)).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_report_accepted_unmoved_keeps_the_pin_and_goes_on_to_the_next(
    browser, bobs_report, prefix
):
    following = SightingFactory()
    answer = browser.post(f"{prefix}{address(bobs_report)}", form_of(bobs_report))
    assert (answer.status_code, answer["Location"]) == (302, f"{prefix}{address(following)}")
    device = accepted_device(bobs_report)
    assert (device.position_source, device.kind) == ("walker", "camera")
    page = browser.get(answer["Location"]).text
    assert 'role="status"' in page
    assert str(Decision.objects.get().id) in page


def test_the_last_report_leads_back_to_the_queue(browser, bobs_report):
    answer = browser.post(address(bobs_report), form_of(bobs_report))
    assert answer["Location"] == "/moderation/"


def test_a_bare_post_accepts_the_report_as_it_is(browser, bobs_report):
    browser.post(address(bobs_report), {"act": "accept", "version": 1})
    device = accepted_device(bobs_report)
    assert (device.kind, device.mount, device.directions) == (
        "camera",
        "pole",
        [{"from": 90, "to": 90}],
    )


def test_what_the_moderator_typed_wins(browser, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    moved = {"lon": f"{LON + 0.0003:.7f}", "kind": "alpr", "mount": "", "direction": "NE"}
    label = {"label_photo": str(photo.id), "manufacturer": "Acme", "capabilities": ["zoom"]}
    gate = {f"gate-{photo.id}": list(GATE)}
    fields = form_of(bobs_report, operator="Ville de Rennes", **moved, **label, **gate)
    assert browser.post(address(bobs_report), fields).status_code == 302
    device = accepted_device(bobs_report)
    assert (device.kind, device.mount, device.operator) == ("alpr", "", "Ville de Rennes")
    assert device.directions == [{"from": 45, "to": 45}]
    assert (device.manufacturer, device.capabilities.get().name) == ("Acme", "zoom")
    assert device.position_source == "moderator"
    photo.refresh_from_db()
    assert photo.state == "published"


def test_a_gate_with_one_box_open_publishes_nothing(browser, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    browser.post(address(bobs_report), form_of(bobs_report, **{f"gate-{photo.id}": GATE[1:]}))
    photo.refresh_from_db()
    assert photo.state == "kept_back"


def test_a_report_goes_onto_the_known_device_that_was_chosen(browser, bobs_report):
    known = make_osm_device()
    browser.post(address(bobs_report), form_of(bobs_report, device=str(known.id)))
    assert accepted_device(bobs_report) == known
    other = SightingFactory()
    browser.post(address(other), form_of(other, device="other", other_device=str(known.id)))
    assert known.claims.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"lon": "abc"},
        {"lat": "95.2"},
        {"lat": ""},
        {"lon": "NaN"},
        {"lon": "48.11", "lat": "-1.68"},
        {"kind": "catapult"},
        {"direction": "backwards"},
        {"device": "nobody"},
        {"other_device": "x"},
        {"device": "other"},
        {"device": str(uuid.uuid4())},
        {"label_photo": str(uuid.uuid4())},
        {"manufacturer": "Acme"},
        {"version": "x"},
        {"version": ""},
        {"operator": "a\x00b"},
    ],
)
def test_what_makes_no_sense_comes_back_with_all_that_was_typed(browser, bobs_report, wrong):
    fields = form_of(bobs_report, **({"operator": "Ville de Rennes"} | wrong))
    answer = browser.post(address(bobs_report), fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    if "operator" not in wrong:
        assert "Ville de Rennes" in answer.text
    assert Sighting.objects.get(id=bobs_report.id).state == "received"
    assert not Decision.objects.exists()


def test_an_act_that_is_not_known_is_refused(browser, bobs_report):
    assert browser.post(address(bobs_report), {"act": "burn"}).status_code == 400


def test_a_stale_page_is_shown_anew_with_the_version_of_now(browser, bobs_report):
    Sighting.objects.filter(id=bobs_report.id).update(version=2, kind="alpr")
    answer = browser.post(f"/en{address(bobs_report)}", form_of(bobs_report))
    assert answer.status_code == 412
    assert "version 1, it is now 2" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert not Decision.objects.exists()


def test_a_report_decided_by_somebody_else_says_so(browser, bobs_report, oscar):
    actions.refuse_report(sighting=bobs_report, actor=oscar, reason="unclear")
    answer = browser.post(f"/en{address(bobs_report)}", form_of(bobs_report))
    assert answer.status_code == 409
    assert "decided already" in answer.text
    assert "nothing was changed" in answer.text


def test_a_tap_on_the_picture_moves_the_point_and_decides_nothing(browser, bobs_report):
    tap = {"place.x": "200", "place.y": "160", "map_lon": LON, "map_lat": LAT, "map_zoom": 18}
    fields = form_of(bobs_report, operator="Ville", **tap)
    del fields["act"]
    page = browser.post(address(bobs_report), fields)
    assert page.status_code == 200
    lon = float(re.search(r'name="lon" value="([-0-9.]+)"', page.text)[1])
    assert lon > LON + 0.0001
    assert "Ville" in page.text
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "pressed", [{"place.x": "0", "place.y": "0"}, {"place.x": "NaN", "place.y": "2"}, {"move": "x"}]
)
def test_what_is_no_tap_moves_nothing(browser, bobs_report, pressed):
    fields = form_of(bobs_report, **pressed)
    del fields["act"]
    page = browser.post(address(bobs_report), fields)
    assert f'name="lon" value="{LON:.7f}"' in page.text


def test_a_refusal_and_a_question_are_plain_posts(browser):
    asked, refused = ReceiptFactory().sighting, SightingFactory()
    browser.post(address(asked), {"act": "ask", "version": 1, "question": "which_way"})
    browser.post(address(refused), {"act": "refuse", "version": 1, "reason": "unclear"})
    assert Sighting.objects.get(id=asked.id).state == "question_asked"
    assert Sighting.objects.get(id=refused.id).refusal_reason == "unclear"
    for wrong in ({"act": "ask", "question": "who_are_you"}, {"act": "refuse", "reason": ""}):
        answer = browser.post(address(asked), {"version": 2, **wrong})
        assert answer.status_code == 400


def test_a_decided_report_shows_what_became_of_it(browser, bobs_report):
    browser.post(address(bobs_report), form_of(bobs_report))
    page = browser.get(address(bobs_report)).text
    assert desk_of(accepted_device(bobs_report)) in page
    assert 'value="accept"' not in page


def test_a_report_without_a_place_or_photos_can_be_looked_at(browser):
    report = SightingFactory(location=None, position_source="", direction="", arrived_at=None)
    assert browser.get(address(report)).status_code == 200
    assert browser.get(address(report)[:-1] + ".json").json()["position"] is None


def test_a_withdrawn_report_is_not_there(browser):
    page = browser.get(f"/moderation/reports/{uuid.uuid4()}/")
    assert page.status_code == 404


def test_the_json_has_the_place_within_a_metre_and_the_photos_direction(browser, bobs_report):
    PhotoFactory(sighting=bobs_report)
    answer = browser.get(address(bobs_report)[:-1] + ".json")
    body = answer.json()
    assert body["position"] == {"lon": LON, "lat": LAT}
    (photo,) = body["photos"]
    assert photo["position"] == {"lon": LON, "lat": LAT}
    assert (photo["direction_deg"], photo["direction_reference"]) == (87.5, "true")
    assert (photo["captured_local"], photo["orientation"]) == ("2026-05-12T14:03:05", "landscape")
    assert answer["Cache-Control"] == "no-store"


# --- quarantine -----------------------------------------------------------------------------------


def test_an_unpublished_photo_is_shown_to_moderators_and_never_stored(browser, bobs_report):
    photo = PhotoFactory(sighting=bobs_report, upload_name="f" * 32 + ".upload")
    answer = browser.get(copy_of(photo))
    assert answer.content.startswith(b"\xff\xd8")
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("no-store", "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    small = browser.get(copy_of(photo) + "?size=thumbnail")
    assert len(small.content) < len(answer.content)


def test_an_upload_is_never_shown(browser, bobs_report):
    photo = PhotoFactory(
        sighting=bobs_report,
        pixel_name="",
        covered_name="",
        covered_thumbnail_name="",
        upload_name="f" * 32 + ".upload",
    )
    assert browser.get(copy_of(photo)).status_code == 404


# --- one device -----------------------------------------------------------------------------------


def test_a_device_is_merged_and_unmerged_by_its_page(browser):
    survivor, other = make_device(), make_osm_device()
    page = desk_of(other)
    assert str(survivor.id) in browser.get(page).text
    assert browser.post(page, {"act": "merge", "survivor": survivor.id}).status_code == 302
    assert Device.objects.get(id=other.id).merged_into == survivor
    shown = browser.get(page).text
    decision = Decision.objects.get()
    assert str(decision.id) in shown
    browser.post("/moderation/decisions/", {"decision": decision.id})
    assert Device.objects.get(id=other.id).state == "present"


def test_a_device_is_corrected_and_erased_by_its_page(browser):
    device = make_device()
    page = desk_of(device)
    fields = {"act": "correct", "version": device.version, "mount": "wall", "direction": "N;S"}
    place = {"lon": f"{LON + 0.001}", "lat": f"{LAT}"}
    assert browser.post(page, fields | place).status_code == 302
    corrected = Device.objects.get(id=device.id)
    assert (corrected.mount, corrected.kind) == ("wall", "camera")
    assert corrected.directions == [{"from": 0, "to": 0}, {"from": 180, "to": 180}]
    assert position_of(corrected.location) == LonLat(LON + 0.001, LAT)
    assert browser.post(page, fields).status_code == 412
    erase = {"act": "erase", "reason": "objection"}
    assert browser.post(page, erase).status_code == 400
    assert browser.post(page, erase | {"is_sure": "on"}).status_code == 302
    assert browser.get(page).status_code == 200
    assert Device.objects.get(id=device.id).state == "erased"


def test_a_photo_is_hidden_and_published_by_the_page_of_its_device(browser, bobs_report):
    photo = PhotoFactory(sighting=bobs_report)
    browser.post(address(bobs_report), form_of(bobs_report))
    page = desk_of(accepted_device(bobs_report))
    publish = {"act": "publish", "photo": photo.id}
    assert browser.post(page, publish).status_code == 400
    browser.post(page, publish | {f"gate-{photo.id}": list(GATE)})
    photo.refresh_from_db()
    assert photo.state == "published"
    assert photo.public_name in browser.get(page).text
    browser.post(page, {"act": "hide", "photo": photo.id})
    photo.refresh_from_db()
    assert photo.state == "kept_back"


def test_a_photo_of_another_device_is_not_touched(browser, bobs_report):
    stranger = PhotoFactory()
    device = make_device()
    page = desk_of(device)
    for said in (str(stranger.id), "x", ""):
        assert browser.post(page, {"act": "hide", "photo": said}).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "merge", "survivor": "x"},
        {"act": "merge", "survivor": str(uuid.uuid4())},
        {"act": "merge"},
        {"act": "correct", "version": "99"},
        {"act": "correct", "version": "2"},
        {"act": "erase", "reason": "because", "is_sure": "on"},
        {},
    ],
)
def test_a_device_refuses_what_makes_no_sense(browser, fields):
    device = make_device()
    answer = browser.post(desk_of(device), fields)
    assert 400 <= answer.status_code < 500
    assert not Decision.objects.exists()


# --- the log --------------------------------------------------------------------------------------


def test_the_log_is_for_all_staff_and_undoing_for_moderators(browser, bobs_report, erin):
    browser.post(address(bobs_report), form_of(bobs_report))
    decision = Decision.objects.get()
    editor = browser_of(erin)
    page = editor.get("/en/moderation/decisions/")
    assert "alice" in page.text
    assert "Undo" not in page.text
    undo = {"decision": str(decision.id)}
    assert editor.post("/moderation/decisions/", undo).status_code == 403
    answer = browser.post("/moderation/decisions/", undo)
    assert answer["Location"] == address(bobs_report)
    assert Sighting.objects.get(id=bobs_report.id).state == "received"
    assert browser.post("/moderation/decisions/", undo).status_code == 409
    for said in ("", "x", str(uuid.uuid4())):
        assert browser.post("/moderation/decisions/", {"decision": said}).status_code == 404


def test_posts_of_staff_need_the_token_of_their_page(alice, bobs_report):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.post(address(bobs_report), form_of(bobs_report))
    assert answer.status_code == 403
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "path", ["/moderation/", "/moderation/decisions/", "/moderation/?page=x", "/en/moderation/"]
)
def test_no_page_of_moderation_holds_what_the_csp_refuses(browser, path, bobs_report):
    text = browser.get(path).text + browser.get(address(bobs_report)).text
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*(src=|application/json))", text)
