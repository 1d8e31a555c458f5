"""Alice settles matches with OpenStreetMap: one device or two, each taken back as it was."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mapper.errors import Conflict, Forbidden
from mapper.moderation import actions
from mapper.moderation.matches import join_match, open_matches, tell_apart
from mapper.moderation.models import Act, Decision
from mapper.osm.matching import match_elements
from mapper.osm.models import DistinctPair, Element, Match
from mapper.photos import storage
from mapper.sightings.models import Device
from tests.factories import LAT, LON, CityFactory, jpeg, make_device, make_osm_device, point
from tests.people import browser_of
from tests.published import accept_sighting, publish_photo

pytestmark = pytest.mark.django_db
PAGE = "/en/moderation/osm/matches/"


def match(east=0.0, **tags):
    """Make a match as a night's run finds it."""
    make_osm_device(LON + east, LAT, **tags)
    make_device(location=point(LON + east + 0.00004, LAT))
    match_elements(is_quiet=True)
    return Match.objects.get(device__location=point(LON + east + 0.00004, LAT))


@pytest.fixture
def found():
    CityFactory()
    return match()


def settle(browser, found, act, **more):
    data = {"act": act, "device": found.device_id, "other": found.other_id}
    return browser.post(PAGE, data | more)


def test_both_sides_are_shown_with_what_speaks_for_them(alice):
    CityFactory()
    found = match(operator="Ville de <b>Rennes</b>", note="javascript:alert(1)")
    shown = accept_sighting(found.device.claims.get())
    name = storage.write(storage.media(), jpeg(), suffix=storage.PICTURE)
    photo = publish_photo(shown, name)
    photo.public_thumbnail_name = name
    photo.save()
    element = Element.objects.get()
    page = browser_of(alice).get(PAGE)
    text = page.text
    assert page.status_code == 200
    assert f'href="{element.url}"' in text
    assert f"{element}</a>, v3" in text
    assert "Ville de &lt;b&gt;Rennes&lt;/b&gt;" in text
    assert 'href="javascript' not in text
    assert f"/photos/thumbnails/{photo.public_thumbnail_name}" in text
    assert f"ids={found.device_id}%2C{found.other_id}" in text
    assert f"/moderation/devices/{found.device_id}/" in text
    assert "that it is one device" in text
    assert "3 m apart" in text
    assert "<script" not in text.split("<main")[1].split("</main")[0]


def test_same_device_merges_and_undoing_takes_it_apart(found, alice, client):
    browser = browser_of(alice)
    answer = settle(browser, found, "same")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    decision = Decision.objects.get()
    assert (decision.act, decision.target, decision.device) == (
        "merge", found.other_id, found.device_id
    )  # fmt: skip
    device = Device.objects.get(id=found.device_id)
    assert device.sources == ["osm", "walker"]
    moved = client.get(f"/en/devices/{found.other_id}/")
    assert (moved.status_code, moved["Location"]) == (301, f"/en/devices/{found.device_id}/")
    page = browser.get(PAGE).text
    assert "Merged." in page
    assert "Nothing waits" in page
    browser.post("/en/moderation/decisions/", {"decision": decision.id})
    assert Device.objects.get(id=found.other_id).state == "present"
    assert Match.objects.open().get() == found


def test_two_devices_never_come_back_until_that_is_undone(found, alice):
    browser = browser_of(alice)
    settle(browser, found, "apart")
    decision, pair = Decision.objects.get(), DistinctPair.objects.get()
    assert (decision.act, decision.target_kind, decision.target, decision.device) == (
        Act.TELL_APART, "pair", pair.id, found.device_id
    )  # fmt: skip
    page = browser.get(PAGE).text
    assert "Kept as two devices." in page
    assert "Nothing waits" in page
    assert Device.objects.present().count() == 2
    match_elements(is_quiet=True)
    assert not Match.objects.exists()
    assert "Told apart" in browser.get("/en/moderation/decisions/").text
    undone = browser.post("/en/moderation/decisions/", {"decision": decision.id})
    assert undone["Location"] == PAGE
    assert not DistinctPair.objects.exists()
    match_elements(is_quiet=True)
    assert Match.objects.open().count() == 1
    assert Decision.objects.filter(undoes=decision).count() == 1


