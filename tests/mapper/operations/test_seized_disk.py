"""A whole season at once, then the disk is seized: the raw files, dumps, logs, media, backups."""

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from pathlib import Path

import httpx
import pyrage
import pytest

from mapper.environment import memory_folder
from mapper.intake import receipts, sealing_keys
from mapper.intake.sealing import info_of_photo, info_of_report
from mapper.operations.cluster import OWNER_ROLE, Cluster
from mapper.operations.databases import Database
from mapper.operations.raw_traces import NEVER_HELD_A_WALK
from mapper.photos.models import GATE
from tests.conftest import REPOSITORY
from tests.mapper.operations import seized
from tests.pictures import phone_photo, scene
from tests.sealed import envelope_of

ADDRESS, AGENT = "203.0.113.77", "Walker-Phone-CANARY-AGENT/9.1"
FILE_NAME = "IMG_20250317_142738_CANARYNAME.jpg"
NOTE = "CANARYNOTE behind the school"
ANSWER = "CANARYANSWER the blue door"
CAPTURED = "2025:03:17 14:27:38"
PASSWORD = "a long word for the desk 4711"
LON, LAT = 24.9456781, 60.1723451
# What the server writes down of itself: the worker's minutes, and accounts of staff.
OF_THE_SERVER = {"procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers"}
# The server drops its log of writes twice an hour; nobody waits so long here.
QUICK = "\narchive_timeout = 5s\ncheckpoint_timeout = 30s\n"
LATER = """
import datetime, time_machine
from django.utils import timezone
from mapper.moderation import second_thoughts
from mapper.operations.jobs import purge_jobs
from mapper.photos.actions import purge_photos
with time_machine.travel(timezone.now() + datetime.timedelta(hours=25)):
    second_thoughts.forget_old()
    purge_photos()
    purge_jobs()
"""


