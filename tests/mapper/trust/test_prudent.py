"""A prudent report: nothing of it is public before its day, decided or not."""

import datetime
import re

import pytest
import time_machine
from django.test import Client

from geo.position import LonLat
from geo.tiles import tile_at
from mapper.intake import receipts
from mapper.intake.actions import amend, withdraw
from mapper.intake.following import standing_of
from mapper.intake.report import parse_report
from mapper.moderation import actions as decisions
from mapper.photos.models import GATE
from mapper.sightings.days import today
from mapper.sightings.models import Claim, Device, Sighting
from mapper.trust.actions import publish_due
from mapper.trust.holding import release_due
from mapper.trust.models import Hold, Passage
from tests.factories import LAT, LON, CityFactory, PhotoFactory, make_osm_device
from tests.mapper.test_canaries import FILTERS, VISITS, nothing
from tests.mapper.trust.conftest import report

pytestmark = pytest.mark.django_db

SLUG = "rennes-35238"
# The day of the walk and of the batch, as pages and data might write it.
DAYS = (
    *("2026-03-12", "2026-03-13", "20260312", "12/03/2026", "2026/03/12", "12.03.2026"),
    *("12 mars", "12 March", "March 12", "13 mars", "13 March", "Thu, 12 Mar", "177332", "177333"),
)
# Some of what shows the device in words once it may be seen.
SHOW_IT = {
    "/data/devices.geojson",
    "/data/devices.csv",
    "/api/v1/devices/",
    f"/data/cities/{SLUG}/devices.geojson",
    "/?view=list&kind=camera",
    *(f"/tiles/devices/{tile.z}/{tile.x}/{tile.y}.mvt" for tile in [tile_at(LonLat(LON, LAT), 16)]),
}
DOWNLOADS = [
    f"{path}devices.{format_}"
    for path in ("data/", f"data/cities/{SLUG}/")
    for format_ in ("geojson", "csv")
]
WALK = datetime.datetime(2026, 3, 12, 15, 30, tzinfo=datetime.UTC)
# Those whose answers tell of the day or of this machine, and of no report.
OF_TODAY = {
    *("healthz", ".well-known/security.txt", "staff/login/", "admin/login/", "api/schema/"),
    "api/v1/challenge",
}
ZOOMS = range(19)
ROW_ID = re.compile(rb'name="id-\d+" value="[0-9a-f-]{36}"')


def addresses():
    """Return what a stranger may ask, of the whole and of where Bob walked, in both languages."""
    asked = []
    for route, (fill, queries) in VISITS.items():
        if fill is nothing and route not in OF_TODAY:
            asked += [f"/{route}{query}" for query in queries]
    asked += [f"/{path}{query}" for path in DOWNLOADS for query in FILTERS]
    # A dossier's own page says on which day it was read; what it counts is in the others.
    asked += [f"/api/v1/cities/{SLUG}/", f"/data/cities/{SLUG}/map.html"]
    asked += [f"/data/events.{format_}" for format_ in ("geojson", "csv")]
    tiles = [tile_at(LonLat(LON, LAT), zoom) for zoom in ZOOMS]
    asked += [f"/tiles/devices/{tile.z}/{tile.x}/{tile.y}.mvt" for tile in tiles]
    asked += [f"/map-picture.png?lon={LON}&lat={LAT}&zoom={z}&devices=1" for z in (12, 16, 18)]
    data = ("/api/", "/tiles/", "/data/d", "/data/e", "/data/c", "/map-", "/basemap", "/robots")
    return asked + [f"/en{path}" for path in asked if not path.startswith(data)]


def travel(days, hours=0):
    return time_machine.travel(WALK + datetime.timedelta(days=days, hours=hours), tick=False)


def work():
    """Let the jobs do what is due."""
    return release_due(), publish_due()


def everything_public():
    """Return all answers with their status and what their heads say of the content."""
    browser, said = Client(), {}
    for path in addresses():
        answer = browser.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        etag = answer.get("ETag")
        if "/walk/" in path:
            # Kits say in which month they were made, forms of paper notes carry an id a row: that
            # is all that may differ.
            body, etag = body.replace(today().strftime("%Y-%m").encode(), b"[month]"), None
            body = ROW_ID.sub(b"", body)
        said[path] = (body, answer.status_code, etag, answer.get("Last-Modified"))
    return said


