"""What is left once reports are decided: nothing that dates one finer than a month, or orders them.

What PostgreSQL keeps for itself (xmin, ctid, old rows) goes at night:
`operations/test_raw_traces.py`. A file's ctime can't be helped from here; everything else that
counts or tells a time is listed and argued below.
"""

import datetime
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from mapper.intake.models import SpentProof
from mapper.moderation.actions import accept_report, publish_photo, refuse_report
from mapper.operations.jobs import purge_jobs, purge_sessions
from mapper.photos.actions import clean_photo, purge_photos
from mapper.photos.models import GATE, Photo
from mapper.sightings.models import DeviceCapability, Sighting
from tests.people import browser_of
from tests.pictures import phone_photo
from tests.proofs import proof

pytestmark = pytest.mark.django_db(transaction=True)

# Columns that count up, and why none of them orders reports.
COUNTERS = {
    # Staff and what they edit: nobody's report.
    "accounts_secondfactor.id": "staff",
    "accounts_user.id": "staff",
    "accounts_user_cities.id": "staff",
    "accounts_user_groups.id": "unused table of Django",
    "accounts_user_user_permissions.id": "unused table of Django",
    "auth_group.id": "unused table of Django",
    "auth_group_permissions.id": "unused table of Django",
    "auth_permission.id": "written by migrations",
    "django_admin_log.id": "edits of what no report is made of (test below)",
    "django_content_type.id": "written by migrations",
    "django_migrations.id": "written by migrations",
    "documents_document_cities.id": "papers",
    "documents_page.id": "papers",
    "dossiers_dossier.id": "dossiers",
    "dossiers_link.id": "dossiers",
    "dossiers_snapshot.id": "one a city and day",
    "dossiers_statement.id": "dossiers",
    "dossiers_statement_citations.id": "dossiers",
    "moderation_waitcount.id": "one a month and class",
    "osm_element.id": "OpenStreetMap's objects",
    "osm_pull.id": "OpenStreetMap's objects",
    "osm_overpassserver.id": "servers",
    "osm_osmflag.id": "OpenStreetMap's objects",
    "osm_heldchange.id": "OpenStreetMap's objects",
    "osm_following.id": "OpenStreetMap's servers",
    "places_city.id": "cities",
    "places_excludedarea.id": "areas",
    "places_school.id": "schools",
    # Rows that go when a job is done; a failed one that names a photo goes too.
    "procrastinate_events.id": "deleted with its job",
    "procrastinate_jobs.id": "deleted when done",
    "procrastinate_periodic_defers.id": "the clock's own work",
    "procrastinate_workers.id": "workers",
    "upstream_account.id": "staff",
}
# Columns that hold a time or a day, and why none of them dates a decided report.
CLOCKS = {
    "accounts_user.date_joined": "staff",
    "django_admin_log.action_time": "edits of what no report is made of (test below)",
    "django_migrations.applied": "releases",
    "django_session.expire_date": "staff; deleted when over",
    "dossiers_snapshot.made_on": "figures of a city, a day",
    "moderation_decision.made_on": "a decision carries a day",
    "moderation_notice.arrived_at": "of a reader, not of a walk; empty once decided",
    "operations_heartbeat.beaten_at": "the worker",
    "moderation_openreport.until": "ends within minutes",
    "moderation_photoviewing.viewed_on": "a day, as for decisions",
    "osm_element.timestamp": "OpenStreetMap's",
    "osm_overpassserver.rests_until": "a server",
    "osm_heldchange.timestamp": "OpenStreetMap's",
    "osm_match.made_on": "the day of a night's run, the same in all rows",
    "osm_pull.data_at": "OpenStreetMap's",
    "osm_following.data_at": "OpenStreetMap's",
    "osm_following.checked_at": "when a server of OpenStreetMap was asked",
    "photos_photo.arrived_at": "empty once decided",
    "photos_photo.pixel_copy_expires_at": "a noon or midnight once decided, empty a day later",
    "procrastinate_events.at": "deleted with its job",
    "procrastinate_jobs.scheduled_at": "deleted when done",
    "procrastinate_workers.last_heartbeat": "workers",
    "sightings_device.updated_on": "a day",
    "sightings_event.ends_at": "staff's; a day for strangers",
    "sightings_event.starts_at": "staff's; a day for strangers",
    "sightings_event.updated_on": "a day",
    "sightings_sighting.arrived_at": "empty once decided",
    "upstream_proposal.approved_on": "a decision carries a day",
    "upstream_pushbatch.made_on": "a day; OpenStreetMap shows the moment of each changeset anyway",
    "upstream_stop.answered_on": "a day",
    "upstream_stop.until": "a pause that OpenStreetMap asked for",
    "trust_batch.published_at": "goes with the last undecided report of the batch",
    "trust_brake.released_at": "a flood of a city, not one report",
    "trust_brake.tripped_at": "a flood of a city, not one report",
    "trust_hold.until": "the day that its author asked for; goes on it",
    "trust_party.closes_at": "announced by staff",
    "trust_party.opens_at": "announced by staff",
    "trust_passage.due_at": "goes with the decision",
    "trust_passage.held_until": "goes with the decision",
}
# A moment that no row or file may tell afterwards.
WALK = datetime.datetime(2031, 3, 17, 14, 27, 38, tzinfo=datetime.UTC)
TELLING = re.compile(r"14:27|1931524058|13:27|15:27")
# Of the people who decide, not of what they decide on.
_OF_STAFF = {"accounts_user", "django_session", "django_admin_log", "django_migrations"}