class Instance:
    """A running instance behind a proxy of its own, as walkers and staff see it."""

    def __init__(self, root: Path, spool: Path, recipient: str):
        """Make its cluster and start it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.root, self.spool = root, spool
        self.origin = f"http://127.0.0.1:{self.port}"
        self.cluster = Cluster(root)
        self.cluster.start()
        self.cluster.stop()
        with (self.cluster.data / "postgresql.conf").open("a") as settings:
            settings.write(QUICK)
        (root / "demo").write_text("loaded\n")
        others = ("DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEY", "SITE_URL")
        self.environment = {k: v for k, v in os.environ.items() if k not in others} | {
            "DATA_ROOT": str(root),
            "SPOOL_DIR": str(spool),
            "BUCKET_SALT_FILE": str(spool / "salt"),
            "DEMO": "1",
            "TRUSTED_PROXIES": "127.0.0.1",
            "STAFF_PASSWORD": PASSWORD,
            "BACKUP_RECIPIENT": recipient,
        }
        self.output = (root / "log" / "up.log").open("wb")
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=REPOSITORY, env=self.environment, stdout=self.output, stderr=self.output
        )
        headers = {"X-Forwarded-For": ADDRESS, "User-Agent": AGENT}
        self.walker = httpx.Client(base_url=self.origin, headers=headers, timeout=120)
        self.staff = httpx.Client(base_url=self.origin, timeout=120)

    def manage(self, *words: str) -> None:
        """Run a command beside it."""
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=REPOSITORY, env=self.environment, check=True, timeout=300)

    def is_well(self) -> bool:
        assert self.process.poll() is None, "it ended by itself"
        try:
            return self.walker.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, statement: str, *parameters) -> list[tuple]:
        """Ask the database as its owner."""
        with self.cluster.connect(OWNER_ROLE) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        for closable in (self.walker, self.staff, self.output):
            closable.close()

    def files(self, *, of: str = "") -> dict[str, bytes]:
        """Return every file of the instance that a name does not leave out, by its path."""
        folders = {self.root, self.cluster.folder}
        found = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
        held = {}
        for file in found:
            # PostgreSQL removes and renames pieces of its log meanwhile: a renamed one is found
            # under its new name by the next look, and the last look is after the server's end.
            with contextlib.suppress(FileNotFoundError):
                if of in str(file):
                    held[str(file)] = file.read_bytes()
        return held


def until(is_so, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.fixture
def identity():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def instance(tmp_path, settings, identity):
    """Run an empty instance on a cluster of its own."""
    root, spool = tmp_path / "root", Path(tempfile.mkdtemp(dir=memory_folder()))
    root.mkdir(mode=0o700)
    settings.DATA_ROOT = root
    started = Instance(root, spool, str(identity.to_public()))
    try:
        until(started.is_well, within_s=300)
        started.manage("create_staff", "alice", "--role", "moderator")
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()
        shutil.rmtree(started.cluster.folder)
        shutil.rmtree(spool)


class Season:
    """What walkers sent and moderators made of it; `secrets` is what may be nowhere afterwards."""

    def __init__(self, instance: Instance):
        """Begin with nothing."""
        self.on = instance
        self.walker, self.staff = instance.walker, instance.staff
        self.uploads: list[bytes] = []
        self.phone_ids: list[uuid.UUID] = []
        # Places of reports that were not accepted, and of the photos.
        self.places: list[tuple[float, float]] = []
        self.reports: dict[str, str] = {}

    # --- walkers ---------------------------------------------------------------------------------
    def photo(self) -> bytes:
        """Return a photo that no other report has, taken away from where its device stands."""
        number = len(self.uploads)
        place = (LON + 0.01 + number / 997, LAT + 0.01 + number / 991)
        picture = scene(640 + 8 * number, 480)
        made = phone_photo(
            picture, with_everything=True, lon=place[0], lat=place[1], captured=CAPTURED
        )
        self.uploads.append(made)
        return made

    def fields(self, name: str, *, is_accepted: bool) -> dict[str, str]:
        """Return what a report says, each from a place of its own."""
        number = len(self.reports) + 1
        lon, lat = round(LON + number / 983, 7), round(LAT + number / 977, 7)
        if not is_accepted:
            self.places.append((lon, lat))
        return {
            "lon": f"{lon:.7f}",
            "lat": f"{lat:.7f}",
            "kind": "camera",
            "camera_type": "dome",
            "seen_on": "2025-03-17",
            "note": f"{NOTE} {name}",
            "operator": f"CANARYOPERATOR {name}",
            "photo_use": "public",
        }

    def by_form(self, name: str, *, is_accepted: bool) -> list[str]:
        """Send the plain form; return the words of its receipt."""
        files = {"photo": (FILE_NAME, self.photo(), "image/jpeg")}
        said = self.fields(name, is_accepted=is_accepted)
        answer = self.walker.post("/en/report/", data=said, files=files)
        assert answer.status_code == 201, answer.text[:2000]
        self._note(name)
        shown = answer.text.partition('id="code"')[2].partition("</ol>")[0]
        words = re.findall(r"<li[^>]*>([^<]+)</li>", shown)
        assert len(words) == 12
        return words

    def by_api(self, name: str, *, is_accepted: bool) -> list[str]:
        """Send a report and its photo as a program does."""
        report, photo = uuid.uuid4(), uuid.uuid4()
        self.phone_ids += [report, photo]
        said = self.fields(name, is_accepted=is_accepted)
        answer = self.walker.put(f"/api/v1/sightings/{report}", json=said)
        assert answer.status_code == 201, answer.text[:2000]
        headers = {"Receipt-Hash": answer.json()["receipt_hash"], "Content-Type": "image/jpeg"}
        address = f"/api/v1/photos/{photo}?sighting={report}"
        sent = self.walker.put(address, content=self.photo(), headers=headers)
        assert sent.status_code == 201, sent.text
        self._note(name)
        return answer.json()["receipt"]

    def by_phone(self, name: str, *, is_accepted: bool) -> list[str]:
        """Send a report and its photo as the app does: sealed."""
        report, photo = uuid.uuid4(), uuid.uuid4()
        self.phone_ids += [report, photo]
        assert self.walker.get("/api/v1/sealed/key").status_code == 200
        key, code = sealing_keys.current_key(), receipts.new_code()
        own = {"receipt_hash": receipts.hash_of(code), "language": "en"}
        said = self.fields(name, is_accepted=is_accepted) | own
        kind = {"Content-Type": "application/octet-stream"}
        envelope = envelope_of(said, info=info_of_report(report), key=key)
        sent = self.walker.put(f"/api/v1/sealed/sightings/{report}", content=envelope, headers=kind)
        assert sent.status_code == 201, sent.text
        envelope = envelope_of(own, self.photo(), info=info_of_photo(photo, report), key=key)
        address = f"/api/v1/sealed/photos/{photo}?sighting={report}"
        assert self.walker.put(address, content=envelope, headers=kind).status_code == 201
        self._note(name)
        return list(code)

    def receipt(self, words, **said) -> str:
        """Use a receipt."""
        answer = self.walker.post("/en/receipts/", data={"code": " ".join(words)} | said)
        assert answer.status_code == 200, answer.text
        return answer.text

    def _note(self, name: str) -> None:
        known = [uuid.UUID(key) for key in self.reports.values()]
        statement = "SELECT id FROM sightings_sighting WHERE NOT id = ANY(%s)"
        ((found,),) = self.on.ask(statement, known)
        self.reports[name] = str(found)

    # --- staff -----------------------------------------------------------------------------------
    def sign_in(self) -> None:
        """Sign in as Alice does."""
        self._post("/en/staff/login/", username="alice", password=PASSWORD)

    def decide(self, name: str, **said) -> None:
        """Post one of the desk's forms on a report."""
        address = f"/en/moderation/reports/{self.reports[name]}/"
        versions = "SELECT version FROM sightings_sighting WHERE id = %s"
        ((version,),) = self.on.ask(versions, self.reports[name])
        assert "act" in said
        self._post(address, version=str(version), **said)

    def accept(self, name: str) -> None:
        """Accept a report where it says it is, with its photos."""
        statement = "SELECT id FROM photos_photo WHERE sighting_id = %s"
        photos = self.on.ask(statement, self.reports[name])
        gates = {f"gate-{photo}": list(GATE) for (photo,) in photos}
        place = "SELECT ST_X(location), ST_Y(location) FROM sightings_sighting WHERE id = %s"
        ((lon, lat),) = self.on.ask(place, self.reports[name])
        self.decide(
            name, act="accept", device="new", kind="camera", lon=f"{lon:.7f}", lat=f"{lat:.7f}",
            **gates,
        )  # fmt: skip

    def _post(self, address: str, **said) -> None:
        page = self.staff.get(address)
        assert page.status_code == 200, page.text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        headers = {"Origin": self.on.origin, "Referer": self.on.origin + address}
        answer = self.staff.post(
            address, data={"csrfmiddlewaretoken": token} | said, headers=headers
        )
        assert answer.status_code == 302, answer.text[:2000]

    def states(self) -> dict[str, str]:
        """Return what became of each report that is left."""
        found = {
            str(key): state
            for key, state in self.on.ask("SELECT id, state FROM sightings_sighting")
        }
        return {name: found[key] for name, key in self.reports.items() if key in found}

    def are_photos_clean(self) -> bool:
        """Return whether the worker has made all pixel copies."""
        statement = "SELECT count(*) FROM photos_photo WHERE state = 'received'"
        return self.on.ask(statement) == [(0,)]