def test_undone_before_the_next_night_it_is_there_at_once_and_only_once_undone(found, alice):
    decision = tell_apart(device=found.device_id, other=found.other_id, actor=alice)
    assert not Match.objects.open().exists()
    actions.undo(decision=decision, actor=alice)
    assert Match.objects.open().get() == found
    with pytest.raises(Conflict):
        actions.undo(decision=decision, actor=alice)
    again = tell_apart(device=found.device_id, other=found.other_id, actor=alice)
    assert again.id != decision.id


def test_a_page_that_stood_open_over_night_still_works(found, alice):
    match_elements(is_quiet=True)
    assert Match.objects.get().id != found.id
    assert settle(browser_of(alice), found, "same").status_code == 302


@pytest.mark.parametrize("act", ["same", "apart"])
def test_what_is_settled_already_is_not_settled_twice(found, alice, act):
    browser = browser_of(alice)
    settle(browser, found, act)
    answer = settle(browser, found, act)
    assert answer.status_code == 409
    assert "settled already" in answer.text
    assert Decision.objects.count() == 1


def test_two_devices_that_are_no_match_can_not_be_joined_here(found, alice):
    stranger = make_device(location=point(LON + 1, LAT))
    for device, other in (
        (stranger.id, found.other_id),
        (found.other_id, found.device_id),
        (found.device_id, found.device_id),
        (uuid.uuid4(), uuid.uuid4()),
    ):
        for act in ("same", "apart"):
            answer = browser_of(alice).post(PAGE, {"act": act, "device": device, "other": other})
            assert answer.status_code == 409
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"act": "erase"},
        {"device": "1"},
        {"other": ""},
        {"device": "\0"},
        {"act": ["same", "apart"], "other": "' OR 1=1 --"},
    ],
)
def test_nonsense_is_refused_in_words_and_the_list_stays(found, alice, said):
    data = {"act": "same", "device": found.device_id, "other": found.other_id} | said
    answer = browser_of(alice).post(PAGE, data if said else {})
    assert answer.status_code == 400
    assert "one device or two" in answer.text
    assert str(found.device_id) in answer.text
    assert not Decision.objects.exists()


def test_only_moderators_settle(found, alice, erin, charlie):
    assert "/login/" in settle(charlie, found, "same")["Location"]
    assert settle(browser_of(erin), found, "same").status_code == 403
    for deed in (join_match, tell_apart):
        with pytest.raises(Forbidden):
            deed(device=found.device_id, other=found.other_id, actor=erin)
    assert not Decision.objects.exists()


def test_a_foreign_site_can_not_press_the_button(found, alice):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert settle(browser, found, "same").status_code == 403
    assert Device.objects.present().count() == 2


def test_the_list_costs_the_same_however_long_it_is(alice):
    CityFactory()
    match()
    browser = browser_of(alice)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        browser.get(PAGE)
    for number in range(1, 25):
        make_osm_device(LON + 0.001 * number)
        make_device(location=point(LON + 0.001 * number + 0.00004))
    match_elements(is_quiet=True)
    with CaptureQueriesContext(connection) as many:
        page = browser.get(PAGE).text
    assert len(many) <= len(one)
    assert page.count('class="match"') == 20
    assert 'rel="next"' in page
    assert browser.get(f"{PAGE}?page=2").text.count('class="match"') == 5
    for nonsense in ("x", "-1", "0", "9" * 30, "%00"):
        assert browser.get(f"{PAGE}?page={nonsense}").status_code in (200, 400)


def test_a_chance_is_never_said_to_be_a_certainty(found):
    for chance, percent in ((1.0, 99), (0.999, 99), (0.405, 40), (1e-9, 1)):
        found.chance = chance
        (file,) = open_matches([found])
        assert file.percent == percent


def test_beyond_the_web_map_there_is_no_picture(alice):
    make_osm_device(LON, 89.5)
    make_device(location=point(LON, 89.50001))
    match_elements(is_quiet=True)
    page = browser_of(alice).get(PAGE)
    assert page.status_code == 200
    assert "match__map" not in page.text
    assert 'class="match"' in page.text
