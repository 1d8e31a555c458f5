"""Whatever lies in a folder is taken or told of; none of it stops the command or fills memory."""

import errno
import os
import socket
import time
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from geo.position import LonLat
from mapper.intake import ledger
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests import pictures
from tests.mapper.intake.imports import finish, lines_of, run, small_photo, start, walk
from tests.memory import Meter


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "walk"
    made.mkdir()
    (made / "good.jpg").write_bytes(small_photo(0))
    return made


@pytest.mark.django_db
def test_what_is_no_file_is_told_and_never_waited_for(folder, capsys):
    os.mkfifo(folder / "pipe")
    (folder / "nowhere.jpg").symlink_to(folder / "gone")
    (folder / "round").symlink_to(folder)
    (folder / ".hidden").write_bytes(b"x")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "thumb.jpg").write_bytes(small_photo(1))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
    code, _message, out = run(folder, capsys)
    assert code == 1
    for part in (
        "refused: pipe: it is no file",
        "refused: nowhere.jpg: it can't be read: No such file",
        "refused: round: a link to a folder is not followed",
        "refused: socket: it can't be read",
        "Photos: 1 taken, 0 taken before, 4 refused",
        "They made 1 report.",
    ):
        assert part in out


@pytest.mark.django_db
def test_a_name_that_steers_a_terminal_is_spelt_out(folder, capsys):
    (folder / "a\n\x1b[2Jtaken: b.jpg").write_bytes(b"x")
    _code, _message, out = run(folder, capsys)
    assert "refused: a\\n\\x1b[2Jtaken: b.jpg: " in out
    assert len(out.splitlines()) == 3


@pytest.mark.django_db
def test_a_folder_that_can_only_be_read_has_its_report_elsewhere(folder, capsys, tmp_path):
    (tmp_path / "out").mkdir()
    folder.chmod(0o500)
    code, _message, out = run(folder, capsys, report=tmp_path / "out" / "told.jsonl")
    assert code == 0
    assert "told.jsonl" in out
    assert [line["result"] for line in lines_of(tmp_path / "out" / "told.jsonl")] == ["taken"]


@pytest.mark.django_db
def test_a_report_inside_the_folder_is_no_photo(folder, capsys):
    for count in ("1 taken, 0 taken before", "0 taken, 1 taken before"):
        code, _message, out = run(folder, capsys, report=folder / "told.jsonl")
        assert (code, f"Photos: {count}, 0 refused" in out) == (0, True)


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["dear diary\n", '{"type": "FeatureCollection"}\n', "\x89PNG"])
def test_another_file_is_never_written_over_as_a_report(folder, capsys, tmp_path, content):
    other = tmp_path / "other"
    other.write_text(content)
    code, message, _out = run(folder, capsys, report=other)
    assert (code, other.read_text()) == (2, content)
    assert "--report" in message
    assert not Sighting.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ['{"file": "go', '{"begun": "7", "photos": 3}\n', "{\x00\n{{\n"])
def test_a_damaged_line_of_a_report_is_passed_over(folder, capsys, damage):
    run(folder, capsys)
    report_file = folder.parent / "walk.import.jsonl"
    whole = report_file.read_text()
    report_file.write_text(whole + damage)
    code, _message, out = run(folder, capsys)
    assert (code, "0 taken, 1 taken before" in out) == (0, True)
    assert report_file.read_text() == whole


@pytest.mark.django_db
def test_the_same_photo_under_two_names_is_taken_once_and_both_are_told(folder, capsys):
    (folder / "twin.jpg").write_bytes((folder / "good.jpg").read_bytes())
    (folder / "bad_1").write_bytes(b"text")
    (folder / "bad_2").write_bytes(b"text")
    _code, _message, out = run(folder, capsys)
    assert "taken: good.jpg" in out
    assert "taken before: twin.jpg" in out
    assert out.count("not a JPEG") == 2
    *_bad, taken = lines_of(folder.parent / "walk.import.jsonl")
    assert (taken["file"], taken["also"]) == ("good.jpg", ["twin.jpg"])


@pytest.mark.django_db
def test_photos_without_a_position_can_be_given_one(tmp_path, capsys):
    folder = tmp_path / "old"
    folder.mkdir()
    for number in range(3):
        scene = pictures.scene(64, 48)
        scene.putpixel((0, 0), (number, 0, 0))
        photo = pictures.phone_photo(scene, captured=f"2026:05:12 12:00:0{number}")
        (folder / f"{number}.jpg").write_bytes(photo)
    (folder / "own.jpg").write_bytes(small_photo(7))
    assert run(folder, capsys)[0] == 1
    code, _message, out = run(folder, capsys, position=LonLat(2.0, 48.0))
    assert code == 0
    assert "Photos: 3 taken, 1 taken before" in out
    given = Sighting.objects.get(position_source="walker")
    assert (given.location.x, given.location.y, given.photos.count()) == (2.0, 48.0, 3)
    with pytest.raises(Exception, match="200"):
        call_command("import_photos", str(folder), "--position", "200,48")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("full", ["quarantine", "report"])
