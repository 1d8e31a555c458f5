"""Backups: what is in them, what is not, and that what comes back is the same."""

import hashlib
import os
import tarfile
import uuid
from contextlib import closing
from pathlib import Path

import pyrage
import pytest
from django.core.management import call_command
from django.db import connection
from procrastinate.contrib.django import app

from mapper.errors import CommandFailure
from mapper.intake.models import Bucket, SpentProof
from mapper.moderation.actions import erase_device
from mapper.operations import databases, erasures
from mapper.operations.backup import DECIDED_ONLY, LEFT_OUT, tables_of, write_backup
from mapper.operations.databases import Database
from mapper.operations.restore import restore_backup
from mapper.photos.actions import hide_photo
from mapper.photos.models import Photo
from mapper.sightings.models import Device, Receipt
from tests.factories import SightingFactory, point
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db(transaction=True)

DIGEST = "SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} AS t"
SECRET_WORDS = "rouge comme la porte du douze"


@pytest.fixture
def here():
    """Return the tests' own database, as the backup sees it."""
    told = connection.settings_dict
    return Database(told["HOST"], int(told["PORT"] or 5432), told["USER"], "", told["NAME"])


@pytest.fixture
def elsewhere(here):
    """Return the name of a database that is not there yet, and is gone afterwards."""
    other = here.named(f"{here.name}_back")
    databases.drop(other)
    yield other
    for name in (other.name, f"{other.name}_restoring", f"{other.name}_replaced"):
        databases.drop(here.named(name))


@pytest.fixture
def device(settings, alice):
    """Return a device with a public photo, beside what no backup may hold."""
    photos = settings.MEDIA_ROOT / "photos"
    photos.mkdir(parents=True)
    for name in ("a" * 32 + ".jpg", "b" * 32 + ".jpg"):
        (photos / name).write_bytes(name.encode() * 9)
    (settings.QUARANTINE_ROOT / "photos").mkdir(parents=True)
    (settings.QUARANTINE_ROOT / "photos" / "upload").write_bytes(b"a face")
    made = make_rich_device(name="a" * 32 + ".jpg")
    Photo.objects.update(public_thumbnail_name="b" * 32 + ".jpg")
    undecided = SightingFactory(location=point(), note=SECRET_WORDS)
    Receipt.objects.create(code_key="k" * 64, sighting=undecided)
    Bucket.objects.create(key="b" * 64, hour=1, count=2)
    SpentProof.objects.create(key="c" * 64, hour=1)
    app.configure_task("purge_finished_jobs", allow_unknown=True).defer(timestamp=1)
    yield made
    # Not Django's tables: its flush leaves them.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def save(here, settings, path, *, recipient="", replace=False):
    return write_backup(
        database=here,
        media=settings.MEDIA_ROOT,
        path=path,
        work=settings.DATA_ROOT,
        recipient=recipient,
        replace=replace,
    )


def bring_back(path, database, root, **options):
    options = {"erasures": root / "none", "identity": None, "replace": False} | options
    return restore_backup(path=path, database=database, data_root=root, **options)


def digests(database, *, is_whole):
    """Return a digest of each table; of the whole, or of what a backup takes of it."""
    with closing(database.connect()) as open_connection:
        found = {}
        for table in tables_of(open_connection):
            condition = "true" if is_whole else DECIDED_ONLY.get(table, "true")
            if not is_whole and table in LEFT_OUT:
                condition = "false"
            source = f"(SELECT * FROM {table} WHERE {condition})"
            found[table] = open_connection.execute(DIGEST.format(source)).fetchone()[0]
        return found


