"""The desk in figures: coarse enough that none of them dates a report."""

import datetime
import re
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from mapper.moderation import actions, second_thoughts, waits
from mapper.moderation.figures import months, overdue
from mapper.moderation.models import WaitCount
from tests.factories import ReceiptFactory, SightingFactory
from tests.people import browser_of

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 5, 12, 14, 0, tzinfo=datetime.UTC)
PAGE = "/en/moderation/figures/"


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


@pytest.fixture
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def waiting(days=0, **facts):
    return SightingFactory(arrived_at=NOW - datetime.timedelta(days=days), **facts)


def refuse(actor, days=0, reason="unclear"):
    return actions.refuse_report(sighting=waiting(days), actor=actor, reason=reason)


@pytest.mark.parametrize(
    ("hours", "class_"), [(0, 1), (23, 1), (24, 3), (100, 7), (24 * 91, 92), (24 * 92, 0)]
)
def test_a_wait_falls_in_a_class(hours, class_):
    assert waits.class_of(datetime.timedelta(hours=hours)) == class_


def test_waits_are_counted_ten_at_once_only(alice, at_noon):
    for _ in range(waits.BATCH - 1):
        refuse(alice, days=2)
    assert not WaitCount.objects.exists()
    assert months()[0].median_days is None
    refuse(alice, days=40)
    kept = set(WaitCount.objects.values_list("month", "class_days", "count"))
    assert kept == {("2026-05", 3, waits.BATCH - 1), ("2026-05", 92, 1)}
    assert months()[0].median_days == 3
    refuse(alice, days=2)
    assert sum(WaitCount.objects.values_list("count", flat=True)) == waits.BATCH


def test_what_is_gathered_is_in_memory_and_survives_the_purge_of_second_thoughts(alice, at_noon):
    refuse(alice, days=2)
    second_thoughts.forget_old()
    path = second_thoughts.memory_folder() / "waits"
    assert path.read_text() == "3"
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_memory_nothing_is_counted(alice, at_noon, settings):
    settings.FILE_UPLOAD_TEMP_DIR = ""
    for _ in range(waits.BATCH):
        refuse(alice)
    assert not WaitCount.objects.exists()


def test_decisions_are_counted_by_month_and_reason_without_the_undone_ones(alice):
    with time_machine.travel(NOW - datetime.timedelta(days=30), tick=False):
        refuse(alice, reason="abuse")
    with time_machine.travel(NOW, tick=False):
        refuse(alice)
        refuse(alice)
        taken_back = refuse(alice, reason="person")
        actions.undo(decision=taken_back, actor=alice)
        actions.accept_report(
            sighting=waiting(), actor=alice, position=None, device=None, corrections={}, gates={}
        )
        may, april = months()
    assert (may.month, may.accepted, may.refused, may.reasons) == ("2026-05", 1, 2, {"unclear": 2})
    assert (april.month, april.accepted, april.reasons) == ("2026-04", 0, {"abuse": 1})


def test_a_year_ago_is_no_figure_of_today(alice):
    with time_machine.travel(NOW - datetime.timedelta(days=400), tick=False):
        refuse(alice)
    with time_machine.travel(NOW, tick=False):
        assert months() == []


def test_all_staff_see_the_page(alice, erin, at_noon):
    refuse(alice)
    page = browser_of(erin).get(PAGE).text
    assert "2026-05" in page
    assert "too few to tell" in page
    assert "The photo or the description does not let us tell." in page


# --- the feed -------------------------------------------------------------------------------------


@pytest.fixture
def address(alice):
    return re.search(r"(/feeds/moderation/[0-9a-f]{40}\.atom)<", browser_of(alice).get(PAGE).text)[
        1
    ]


def entries(address):
    answer = Client().get(address)
    assert answer["Content-Type"] == "application/atom+xml"
    assert answer["Cache-Control"] == "no-store"
    atom = "{http://www.w3.org/2005/Atom}"
    return [
        e.findtext(f"{atom}title")
        for e in ElementTree.fromstring(answer.content).iter(f"{atom}entry")
    ]


def test_it_speaks_only_when_something_waits_too_long(address, at_noon, settings):
    settings.QUEUE_PATIENCE_DAYS = 7
    waiting(days=6)
    assert entries(address) == []
    waiting(days=8, is_slow=True)
    waiting(days=30)
    assert entries(address) == ["2 signalements attendent depuis plus de 7 jours."]
    settings.QUEUE_PATIENCE_DAYS = 10
    assert entries(address) == ["1 signalement attend depuis plus de 10 jours."]


def test_what_waits_for_its_author_is_not_late(at_noon):
    waiting(days=30, state="question_asked")
    answered = waiting(days=30, state="question_asked")
    ReceiptFactory(sighting=answered, answer="on the left")
    assert overdue() == 1


def test_a_wrong_address_says_nothing(address):
    wrong = address[:-6] + ("0" if address[-6] != "0" else "1") + ".atom"
    assert Client().get(wrong).status_code == 404


def test_the_feed_names_no_report_and_no_hour(address):
    late = SightingFactory(arrived_at=timezone.now() - datetime.timedelta(days=30))
    body = Client().get(address).text
    assert str(late.id) not in body
    assert re.findall(r"T\d\d:\d\d:\d\d", body.partition("<entry>")[2]) == ["T00:00:00"]
