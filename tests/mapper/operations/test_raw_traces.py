"""The files of the database after a decision: searched byte by byte, beneath what SQL shows."""

import os
import re
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from mapper.moderation.actions import accept_report, refuse_report
from mapper.operations import doctor_database, raw_traces
from mapper.operations.cluster import Cluster
from mapper.operations.cluster_settings import configuration
from mapper.sightings.models import Sighting
from tests.conftest import REPOSITORY
from tests.factories import LAT, LON, PhotoFactory, SightingFactory, point

SNIPPET = REPOSITORY / "deploy" / "postgresql" / "contrechamp.conf"
NOTE = "CANARY of a note behind the school"


@pytest.fixture
def files(transactional_db):
    """Return a function that reads every file of this database."""
    cluster = Cluster(Path(os.environ.get("DATA_ROOT", REPOSITORY / "var")), name="test-cluster")
    if not cluster.data.is_dir():
        pytest.skip("the database's files are not ours to read")
    number = run("SELECT oid FROM pg_database WHERE datname = current_database()")[0][0]

    def read() -> bytes:
        folder = cluster.data / "base" / str(number)
        return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())

    return read


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def reports(count):
    """Make reports with all that is private, in a known order."""
    made = []
    for number in range(count):
        sighting = SightingFactory(
            note=f"{NOTE} {number:02}",
            operator="CANARY of an operator",
            phone_key=f"{number:02}" + "ab" * 31,
            body_key="cd" * 32,
            location=point(LON + number / 1000, LAT),
        )
        PhotoFactory(sighting=sighting, captured_local="2031-03-17 14:27:38")
        made.append(sighting)
    return made


def test_no_file_of_the_database_holds_what_a_decision_erased(files, alice):
    made = reports(8)
    # As time does: pages and statistics reach the disk.
    for table in ("sightings_sighting", "photos_photo"):
        run(f"VACUUM (FULL, ANALYZE) {table}")
    run("VACUUM (FULL) pg_catalog.pg_statistic")
    canaries = [NOTE, "CANARY of an operator", "07" + "ab" * 31, "cd" * 32, "2031-03-17 14:27"]
    before = files()
    assert [text for text in canaries if text.encode() not in before] == []
    for number, sighting in enumerate(made):
        decide(sighting, alice, is_taken=number % 2 == 0)
    # A plain VACUUM frees rows and leaves their bytes.
    run("VACUUM sightings_sighting")
    assert NOTE.encode() in files()
    raw_traces.wipe()
    after = files()
    assert [text for text in canaries if text.encode() in after] == []
    assert Sighting.objects.filter(state="accepted").count() == 4


def decide(sighting, alice, *, is_taken):
    if is_taken:
        accept_report(
            sighting=sighting, actor=alice, position=None, device=None, corrections={}, gates={}
        )
    else:
        refuse_report(sighting=sighting, actor=alice, reason="unclear")


def test_nothing_beneath_the_rows_tells_which_came_first(transactional_db, alice):
    """Neither where a row lies nor which transaction wrote it, after the night."""
    for sighting in reports(6):
        decide(sighting, alice, is_taken=True)
    tables = ("sightings_sighting", "sightings_claim", "sightings_attachment", "sightings_device")
    tables += ("photos_photo", "moderation_decision")
    several = [table for table in tables if writers_of(table) > 1]
    assert several == list(tables)
    raw_traces.wipe()
    for table in tables:
        assert writers_of(table) == 1, table
        on_disk = [row[0] for row in run(f"SELECT id FROM {table} ORDER BY ctid")]
        assert on_disk == sorted(on_disk), table


def writers_of(table):
    return run(f"SELECT count(DISTINCT xmin::text) FROM {table}")[0][0]


def test_what_is_left_as_it_is_are_tables_that_there_are(transactional_db):
    found = {row[0] for row in run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert raw_traces.NEVER_HELD_A_WALK - found == set()
    assert {"sightings_receipt", "procrastinate_events"} <= set(raw_traces.wipe())


@pytest.mark.parametrize("database", [{}, {"dbname": "postgres"}], ids=["here", "elsewhere"])
def test_a_transaction_that_stays_open_is_named_and_not_waited_for_without_end(
    transactional_db, monkeypatch, database
):
    monkeypatch.setattr(raw_traces, "_QUIET_PATIENCE_S", 0.5)
    told = connection.get_connection_params()
    other = {name: told[name] for name in ("host", "port", "user", "dbname") if name in told}
    with psycopg.connect(**other | database) as open_one:
        open_one.execute("SELECT 1")
        with pytest.raises(raw_traces.CommandFailure, match="stays open"):
            raw_traces.wipe()
    monkeypatch.undo()
    raw_traces.wipe()


@pytest.mark.parametrize("text", [configuration(is_durable=True), SNIPPET.read_text()])
def test_the_log_of_writes_is_dropped_within_the_hour(text):
    told = dict(re.findall(r"^(\w+) = '?([\w.-]+)'?$", text, re.MULTILINE))
    assert told["archive_timeout"] == "30min"
    assert (told["wal_recycle"], told["track_commit_timestamp"]) == ("off", "off")


@pytest.mark.django_db
def test_a_server_that_keeps_its_log_of_writes_is_unsafe(monkeypatch):
    assert list(doctor_database._log_of_writes()) == []
    monkeypatch.setattr(doctor_database, "_value", lambda _statement, _name: "on")
    (finding,) = doctor_database._log_of_writes()
    assert "wal_recycle=on" in finding.what
    assert "deploy/postgresql/contrechamp.conf" in finding.remedy