def pages_of_devices():
    """Return what is said of each device on its own pages."""
    paths = [
        path
        for key in Device.objects.values_list("id", flat=True)
        for path in (f"/devices/{key}/", f"/en/devices/{key}/", f"/devices/{key}.json")
    ]
    return {path: (Client().get(path).content,) for path in paths}


def changed(before, after):
    """Return the addresses that answer something else."""
    return [path for path in before if before[path] != after[path]]


def accept(sighting, alice, **facts):
    facts = {"position": None, "device": None, "corrections": {}, "gates": {}} | facts
    return decisions.accept_report(sighting=sighting, actor=alice, **facts)


@pytest.mark.parametrize(
    "decided_after_days",
    [pytest.param(0, marks=pytest.mark.trial), pytest.param(20, marks=pytest.mark.trial), 31],
)
def test_an_accepted_one_is_nowhere_on_day_31_and_there_on_day_32(alice, decided_after_days):
    with travel(0):
        CityFactory(code="35238")
        make_osm_device(LON + 0.001, LAT)
        before = everything_public()
        sighting = report(prudent="1").sighting
        photo = PhotoFactory(sighting=sighting)
    with travel(decided_after_days):
        accept(sighting, alice, gates={photo.id: GATE})
        photo.refresh_from_db()
        sighting.refresh_from_db()
        assert (sighting.state, photo.state) == ("accepted", "published")
    with travel(31):
        assert work() == (0, 0)
        assert changed(before, everything_public()) == []
        assert Client().get(f"/photos/{photo.public_name}").status_code == 404
        assert Client().get(f"/api/v1/sightings/{sighting.id}/").status_code == 404
        assert Device.objects.count() == 1
    with travel(32):
        assert work() == (1, 0)
        assert Client().get(f"/photos/{photo.public_name}").status_code == 200
        device = Sighting.objects.get(id=sighting.id).claim.device
        assert device.verification == "verified"
        assert Client().get(f"/devices/{device.id}/").status_code == 200
        after = everything_public()
        named = [path for path in after if str(device.id).encode() in after[path][0]]
        assert set(named) >= SHOW_IT
        # Each of them answered the same until yesterday, and says so of itself by another ETag.
        assert set(changed(before, after)) >= SHOW_IT
        for path in SHOW_IT:
            assert before[path][2] != after[path][2] or before[path][2] is None, path
            asked_again = Client().get(path, headers={"If-None-Match": before[path][2] or ""})
            assert asked_again.status_code == 200
        # The day of its appearing less 32 would be that of the walk.
        assert b"2026-04-13" not in b"".join(body for body, *_heads in after.values())
        assert not Hold.objects.exists()


def test_a_confirmation_changes_nothing_before_its_day(alice):
    with travel(0):
        known = make_osm_device()
        before = everything_public()
        sighting = report(prudent="1", device=str(known.id)).sighting
        accept(sighting, alice, device=known)
    with travel(31):
        work()
        assert changed(before, everything_public()) == []
    with travel(32):
        work()
        known.refresh_from_db()
        assert known.verification == "verified"


def test_an_undecided_one_appears_with_others_of_its_day():
    with travel(0):
        for step in range(5):
            report(step, prudent="1")
        before = everything_public()
    with travel(31, hours=8):
        assert work() == (0, 0)
        assert changed(before, everything_public()) == []
    with travel(32):
        assert work() == (0, 5)
        assert set(Device.objects.values_list("verification", flat=True)) == {"unverified"}
        assert not Passage.objects.filter(held_until__isnull=False).exists()


def test_accepted_after_its_day_it_is_there_at_once(alice):
    with travel(0):
        sighting = report(prudent="1").sighting
    with travel(33):
        accept(sighting, alice)
        assert Device.objects.get().verification == "verified"


def test_an_acceptance_undone_is_held_again_when_decided_again(alice, settings):
    with travel(0):
        sighting = report(prudent="1").sighting
    with travel(3):
        decision = accept(sighting, alice)
        decisions.undo(decision=decision, actor=alice)
        sighting.refresh_from_db()
        assert (sighting.state, sighting.note) == ("received", "On my way to the meeting")
        assert not Hold.objects.exists()
        again = accept(sighting, alice)
    with travel(4):  # What was kept for undoing is gone.
        decisions.undo(decision=again, actor=alice)
        accept(Sighting.objects.get(), alice)
    with travel(31):
        work()
        assert not Device.objects.exists()
    with travel(32):
        work()
        assert Device.objects.count() == 1