def live(season: Season) -> None:
    """Let everything happen that happens to reports."""
    season.by_form("accepted", is_accepted=True)
    season.by_api("refused", is_accepted=False)
    season.by_phone("sealed and accepted", is_accepted=True)
    season.by_phone("sealed and refused", is_accepted=False)
    withdrawn = season.by_form("withdrawn", is_accepted=False)
    asked = season.by_form("asked", is_accepted=False)
    # Its place was public until then: the withdrawn device's row keeps it, and answers 410.
    regretted = season.by_api("accepted, then withdrawn", is_accepted=True)
    until(season.are_photos_clean, within_s=120)
    season.sign_in()
    season.receipt(withdrawn, action="withdraw", sure="1")
    season.decide("asked", act="ask", question="which_way")
    season.receipt(asked, action="answer", answer=ANSWER)
    for name in ("accepted", "sealed and accepted", "accepted, then withdrawn"):
        season.accept(name)
    for name in ("refused", "sealed and refused", "asked"):
        season.decide(name, act="refuse", reason="unclear")
    season.receipt(regretted, action="withdraw", sure="1")
    flag(season)


def flag(season: Season) -> None:
    """Flag a public photo; a moderator keeps it."""
    ((photo,),) = season.on.ask(
        "SELECT id FROM photos_photo WHERE sighting_id = %s AND state = 'published'",
        season.reports["accepted"],
    )
    said = {"photo": str(photo), "reason": "person", "words": f"{NOTE} of a reader"}
    assert season.walker.post("/en/notice/", data=said).status_code == 201
    ((notice,),) = season.on.ask("SELECT id FROM moderation_notice")
    address = "/en/moderation/notices/"
    page = season.staff.get(address)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    said = {"csrfmiddlewaretoken": token, "outcome": "kept"}
    headers = {"Origin": season.on.origin}
    kept = season.staff.post(f"{address}{notice}/", data=said, headers=headers)
    assert kept.status_code == 302, kept.text


def secrets_of(season: Season) -> dict[str, set[bytes]]:
    """Return what may be nowhere, in each of its spellings."""
    secrets = {
        "address": seized.address(ADDRESS),
        "user agent": seized.text("CANARY-AGENT"),
        "file name": seized.text("CANARYNAME") | seized.text("20250317_142738"),
        "note": seized.text("CANARYNOTE"),
        "operator": seized.text("CANARYOPERATOR"),
        "answer": seized.text("CANARYANSWER"),
        "time of a photo": seized.text(CAPTURED) | seized.text("2025-03-17"),
        "serial number": seized.text("SN-0123456789-CANARY"),
    }
    for number, key in enumerate(season.phone_ids):
        secrets[f"phone's id {number}"] = seized.phone_id(key)
    for number, upload in enumerate(season.uploads):
        secrets[f"digest of upload {number}"] = seized.digests(upload)
    for number, place in enumerate(season.places):
        secrets[f"place {number}"] = seized.position(*place)
    return secrets