def hashes(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def value(database, statement):
    with closing(database.connect()) as open_connection:
        return open_connection.execute(statement).fetchone()[0]


def test_what_comes_back_is_the_same(here, elsewhere, device, settings, tmp_path):
    counts = save(here, settings, tmp_path / "b.tar")
    assert bring_back(tmp_path / "b.tar", elsewhere, tmp_path / "new") == counts
    assert counts["sightings_device"] == 1
    assert counts["photos_photo"] == 1
    assert digests(elsewhere, is_whole=True) == digests(here, is_whole=False)
    assert hashes(tmp_path / "new" / "media") == hashes(settings.MEDIA_ROOT) != {}


def test_a_backup_holds_no_quarantine_no_quota_no_job_no_receipt(
    here, elsewhere, device, settings, tmp_path
):
    save(here, settings, tmp_path / "b.tar")
    bring_back(tmp_path / "b.tar", elsewhere, tmp_path / "new")
    for table in LEFT_OUT:
        assert value(elsewhere, f"SELECT count(*) FROM {table}") == 0, table
    assert value(elsewhere, "SELECT count(*) FROM sightings_sighting WHERE state = 'received'") == 0
    assert value(elsewhere, "SELECT count(*) FROM sightings_sighting") == 1
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["media"]


def test_a_table_is_either_kept_or_left_out_on_purpose(db):
    with closing(connection.cursor()):
        known = set(connection.introspection.table_names())
    assert set(LEFT_OUT) | set(DECIDED_ONLY) <= known


def test_decisions_stay_append_only_after_a_restore(here, elsewhere, device, settings, tmp_path):
    if not value(here, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'contrechamp')"):
        pytest.skip("this cluster has no serving role")
    save(here, settings, tmp_path / "b.tar")
    bring_back(tmp_path / "b.tar", elsewhere, tmp_path / "new")
    asked = "SELECT has_table_privilege('contrechamp', 'moderation_decision', '{}')"
    assert value(elsewhere, asked.format("INSERT"))
    assert not value(elsewhere, asked.format("UPDATE"))


def test_an_encrypted_backup_opens_with_its_key_only(here, elsewhere, device, settings, tmp_path):
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"# made today\n{key}\n")
    (tmp_path / "other").write_text(str(other))
    path = tmp_path / "b.tar.age"
    counts = save(here, settings, path, recipient=str(key.to_public()))
    assert b"manifest.json" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandFailure, match="is encrypted"):
        bring_back(path, elsewhere, tmp_path / "new")
    with pytest.raises(CommandFailure, match="can't be decrypted"):
        bring_back(path, elsewhere, tmp_path / "new", identity=tmp_path / "other")
    assert not databases.exists(elsewhere)
    assert bring_back(path, elsewhere, tmp_path / "new", identity=tmp_path / "key") == counts


@pytest.mark.parametrize("damage", ["cut", "changed", "nonsense", "empty"])
def test_a_damaged_backup_changes_nothing(here, elsewhere, device, settings, tmp_path, damage):
    path = tmp_path / "b.tar"
    save(here, settings, path)
    data = path.read_bytes()
    flipped = data.replace(b".jpg" + b"a" * 32, b".jpg" + b"A" * 32)
    assert flipped != data
    path.write_bytes(
        {"cut": data[: len(data) // 2], "changed": flipped, "nonsense": b"x" * 999, "empty": b""}[
            damage
        ]
    )
    with pytest.raises(CommandFailure, match="not a backup, or not a whole one"):
        bring_back(path, elsewhere, tmp_path / "new")
    assert not databases.exists(elsewhere)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("name", ["../outside", "media/../../outside", "/outside", "other"])
def test_a_backup_that_reaches_outside_its_folder_is_refused(elsewhere, tmp_path, name):
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(CommandFailure, match="it holds"):
        bring_back(path, elsewhere, tmp_path / "new")
    assert not (tmp_path / "outside").exists()


def test_a_backup_with_a_link_is_refused(elsewhere, tmp_path):
    link = tarfile.TarInfo("media/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        tar.addfile(link)
    with pytest.raises(CommandFailure, match="it holds"):
        bring_back(tmp_path / "b.tar", elsewhere, tmp_path / "new")


def test_a_backup_never_replaces_what_it_was_not_told_to(
    here, elsewhere, device, settings, tmp_path
):
    path = tmp_path / "b.tar"
    save(here, settings, path)
    with pytest.raises(CommandFailure, match="is there already"):
        save(here, settings, path)
    save(here, settings, path, replace=True)
    bring_back(path, elsewhere, tmp_path / "new")
    with pytest.raises(CommandFailure, match="holds data"):
        bring_back(path, elsewhere, tmp_path / "new")
    bring_back(path, elsewhere, tmp_path / "new", replace=True)
    assert value(elsewhere, "SELECT count(*) FROM sightings_device") == 1
    assert not databases.exists(elsewhere.named(f"{elsewhere.name}_replaced"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "can't be read: No such file"),
        (lambda path: path.mkdir(), "can't be read: Is a directory"),
        (lambda path: path.write_bytes(b"junk" * 999), "not a backup, or not a whole one"),
        (lambda path: path.write_bytes(b"age-encryption.org/v1\n"), "is encrypted"),
    ],
)
def test_a_full_instance_is_not_given_up_for_what_is_no_backup(
    here, device, settings, tmp_path, make, words
):
    make(tmp_path / "b.tar")
    for replace in (False, True):
        with pytest.raises(CommandFailure, match=words):
            bring_back(tmp_path / "b.tar", here, settings.DATA_ROOT, replace=replace)
    assert Device.objects.get(id=device.id).state == "present"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "key can't be read: No such file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "key holds no age secret key"),
        (lambda path: path.write_text("AGE-SECRET-KEY-1OOPS"), "key holds no age secret key"),
    ],
)
def test_a_key_that_is_none_is_named(elsewhere, tmp_path, make, words):
    (tmp_path / "b.tar").write_bytes(b"age-encryption.org/v1\n")
    make(tmp_path / "key")
    with pytest.raises(CommandFailure, match=words):
        bring_back(tmp_path / "b.tar", elsewhere, tmp_path, identity=tmp_path / "key")