def test_where_the_wish_is_forgotten_the_instance_s_own_holds(alice, settings):
    settings.PRUDENT_BY_DEFAULT = True
    with travel(0):
        sighting = report().sighting
        decision = decisions.refuse_report(sighting=sighting, actor=alice, reason="unclear")
    with travel(2):
        decisions.undo(decision=decision, actor=alice)
        assert Passage.objects.get(sighting=sighting).held_until == datetime.date(2026, 4, 15)


def test_a_withdrawal_before_its_day_leaves_nothing(alice):
    with travel(0):
        submitted = report(prudent="1")
        accept(submitted.sighting, alice)
        withdraw(receipt=receipts.find(" ".join(submitted.code)))
    with travel(32):
        assert work() == (0, 0)
        assert not Device.objects.exists()
        claim = Claim.objects.get()
        assert (claim.location, claim.attributes) == (None, {})


def test_what_is_kept_of_the_day_is_a_day_and_goes_with_it(alice):
    with travel(0):
        accept(report(prudent="1").sighting, alice)
        held = Hold.objects.get()
        assert held.until == datetime.date(2026, 4, 13)
        assert not Passage.objects.exists()


def test_the_default_is_the_instance_s_and_a_word_wins(settings):
    for default in (True, False):
        settings.PRUDENT_BY_DEFAULT = default
        said = [parse_report({"prudent": text}).is_prudent for text in ("", "1", "0")]
        assert said == [default, True, False]


def test_the_author_is_told_and_may_change_it(alice):
    with travel(0):
        submitted = report(prudent="1")
        receipt = receipts.find(" ".join(submitted.code))
        assert "before 32 days" in standing_of(receipt, submitted.sighting).on_the_map
        amend(receipt=receipt, said={"prudent": "0"})
        assert Passage.objects.get().held_until is None
        amend(receipt=receipt, said={"prudent": "1"})
        amend(receipt=receipt, said={"mount": "wall"})
        assert Passage.objects.get().held_until == datetime.date(2026, 4, 13)
        sighting = Sighting.objects.get()
        accept(sighting, alice)
        sighting.refresh_from_db()
        standing = standing_of(receipt, sighting)
        assert "when the 32 days are over" in standing.on_the_map
        assert standing.device is None


def test_one_on_the_map_already_may_be_taken_back_into_waiting():
    with travel(0):
        submitted = [report(step) for step in range(5)]
    with travel(1):
        assert work() == (0, 5)
        amend(receipt=receipts.find(" ".join(submitted[0].code)), said={"prudent": "1"})
        assert Device.objects.shown().count() == 4
        passage = Passage.objects.get(sighting=submitted[0].sighting)
        assert passage.held_until == datetime.date(2026, 4, 13)


def test_no_public_field_of_a_walker_holds_a_day(alice):
    """Undecided, accepted or confirming: what came on a day tells its month at the most."""
    with travel(-20):
        CityFactory(code="35238")
        known = make_osm_device(LON + 0.003, LAT)
    with travel(0):
        sent = [report(step, prudent="0", seen_on="2026-03-12").sighting for step in range(5)]
        confirming = report(6, prudent="0", device=str(known.id)).sighting
    with travel(0, hours=8):
        assert work()[1] >= 5
        undecided = everything_public() | pages_of_devices()
    with travel(12):
        accept(sent[0], alice)
        accept(confirming, alice, device=known)
        decided = everything_public() | pages_of_devices()
        for sighting in Sighting.objects.filter(state="accepted"):
            path = f"/api/v1/sightings/{sighting.id}/"
            decided[path] = (Client().get(path).content,)
    assert any(b"mars 2026" in body for body, *_heads in undecided.values())
    told = {
        (path, spelt)
        for found in (undecided, decided)
        for path, (body, *_heads) in found.items()
        for spelt in DAYS
        if spelt.encode() in body
    }
    assert told == set()