def test_a_full_disk_ends_it_in_one_line_and_loses_nothing(tmp_path, capsys, monkeypatch, full):
    folder = tmp_path / "walk"
    good = walk(folder, 4)
    write, add, calls = storage.write, ledger.Ledger._add, []

    def fails():
        calls.append(1)
        if len(calls) == 7:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if full == "quarantine":
        monkeypatch.setattr(storage, "write", lambda *a, **k: (fails(), write(*a, **k))[1])
    else:
        monkeypatch.setattr(ledger.Ledger, "_add", lambda *a: (fails(), add(*a))[1])
    code, message, _out = run(folder, capsys)
    assert code in (1, 2)
    assert "No space left on device" in message
    assert "\n" not in message
    monkeypatch.undo()
    code, _message, _out = run(folder, capsys)
    assert (code, Photo.objects.count(), Sighting.objects.count()) == (1, good, good // 2)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.mark.django_db(transaction=True)
def test_a_photo_of_a_spot_that_fails_leaves_the_others_together(tmp_path, capsys):
    """Its head can be read, its pixels can't: that shows only once the report is being made."""
    folder = tmp_path / "walk"
    folder.mkdir()
    for number in range(3):
        data = small_photo(number, spot=0, second=number)
        is_broken = number == 0
        (folder / f"{number}.jpg").write_bytes(data[: len(data) * 3 // 4] if is_broken else data)
    code, _message, out = run(folder, capsys)
    assert code == 1
    assert "refused: 0.jpg: it is damaged" in out
    assert "Photos: 2 taken, 0 taken before, 1 refused" in out
    assert Sighting.objects.get().photos.count() == 2
    assert {path.name for path in storage.quarantine().folder.iterdir()} == {
        name for names in Photo.objects.file_names() for name in names if name
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.trial)], ids=["few", "all"])
def test_hostile_pictures_are_each_refused_with_a_reason(
    shared_data, tmp_path, step, record_property
):
    hostile = sorted((shared_data / "hostile" / "pillow").rglob("*"))
    folder = tmp_path / "hostile"
    folder.mkdir()
    chosen = [path for path in hostile if path.is_file()][::step]
    for number, path in enumerate(chosen):
        (folder / f"{number:04}_{path.name}").symlink_to(path)
    started = time.monotonic()
    code, out, err = finish(start(folder))
    assert code in (0, 1)
    assert "Traceback" not in out + err
    assert len(err.splitlines()) == 1
    told = lines_of(tmp_path / "hostile.import.jsonl")
    counts = Counter(line["result"] for line in told)
    assert all(line["reason"] for line in told if line["result"] == "refused")
    known = sum(line.startswith("taken before: ") for line in out.splitlines())
    assert sum(counts.values()) + known == len(chosen)
    assert set(Photo.objects.values_list("state", flat=True)) <= {"awaiting_review"}
    assert Photo.objects.count() == counts["taken"]
    record_property("files", f"{len(chosen)}: {dict(counts)}")
    record_property("seconds", f"{time.monotonic() - started:.0f}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "count", [10, pytest.param(2_000, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_a_large_folder_takes_little_memory(tmp_path, count, record_property):
    folder = tmp_path / "walk"
    walk(folder, count // 2)
    started = time.monotonic()
    process = start(folder, "--report", str(tmp_path / "told.jsonl"))
    peaks = []
    status = Path(f"/proc/{process.pid}/status")
    with Meter(process.pid) as all_of_it:
        while process.poll() is None:
            peaks.append(_peak_kb(status))
            time.sleep(0.2)
    taken_s = time.monotonic() - started
    assert process.returncode == 1, process.stderr.read()
    process.communicate()
    assert Photo.objects.count() == count
    assert Sighting.objects.count() == count // 2
    assert max(peaks) < 200_000
    record_property("the command itself", f"{max(peaks) / 1000:.0f} MB")
    record_property("with the sandboxes", f"{all_of_it.peak_bytes / 1e6:.0f} MB")
    record_property("photos a second", f"{count / taken_s:.2f}")


def _peak_kb(status):
    try:
        (line,) = [x for x in status.read_text().splitlines() if x.startswith("VmHWM")] or ["x 0"]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(line.split()[1])