def test_a_restore_takes_out_what_was_erased_since(
    here, elsewhere, device, settings, tmp_path, alice
):
    hidden = make_rich_device(lon=-1.69, name="c" * 32 + ".jpg")
    photo = Photo.objects.get(sighting__claim__device=hidden)
    path, erased = tmp_path / "b.tar", tmp_path / erasures.FILE_NAME
    save(here, settings, path)
    erase_device(device=device, actor=alice, reason="objection")
    hide_photo(photo=photo)
    erasures.write_list(erased)
    assert len(erased.read_text().splitlines()) >= 2
    bring_back(path, elsewhere, tmp_path / "new", erasures=erased)
    state = f"SELECT state FROM sightings_device WHERE id = '{device.id}'"
    assert value(elsewhere, state) == "erased"
    assert (
        value(elsewhere, f"SELECT state FROM photos_photo WHERE id = '{photo.id}'") == "kept_back"
    )
    assert hashes(tmp_path / "new" / "media") == {}


def test_a_photo_that_is_public_again_leaves_the_list(device, tmp_path):
    photo = Photo.objects.get()
    path = tmp_path / erasures.FILE_NAME
    path.write_text(f"photo {photo.id}\nphoto {uuid.uuid4()}\n")
    erasures.write_list(path)
    assert str(photo.id) not in path.read_text()
    assert len(path.read_text().splitlines()) == 1


@pytest.mark.parametrize("option", ["--erasures", "--identity"])
@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, os.mkfifo])
def test_a_named_list_or_key_that_is_no_file_stops_the_restore(tmp_path, option, make):
    """A slip in the name of the list would bring back what was erased."""
    (tmp_path / "b.tar").write_bytes(b"")
    make(tmp_path / "list")
    with pytest.raises(CommandFailure, match="list"):
        call_command("restore", str(tmp_path / "b.tar"), option, str(tmp_path / "list"))


def test_a_list_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "list").write_bytes(b"device \xff\n")
    with pytest.raises(CommandFailure, match="list is no list of erasures"):
        call_command("replay_erasures", str(tmp_path / "list"))


def test_a_list_that_is_none_is_refused_before_anything_changes(device, tmp_path):
    path = tmp_path / "list"
    path.write_text(f"device {device.id}\nplanet mars\n")
    with pytest.raises(CommandFailure, match="planet mars"):
        erasures.replay(path)
    assert Device.objects.get(id=device.id).state == "present"
