"""The way through what waits: flags and objections first, then reports; the same keys for both."""

import datetime

import pytest

from mapper.moderation.models import Decision, Notice
from mapper.moderation.notices import decide_notice
from mapper.moderation.stops import best_stop, next_stop, previous_stop
from tests.factories import PhotoFactory, ReceiptFactory, SightingFactory
from tests.people import browser_of

pytestmark = pytest.mark.django_db

START = datetime.datetime(2026, 5, 12, 14, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _own_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


@pytest.fixture
def browser(alice):
    return browser_of(alice)


def notice(day, reason="gone", **facts):
    at = START + datetime.timedelta(days=day)
    return Notice.objects.create(
        code_key=f"{day} {reason}", reason=reason, arrived_at=at, words="x", **facts
    )


@pytest.fixture
def way():
    """Return all that waits, in its order."""
    other, old_other = notice(3), notice(1, "reply")
    asks = notice(4, "private_home")
    hidden = notice(5, "person", has_hidden=True)
    bare = SightingFactory(arrived_at=START)
    with_photo = PhotoFactory(
        sighting=SightingFactory(arrived_at=START + datetime.timedelta(days=2))
    ).sighting
    answered = ReceiptFactory(
        answer="left", sighting=SightingFactory(arrived_at=START + datetime.timedelta(days=6))
    ).sighting
    return [hidden, asks, old_other, other, answered, with_photo, bare]


def test_flags_then_takedowns_then_other_notices_then_answers_then_the_oldest(way):
    here, walked = None, []
    for _ in way:
        here = next_stop(here.id if here else None)
        walked.append(here)
    assert walked == way
    assert next_stop(way[-1].id) == way[0]
    back = [way[-1]]
    while (before := previous_stop(back[-1].id)) is not None:
        back.append(before)
    assert back == way[::-1]


def test_a_sitting_serves_flags_first(way):
    assert best_stop() == way[0]
    Notice.objects.update(outcome="kept", words="", arrived_at=None, has_hidden=False)
    assert best_stop() == way[4]


def test_what_others_have_open_is_passed_over(way):
    assert next_stop(way[4].id, apart_from=[way[5].id]) == way[6]


def test_alone_nothing_comes_next_or_before():
    only = notice(1)
    assert next_stop(only.id) is None
    assert previous_stop(only.id) is None
    assert previous_stop(Notice().id) is None


def test_the_queue_shows_flags_ahead_and_begins_with_them(way, browser):
    page = browser.get("/en/moderation/").text
    assert page.index("Flags and objections") < page.index("Answered")
    assert f'href="/en/moderation/notices/{way[0].id}/">Look at the next one' in page
    assert "The photo is hidden until you decide." in page


def test_the_keys_lead_through_notices_and_reports_as_plain_links(way, browser):
    step = "/en/moderation/step/"
    there = browser.get(step, {"from": str(way[3].id), "to": "next"})
    assert there["Location"] == f"/en/moderation/reports/{way[4].id}/"
    back = browser.get(step, {"from": str(way[4].id), "to": "previous"})
    assert back["Location"] == f"/en/moderation/notices/{way[3].id}/"
    head = browser.get(step, {"from": str(way[0].id), "to": "previous"}, follow=True)
    assert "This is the first one." in head.text
    assert way[0].get_reason_display() in head.text


def test_a_notice_on_the_way_leads_on_and_is_taken_back_with_its_words(way, browser):
    browser.post("/moderation/sitting/", {"minutes": "20"})
    address = f"/en/moderation/notices/{way[0].id}/"
    page = browser.get(address).text
    assert 'data-key="j"' in page
    assert 'data-key="k"' in page
    done = browser.post(address, {"outcome": "settled", "on_the_way": "1"})
    assert done["Location"] == f"/en/moderation/notices/{way[1].id}/"
    after = browser.get(done["Location"]).text
    assert "1 decided" in after
    decision = Decision.objects.get()
    assert f'name="decision" value="{decision.id}"' in after
    assert "a moderator has seen to it" in browser.get(address).text
    browser.post("/moderation/decisions/", {"decision": str(decision.id)})
    again = Notice.objects.waiting().first()
    assert (again.id, again.words, again.has_hidden) == (way[0].id, "x", True)
    assert again.arrived_at == way[0].arrived_at
    ended = browser.post("/en/moderation/sitting/", follow=True)
    assert "4 flags or objections wait." in ended.text


def test_after_ten_minutes_a_notice_comes_back_without_its_words(alice, settings):
    found = notice(1, "other")
    decision = decide_notice(notice=found, actor=alice, outcome="settled")
    settings.FILE_UPLOAD_TEMP_DIR = None
    from mapper.moderation.actions import undo

    undo(decision=decision, actor=alice)
    found.refresh_from_db()
    assert (found.outcome, found.words, found.arrived_at) == ("", "", None)
    assert list(Notice.objects.waiting()) == [found]