def columns(condition):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            f"WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND ({condition})"
        )
        return {name for (name,) in cursor.fetchall()}


def test_every_column_that_counts_is_argued():
    assert columns("is_identity = 'YES' OR column_default LIKE 'nextval%%'") == set(COUNTERS)


def test_every_column_that_tells_a_time_is_argued():
    assert columns("data_type ~ '^(timestamp|date|time)'") == set(CLOCKS)


def test_no_admin_page_logs_what_reports_are_made_of():
    from django.contrib import admin

    logged = {model._meta.label for model in admin.site._registry}
    assert not logged & {
        "sightings.Claim",
        "sightings.Device",
        "sightings.Sighting",
        "photos.Photo",
        "moderation.Decision",
    }


def report(direction):
    """Post a report with a photo as a walker does; clean the photo as the worker does."""
    upload = phone_photo(lon=-1.6812345, lat=48.1154321, captured="2031:03:17 14:27:38")
    fields = {"photo_use": "public", "direction": direction, "note": "seen at 14:27"}
    fields["proof_of_work"] = proof()
    before = set(Sighting.objects.values_list("id", flat=True))
    answer = Client().post("/report/", fields | {"photo": _file(upload)})
    assert answer.status_code == 201
    assert SpentProof.objects.exists()
    sighting = Sighting.objects.exclude(id__in=before).get()
    for photo in sighting.photos.all():
        clean_photo(photo_id=photo.id)
    return sighting


def _file(data):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("IMG_20310317_142738.jpg", data, "image/jpeg")


def rows():
    """Return every row of every table of ours as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            if table != "spatial_ref_sys" and table not in _OF_STAFF:
                cursor.execute(f'SELECT row::text FROM "{table}" AS row')
                yield from ((table, text) for (text,) in cursor.fetchall())


def finish_jobs():
    """Do to the jobs what the worker does."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'")
    purge_jobs()


@pytest.fixture
def decided(alice, settings, tmp_path):
    """Return two reports, one accepted with a label, one refused, all at one known minute."""
    spool = tmp_path.parent / f"spool-{tmp_path.name}"
    spool.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(spool)
    with time_machine.travel(WALK, tick=False):
        taken, refused = report("90"), report("180")
        photo = taken.photos.get()
        accept_report(
            sighting=taken,
            actor=alice,
            position=None,
            device=None,
            corrections={"capabilities": ["audio", "zoom"]},
            gates={},
            label_photo=photo.id,
        )
        refuse_report(sighting=refused, actor=alice, reason="not_a_device")
        finish_jobs()
    yield taken
    finish_jobs()


def test_no_row_tells_when_a_decided_report_was_made(decided):
    told = [(table, text) for table, text in rows() if TELLING.search(text)]
    assert told == []


def test_a_copy_that_waits_for_its_end_tells_at_most_half_a_day(decided):
    for photo in Photo.objects.exclude(pixel_copy_expires_at=None):
        end = photo.pixel_copy_expires_at
        assert (end.hour % 12, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
        assert datetime.timedelta(hours=12) < end - WALK <= datetime.timedelta(hours=24)


def test_no_file_or_folder_tells_when_a_decided_report_was_made(decided, alice, tmp_path):
    taken = decided
    with time_machine.travel(WALK + datetime.timedelta(minutes=1)):
        Photo.objects.filter(sighting=taken).update(state="awaiting_review")
        publish_photo(photo=Photo.objects.get(sighting=taken), gate=GATE, actor=alice)
    moments = {
        str(path.relative_to(tmp_path)): path.stat().st_mtime_ns
        for folder in ("media/photos", "quarantine/photos")
        for path in [tmp_path / folder, *(tmp_path / folder).rglob("*")]
    }
    assert len(moments) > 3
    assert set(moments.values()) == {946_684_800 * 10**9}
    purge_photos()
    assert (tmp_path / "quarantine/photos").stat().st_mtime == 946_684_800
    # Names are drawn, 32 hexadecimal digits: any four of them may look like a year.
    names = [name.rpartition("/")[2] for name in moments if not name.endswith("/photos")]
    assert not [name for name in names if not re.fullmatch(r"[0-9a-f]{32}(\.\w+)?", name)]


def test_ids_of_capabilities_are_no_counter(decided):
    ids = [capability.id for capability in DeviceCapability.objects.all()]
    assert len(ids) == 2
    assert {key.version for key in ids} == {4}


def test_a_failed_job_that_names_a_photo_goes_at_once(bobs_report):
    from mapper.photos.jobs import clean

    clean.defer(photo=str(bobs_report.id))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
        purge_jobs()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM procrastinate_events")
        assert cursor.fetchone() == (0,)


def test_sessions_that_are_over_are_deleted(alice):
    from django.contrib.sessions.models import Session

    browser_of(alice)
    assert Session.objects.count() == 1
    purge_sessions()
    assert Session.objects.count() == 1
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=13)):
        purge_sessions()
    assert Session.objects.count() == 0
