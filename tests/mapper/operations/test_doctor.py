"""Doctor: one line and a remedy each, and exit code 1 where something is unsafe."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from mapper.operations import doctor_database, doctor_machine
from mapper.operations.cluster_settings import configuration
from mapper.operations.findings import Grade

ROOT = Path(__file__).resolve().parents[3]
SNIPPET = ROOT / "deploy" / "postgresql" / "contrechamp.conf"
OPERATING = ROOT / "docs" / "operating.md"


@contextmanager
def serving():
    """Look as the role that serves."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE contrechamp")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_an_owner_that_serves_is_unsafe_and_the_serving_role_is_not():
    assert any("may UPDATE" in finding.what for finding in doctor_database._append_only())
    with serving():
        assert list(doctor_database._append_only()) == []
        assert list(doctor_database._role()) == []


@pytest.mark.django_db
def test_a_superuser_is_refused_with_the_administrators_line(monkeypatch):
    monkeypatch.setattr(doctor_database, "_value", lambda *words: "postgres")
    (finding,) = doctor_database._role()
    assert finding.grade is Grade.UNSAFE
    assert "\n" not in str(finding)
    assert "psql" in finding.remedy
    assert doctor_database.administrators_line("contrechamp") in finding.remedy
    assert doctor_database.administrators_line("contrechamp") in OPERATING.read_text()


@pytest.mark.parametrize("text", [configuration(is_durable=True), SNIPPET.read_text()])
def test_the_settings_we_ship_are_the_settings_doctor_asks_for(text):
    told = dict(re.findall(r"^(\w+) = '?([\w.-]+)'?$", text, re.MULTILINE))
    for name, quiet in doctor_database.QUIET.items():
        default_is_quiet = name in ("log_min_duration_sample", "log_transaction_sample_rate")
        assert told.get(name, quiet[0] if default_is_quiet else None) in quiet, name


def test_staff_without_a_second_factor_are_counted(alice, settings):
    settings.IS_DEMO = False
    settings.REQUIRE_SECOND_FACTOR = True
    (noted,) = doctor_database._second_factors()
    assert str(noted).startswith("note: 1 of 1 staff accounts have no second factor yet")
    settings.REQUIRE_SECOND_FACTOR = False
    (found,) = doctor_database._second_factors()
    assert str(found).startswith("unsafe: 1 of 1 staff accounts sign in with a password alone")
    settings.IS_DEMO = True
    assert list(doctor_database._second_factors()) == []


@pytest.mark.django_db
def test_a_server_that_plans_for_turning_disks_is_noted():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")
        assert list(doctor_database._planner()) == []
        cursor.execute("SET LOCAL jit = on; SET LOCAL random_page_cost = 4")
    (finding,) = doctor_database._planner()
    assert finding.grade is Grade.NOTE
    assert "jit=on, random_page_cost=4" in finding.what


@pytest.mark.django_db
def test_a_talkative_server_is_unsafe(monkeypatch):
    monkeypatch.setattr(doctor_database, "_value", lambda *words: "default")
    (finding,) = doctor_database._logging()
    assert finding.grade is Grade.UNSAFE
    assert "log_error_verbosity=default" in finding.what
    assert "deploy/postgresql/contrechamp.conf" in finding.remedy


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/dev/shm/spool", "tmpfs"),
        ("/var/tmp/spool", "ext4"),
        ("/run/contrechamp", "tmpfs"),
        ("/runner", "ext4"),
        ("/a folder/x", "xfs"),
    ],
)
def test_the_file_system_of_a_path_is_read_from_the_longest_mount(path, kind):
    mounts = (
        "/dev/vda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n"
        "/dev/vdb /a\\040folder xfs rw 0 0\n"
    )
    assert doctor_machine.filesystem_of(Path(path), mounts) == kind


def test_a_spool_on_a_disk_is_unsafe(settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/proc"
    settings.BUCKET_SALT_FILE = "/dev/shm/salt"
    # Where /dev/shm is no memory either, the salt is a finding of its own.
    unsafe = [found for found in doctor_machine._memory_files() if found.grade is Grade.UNSAFE]
    assert sum("SPOOL_DIR" in finding.what for finding in unsafe) == 1


def test_a_key_that_others_can_read_is_unsafe(settings, tmp_path):
    key = tmp_path / "secret_key"
    key.write_text("k")
    key.chmod(0o644)
    (finding,) = doctor_machine._modes()
    assert finding.remedy == f"chmod 600 {key}"
    key.chmod(0o600)
    assert list(doctor_machine._modes()) == []


def test_a_process_that_may_dump_its_memory_is_found(tmp_path):
    for number, command, limit in (("7", b"python\0manage.py\0worker\0", "unlimited"),):
        folder = tmp_path / number
        folder.mkdir()
        (folder / "cmdline").write_bytes(command)
        (folder / "limits").write_text(f"Max core file size        {limit}      {limit}  bytes\n")
    (tmp_path / "self").mkdir()
    assert list(doctor_machine.running_core_limits(tmp_path)) == [("7", "unlimited")]


def test_messages_that_are_not_compiled_are_missing(settings, tmp_path):
    messages = tmp_path / "fr" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    (messages / "django.po").write_text("")
    settings.LOCALE_PATHS = [tmp_path]
    assert any("messages of fr" in finding.what for finding in doctor_machine._built())
    (messages / "django.mo").write_text("")
    assert not any("messages of fr" in finding.what for finding in doctor_machine._built())


@pytest.mark.django_db
def test_the_command_says_one_line_each_and_fails_where_something_is_unsafe(capsys, settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/proc"
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(re.match(r"(unsafe|missing|note): .+ -> .+", line) for line in lines)
