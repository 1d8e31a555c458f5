"""Some minutes at the queue: what is served, what stays, and that no report is noted with it."""

import datetime

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from tests.factories import PhotoFactory, SightingFactory
from tests.people import browser_of

pytestmark = pytest.mark.django_db
START = datetime.datetime(2026, 5, 12, 14, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


@pytest.fixture
def browser(alice):
    return browser_of(alice)


def refuse(browser, report):
    fields = {"act": "refuse", "reason": "unclear", "version": report.version}
    return browser.post(f"/en/moderation/reports/{report.id}/", fields, follow=True)


@time_machine.travel(START, tick=False)
def test_twenty_minutes_serve_what_matters_and_say_what_stays(browser):
    bare, seen = SightingFactory(arrived_at=START), SightingFactory(arrived_at=START)
    PhotoFactory(sighting=seen)
    begun = browser.post("/en/moderation/sitting/", {"minutes": "20"}, follow=True)
    assert str(seen.id) in begun.request["PATH_INFO"]
    assert "20 minutes left" in begun.text
    assert "1 worth it now, 1 can wait" in begun.text
    done = refuse(browser, seen)
    assert done.request["PATH_INFO"] == "/en/moderation/"
    assert "1 decided" in done.text
    ended = browser.post("/en/moderation/sitting/", follow=True)
    assert "1 decision in this sitting. 0 reports are worth a next one, 1 can wait." in ended.text
    assert f"/en/moderation/reports/{bare.id}/" in ended.text
    assert "minutes left" not in ended.text


def test_time_that_is_up_ends_it_after_the_decision_that_was_begun(browser):
    with time_machine.travel(START, tick=False):
        reports = [SightingFactory(arrived_at=START) for _ in range(3)]
        for report in reports:
            PhotoFactory(sighting=report)
        browser.post("/en/moderation/sitting/", {"minutes": "10"})
        refuse(browser, reports[0])
    with time_machine.travel(START + datetime.timedelta(minutes=10), tick=False):
        done = refuse(browser, reports[1])
    assert done.request["PATH_INFO"] == "/en/moderation/"
    assert "2 decisions in this sitting. 1 reports are worth a next one, 0 can wait." in done.text


def test_a_sitting_names_no_report(browser):
    report = SightingFactory(arrived_at=timezone.now())
    PhotoFactory(sighting=report)
    browser.post("/moderation/sitting/", {"minutes": "20"})
    kept = Session.objects.get().get_decoded()["sitting"]
    assert set(kept) == {"ends_at", "decided"}


def test_a_length_that_is_not_offered_is_refused(browser):
    assert browser.post("/moderation/sitting/", {"minutes": "600"}).status_code == 400


def test_keys_j_and_k_are_plain_links_without_scripts(browser):
    first, second = (
        SightingFactory(arrived_at=START),
        SightingFactory(arrived_at=START + datetime.timedelta(days=1)),
    )
    step = "/en/moderation/step/"
    there = browser.get(step, {"from": str(first.id), "to": "next"})
    assert there["Location"] == f"/en/moderation/reports/{second.id}/"
    back = browser.get(step, {"from": str(second.id), "to": "previous"})
    assert back["Location"] == f"/en/moderation/reports/{first.id}/"
    head = browser.get(step, {"from": str(first.id), "to": "previous"}, follow=True)
    assert "This is the first one." in head.text
    assert browser.get(step, {"from": "x"}).status_code == 400
    assert browser.get(step)["Location"] == f"/en/moderation/reports/{first.id}/"