def found_in(files: dict[str, bytes], secrets: dict[str, set[bytes]]) -> list[tuple[str, str]]:
    """Return which secret is in which file."""
    return sorted(
        {
            (name, path)
            for path, data in files.items()
            for name, forms in secrets.items()
            if any(form in data for form in forms)
        }
    )


def dumps(instance: Instance, identity, folder: Path) -> dict[str, bytes]:
    """Return a dump of the whole database, and what is in a backup."""
    owned = Database.of_url(instance.cluster.url(OWNER_ROLE))
    command, environment = owned.program("pg_dump")
    dump = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    assert b"COPY public.sightings_sighting" in dump
    backup = folder / "backup.tar.age"
    instance.manage("backup", str(backup))
    plain = pyrage.decrypt(backup.read_bytes(), [identity])
    found = {"pg_dump": dump, "backup": plain}
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        (folder / "database.dump").write_bytes(tar.extractfile("database.dump").read())
    command, environment = owned.program("pg_restore", "-f", "-", str(folder / "database.dump"))
    found["backup's dump"] = subprocess.run(
        command, env=environment, capture_output=True, check=True
    ).stdout
    assert b"COPY public.sightings_device" in found["backup's dump"]
    return found


def tables_on_disk(instance: Instance) -> dict[str, str]:
    """Return the table that each file of the database belongs to, indexes and texts too."""
    rows = instance.ask(
        "SELECT pg_relation_filepath(part.oid), relation.relname FROM pg_class AS relation"
        " JOIN pg_class AS part ON part.oid IN (relation.oid, relation.reltoastrelid)"
        "  OR part.oid IN (SELECT indexrelid FROM pg_index"
        "   WHERE indrelid IN (relation.oid, relation.reltoastrelid))"
        " WHERE relation.relkind = 'r' AND relation.relnamespace = 'public'::regnamespace"
        " AND pg_relation_filepath(part.oid) IS NOT NULL"
    )
    return {str(instance.cluster.data / path): table for path, table in rows}


@pytest.mark.trial
def test_after_the_decisions_the_disk_holds_nothing_of_who_sent_what_when(
    instance, identity, tmp_path
):
    season = Season(instance)
    begun_s = time.time()
    live(season)
    ended_s = time.time()
    states = season.states()
    assert states.pop("accepted, then withdrawn") == "withdrawn"
    assert sorted(states.values()) == ["accepted"] * 2 + ["refused"] * 3
    secrets = secrets_of(season)
    # The search can find: before the night, the log of writes has most of it.
    names = {name for name, _path in found_in(instance.files(), secrets)}
    assert {"note", "operator", "answer", "time of a photo", "place 0"} <= names
    instance.manage("shell", "-c", LATER)
    instance.manage("worker", "--once")
    # The log of writes turns over: half an hour and a checkpoint, here a minute.
    until(lambda: found_in(instance.files(of="pg_wal"), secrets) == [], within_s=240)
    tables = tables_on_disk(instance)
    assert found_in(dumps(instance, identity, tmp_path), secrets) == []
    instance.stop()
    files = instance.files()
    assert found_in(files, secrets) == []
    dated = {
        (table, path)
        for path, table in tables.items()
        if table not in NEVER_HELD_A_WALK | OF_THE_SERVER
        and seized.moments(files.get(path, b""), begun_s, ended_s)
    }
    assert dated == set()
    # What the server's own jobs left names no photo and no report.
    ids = {name: seized.phone_id(uuid.UUID(key)) for name, key in season.reports.items()}
    own = {path: files[path] for path, table in tables.items() if table in OF_THE_SERVER}
    assert len(own) > 3
    assert found_in(own, ids) == []


def test_the_search_reads_what_postgresql_writes(db):
    """The spellings are those of the server: found in rows on their way out, byte by byte."""
    from django.db import connection

    with connection.cursor() as cursor:
        place = "ST_SetSRID(ST_MakePoint(24.9456781, 60.1723451), 4326)"
        cursor.execute(f"SELECT ST_AsBinary({place}), inet_send('203.0.113.77')")
        binary, inet = (bytes(value) for value in cursor.fetchone())
        cursor.execute("SELECT timestamptz_send('2026-11-26 08:00:00+00')")
        sent = bytes(cursor.fetchone()[0])
    assert any(form in binary for form in seized.position(24.9456781, 60.1723451))
    assert inet[-4:] == bytes((203, 0, 113, 77))
    stored = b"\0" * 16 + sent[::-1] + b"\0" * 8
    (moment,) = seized.moments(stored, 1_795_679_990, 1_795_680_010)
    assert moment == 1_795_680_000
