"""An import that is killed, stopped or started again takes each photo once and loses none."""

import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from mapper.errors import CommandFailure
from mapper.photos.actions import purge_photos
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests.mapper.intake.imports import (
    files,
    finish,
    lines_of,
    named_files,
    small_photo,
    start,
    state,
    walk,
)

pytestmark = pytest.mark.django_db(transaction=True)
SPOTS = 8


@pytest.fixture(autouse=True)
def _no_jobs():
    """Clear what Django's flush leaves: these tables are not its own."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def assert_whole(folder, good):
    """Each good photo is in one report with the other of its spot; the report file says all."""
    places = Counter(Photo.objects.values_list("exif_accuracy_m", flat=True))
    assert len(places) == good
    assert set(places.values()) == {1}
    assert set(Photo.objects.values_list("state", flat=True)) == {"awaiting_review"}
    assert Sighting.objects.count() == good // 2
    assert Counter(Photo.objects.values_list("sighting", flat=True)).most_common(1)[0][1] == 2
    lines = lines_of(folder.parent / f"{folder.name}.import.jsonl")
    told = [line["file"] for line in lines] + [n for line in lines for n in line.get("also", [])]
    lying = [str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()]
    assert sorted(told) == sorted(lying)
    assert Counter(line["result"] for line in lines) == {"taken": good, "refused": 3}
    assert all(line["reason"] for line in lines if line["result"] == "refused")


def assert_no_orphan():
    """What a killed run left is gone ten minutes later, as after any other crash."""
    assert named_files() <= files()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        purge_photos()
    assert files() == named_files()


@pytest.mark.parametrize(
    "instants", [2, pytest.param(200, marks=pytest.mark.trial)], ids=["few", "all"]
)
def test_killed_at_any_instant_it_goes_on_and_takes_nothing_twice(
    tmp_path, instants, record_property
):
    chance = random.Random(instants)
    begun = time.monotonic()
    good = walk(tmp_path / "walk", SPOTS)
    assert finish(start(tmp_path / "walk"))[0] == 1
    whole_s = time.monotonic() - begun
    kills = runs = orphans = 0
    while kills < instants:
        Sighting.objects.all().delete()
        of_the_last = files()
        folder = tmp_path / f"walk{kills}"
        walk(folder, SPOTS)
        # Killed up to three times in a row, then left in peace.
        for _ in range(min(3, instants - kills)):
            process = start(folder)
            time.sleep(chance.uniform(0.2, 1) * whole_s)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
        code, out, err = finish(start(folder))
        assert code == 1, err
        assert "Traceback" not in err + out
        assert_whole(folder, good)
        orphans += len(files() - named_files() - of_the_last)
        assert_no_orphan()
        runs += 1
    record_property("kills", f"{kills} in {runs} imports of {good} photos")
    record_property("left for the sweep", f"{orphans} files")


def test_ten_runs_over_the_same_folder_change_nothing(tmp_path, capsys):
    folder = tmp_path / "walk"
    good = walk(folder, 3)
    assert finish(start(folder))[0] == 1
    report_file = tmp_path / "walk.import.jsonl"
    before, told = state(), report_file.read_bytes()
    written = report_file.stat().st_mtime_ns
    for _ in range(9):
        with pytest.raises(CommandFailure, match="3 of 10 files") as ended:
            call_command("import_photos", str(folder))
        assert ended.value.returncode == 1
        said = f"Photos: 0 taken, {good + 1} taken before, 3 refused"
        assert said in capsys.readouterr().out
    assert state() == before
    assert report_file.read_bytes() == told
    assert_whole(folder, good)
    # Not even by the last of them for the refused ones.
    assert report_file.stat().st_mtime_ns == written


def test_a_folder_that_grew_gives_its_new_photos_only(tmp_path):
    folder = tmp_path / "walk"
    walk(folder, 2)
    finish(start(folder))
    (folder / "new.jpg").write_bytes(small_photo(9, spot=9))
    (folder / "0000_0.jpg").rename(folder / "renamed.jpg")
    _code, out, _err = finish(start(folder))
    assert "taken: new.jpg" in out
    assert "taken before: renamed.jpg" in out
    assert "Photos: 1 taken, 5 taken before" in out
    assert Sighting.objects.count() == 3


def test_two_at_once_are_one_too_many(tmp_path):
    folder = tmp_path / "walk"
    good = walk(folder, 4)
    first = start(folder)
    second = start(folder)
    ends = sorted([finish(first), finish(second)])
    # Whichever came first; a slow second may find the first at its end already.
    assert ends[0][0] == 1
    assert ends[1][0] in (1, 2)
    if ends[1][0] == 2:
        assert "in the hands of another import" in ends[1][2]
        assert ends[1][2].count("\n") == 1
    assert_whole(folder, good)


def test_ctrl_c_ends_it_in_one_line_and_the_next_run_goes_on(tmp_path):
    folder = tmp_path / "walk"
    good = walk(folder, SPOTS)
    process = start(folder)
    report_file = tmp_path / "walk.import.jsonl"
    for _ in range(600):
        if report_file.exists() and "taken" in report_file.read_text():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    code, _out, err = finish(process)
    assert (code, err) == (130, "contrechamp: stopped\n")
    finish(start(folder))
    assert_whole(folder, good)
    assert_no_orphan()
