"""A folder of photos is taken or refused file by file, and never twice."""

import csv
import json
import os

import pytest

from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Receipt, Sighting
from tests import pictures
from tests.factories import ExcludedAreaFactory
from tests.mapper.intake.imports import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "walk"
    (made / "deeper").mkdir(parents=True)
    (made / "good.jpg").write_bytes(pictures.phone_photo(lon=2.35, lat=48.85))
    (made / "deeper" / "GOOD.png").write_bytes(pictures.phone_photo(lon=2.36, lat=48.86))
    return made


def test_each_photo_becomes_a_report_without_a_receipt(folder, capsys):
    code, _, out = run(folder, capsys)
    lines = out.splitlines()
    assert code == 0
    assert lines[:2] == ["taken: deeper/GOOD.png", "taken: good.jpg"]
    assert lines[2].startswith("Photos: 2 taken, 0 taken before, 0 refused")
    assert Sighting.objects.count() == Photo.objects.count() == 2
    assert not Receipt.objects.exists()
    assert set(Sighting.objects.values_list("seen_how", "photo_use", "state")) == {
        ("", "moderators", "received")
    }


def test_originals_are_gone_when_the_command_ends(
    folder, capsys, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        run(folder, capsys)
    assert set(Photo.objects.values_list("state", flat=True)) == {"awaiting_review"}
    assert {path.suffix for path in storage.quarantine().folder.iterdir()} == {".jpg"}


def test_redacted_photos_are_not_searched_for_faces(folder, capsys, settings):
    settings.REDACTION_THREADS = 1
    assert run(folder, capsys, redacted=True)[0] == 0
    assert set(Photo.objects.values_list("state", "is_searched")) == {("awaiting_review", False)}
    (folder / "other.jpg").write_bytes(pictures.phone_photo(lon=2.37, lat=48.85))
    assert run(folder, capsys)[0] == 0
    assert Photo.objects.filter(is_searched=True).count() == 1


def test_a_second_run_changes_nothing(folder, capsys):
    run(folder, capsys)
    (folder / "again.jpg").write_bytes((folder / "good.jpg").read_bytes())
    code, _, out = run(folder, capsys)
    lines = out.splitlines()
    assert code == 0
    assert lines[-1].startswith("Photos: 0 taken, 3 taken before, 0 refused")
    assert Sighting.objects.count() == 2


def test_every_refusal_has_its_reason(folder, capsys, settings, tmp_path):
    settings.MAX_PHOTO_BYTES = 1_000_000
    ExcludedAreaFactory()
    files = {
        "a_text.txt": (b"hello", "not a JPEG"),
        "b_no_place.jpg": (pictures.phone_photo(), "no position"),
        "c_large.jpg": (bytes(1_000_001), "20 MB"),
        "d_cut.jpg": (pictures.phone_photo(lon=2.0, lat=48.0)[:9000], "damaged"),
        "e_blurred.jpg": (pictures.phone_photo(lon=2.0, lat=48.0, accuracy_m=500), "500 m"),
        "f_excluded.jpg": (pictures.phone_photo(lon=-1.695, lat=48.125), "Nothing is taken"),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    code, message, out = run(folder, capsys)
    lines = out.splitlines()
    assert code == 1
    assert "6 of 8" in message
    for name, (_, part) in files.items():
        (line,) = [line for line in lines if name in line]
        assert line.startswith("refused: ")
        assert part in line
    assert Sighting.objects.count() == 2
    told = [json.loads(line) for line in (tmp_path / "walk.import.jsonl").read_text().splitlines()]
    assert [entry["result"] for entry in told].count("refused") == 6


def test_a_name_that_is_no_utf8_is_told_and_its_photo_known_again(folder, capsys):
    odd = os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")
    (folder / "good.jpg").rename(odd)
    code, _, out = run(folder, capsys)
    lines = out.splitlines()
    assert code == 0
    assert "taken: caf\\xe9.jpg" in lines
    run(folder, capsys)
    assert Sighting.objects.count() == 2


def test_a_pipe_is_no_file_to_report_to(folder, capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    code, message, _ = run(folder, capsys, report=tmp_path / "pipe")
    assert (code, Sighting.objects.count()) == (2, 0)
    assert "--report" in message


@pytest.mark.parametrize("name", ["nothing_there", "empty", "file"])
def test_what_is_no_folder_of_photos_ends_with_2(tmp_path, capsys, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    code, message, _ = run(tmp_path / name, capsys)
    assert code == 2
    assert name in message
    assert "\n" not in message


def test_real_photos_are_taken_or_refused_with_a_reason(shared_data, capsys, tmp_path):
    with (shared_data / "photos" / "ground_truth_exif-py.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: not row["lat"])[:55]
    folder = tmp_path / "real"
    folder.mkdir()
    for number, row in enumerate(rows):
        (folder / f"{number:03}").symlink_to(shared_data / "photos" / row["path"])
    code, _, out = run(folder, capsys)
    lines = out.splitlines()
    told = [json.loads(line) for line in (tmp_path / "real.import.jsonl").read_text().splitlines()]
    assert code == 1
    assert len(told) + sum(line.startswith("taken before") for line in lines) == 55
    assert all(entry["result"] == "taken" or entry["reason"] for entry in told)
    taken = [rows[int(entry["file"])] for entry in told if entry["result"] == "taken"]
    assert len(taken) >= 10
    places = {(round(s.location.x, 4), round(s.location.y, 4)) for s in Sighting.objects.all()}
    assert places == {(round(float(row["lon"]), 4), round(float(row["lat"]), 4)) for row in taken}


def test_an_empty_name_is_not_the_current_folder(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    code, message, out = run("", capsys)
    lines = out.splitlines()
    assert (code, lines) == (2, [])
    assert message == "The folder's name is empty; write . for the current folder."
    assert not Sighting.objects.exists()
