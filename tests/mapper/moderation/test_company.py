"""Who else has this open, and who saw which photo: soft notes that end, a log that does not."""

import datetime

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction

from mapper.moderation import company
from mapper.moderation.models import OpenReport, PhotoViewing
from mapper.moderation.order import best_report, next_report
from tests.factories import PhotoFactory, SightingFactory, UserFactory
from tests.people import browser_of

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 5, 12, 14, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _spool_in_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "memory")


@pytest.fixture
def amal(db):
    return UserFactory(username="amal")


def address(report):
    return f"/en/moderation/reports/{report.id}/"


def test_two_who_look_at_the_same_report_are_told(alice, amal, bobs_report):
    alices, amals = browser_of(alice), browser_of(amal)
    assert "desk. Whoever decides first" not in alices.get(address(bobs_report)).text
    assert "Also open at alice" in amals.get(address(bobs_report)).text
    assert "Also open at amal" in alices.get(address(bobs_report)).text
    queue = amals.get("/en/moderation/").text
    assert "open at another desk" in queue
    assert OpenReport.objects.count() == 2


def test_after_five_minutes_it_is_as_if_nobody_had_looked(alice, amal, bobs_report):
    with time_machine.travel(NOW, tick=False):
        company.note_open(report=bobs_report.id, user=alice)
    with time_machine.travel(NOW + company.LIFE, tick=False):
        assert company.who_else(report=bobs_report.id, user=amal) == []
        assert company.open_elsewhere(user=amal) == {}
        assert company.forget_old() == 1
    assert not OpenReport.objects.exists()


def test_a_decision_takes_the_note_with_it(alice, amal, bobs_report):
    browser_of(amal).get(address(bobs_report))
    fields = {"act": "refuse", "reason": "unclear", "version": bobs_report.version}
    browser_of(alice).post(address(bobs_report), fields)
    assert not OpenReport.objects.exists()
    browser_of(amal).get(address(bobs_report))
    assert not OpenReport.objects.exists()


def test_the_next_one_is_one_that_nobody_else_has_open(alice, amal):
    first, second = SightingFactory(arrived_at=NOW), SightingFactory(arrived_at=NOW)
    PhotoFactory(sighting=first)
    PhotoFactory(sighting=second)
    here, there = sorted((first, second), key=lambda report: report.id)
    company.note_open(report=here.id, user=amal)
    theirs = company.open_elsewhere(user=alice)
    assert next_report(apart_from=theirs) == there
    assert best_report(apart_from=theirs) == there
    # Where nothing else waits it is shown all the same: a note binds nobody.
    assert next_report(there.id, apart_from=theirs) == here
    assert best_report(there.id, apart_from=theirs) is None


def test_notes_are_in_no_write_ahead_log(bobs_report):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE relname = 'moderation_openreport'"
        )
        assert cursor.fetchone() == ("u",)


def test_who_saw_an_unpublished_photo_is_written_down_once_a_day(alice, amal):
    photo = PhotoFactory()
    with time_machine.travel(NOW, tick=False):
        for browser in (browser_of(alice), browser_of(amal)):
            for _ in range(3):
                assert browser.get(f"/moderation/photos/{photo.id}/").status_code == 200
    rows = set(PhotoViewing.objects.values_list("photo", "viewer__username", "viewed_on"))
    day = NOW.date()
    assert rows == {(photo.id, "alice", day), (photo.id, "amal", day)}


def test_a_photo_that_is_not_there_was_not_seen(alice):
    photo = PhotoFactory(pixel_name="", covered_name="", covered_thumbnail_name="")
    assert browser_of(alice).get(f"/moderation/photos/{photo.id}/").status_code == 404
    assert not PhotoViewing.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE {} SET viewed_on = now()", "DELETE FROM {}"])
def test_the_log_of_viewings_only_grows(alice, statement):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'contrechamp'")
        if cursor.fetchone() is None:
            pytest.skip("this cluster has no serving role")
        cursor.execute("SET ROLE contrechamp")
        PhotoViewing.objects.create(photo=PhotoFactory.build().id, viewer=alice, viewed_on=NOW)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute(statement.format("moderation_photoviewing"))
        cursor.execute("RESET ROLE")
