"""A photo goes its way, loses what it said of the walk, and leaves no file behind."""

import datetime
import os
import stat

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from geo.position import LonLat
from mapper.errors import BadInput, Conflict, Forbidden
from mapper.photos import actions, storage
from mapper.photos.models import GATE, Photo
from mapper.photos.reading import PhotoFacts, PhotoRefusedError, facts_from, read_photo
from mapper.sightings.models import Sighting
from tests import pictures

pytestmark = pytest.mark.django_db

FACTS = PhotoFacts(
    position=LonLat(2.35, 48.85),
    direction_deg=12.5,
    direction_reference="true",
    captured_local="2026-05-12T18:40:03",
    removable=("position", "model"),
)


@pytest.fixture
def sighting():
    return Sighting.objects.create(arrived_at=timezone.now())


def received(sighting, data=None, **facts):
    name = actions.keep_upload(data=data or pictures.phone_photo())
    options = {"may_be_public": True, "facts": FACTS} | facts
    return actions.receive_photo(sighting=sighting, upload_name=name, **options)


def cleaned(sighting, **facts):
    return actions.clean_photo(photo_id=received(sighting, **facts).id)


def kept(photo):
    return {photo.pixel_name, photo.covered_name, photo.covered_thumbnail_name}


def files():
    folders = (storage.quarantine().folder, storage.media().folder)
    return [path for folder in folders if folder.is_dir() for path in folder.iterdir()]


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_files_have_names_and_times_that_say_nothing(sighting, on_commit):
    with on_commit():
        photo = received(sighting)
        (path,) = files()
        assert path.name == photo.upload_name
        assert path.parent == storage.quarantine().folder
        photo = actions.clean_photo(photo_id=photo.id)
        actions.publish_photo(photo=photo, gate=GATE)
    assert len(files()) == 5
    for path in files():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        fixed = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC).timestamp()
        assert path.stat().st_mtime == fixed
        assert len(path.stem) == 32


def test_receiving_asks_for_cleaning_by_public_id_alone(sighting):
    photo = received(sighting)
    job = ProcrastinateJob.objects.get(task_name="photos.clean")
    assert job.args == {"photo": str(photo.id)}


def test_cleaning_replaces_the_upload_by_a_pixel_copy(sighting, on_commit):
    with on_commit():
        photo = cleaned(sighting)
    assert photo.state == "awaiting_review"
    assert (photo.width_px, photo.height_px) == (640, 480)
    assert photo.upload_name == ""
    assert {path.name for path in files()} == kept(photo)


def test_cleaning_twice_changes_nothing(sighting, on_commit):
    with on_commit():
        photo = cleaned(sighting)
        assert actions.clean_photo(photo_id=photo.id) is None
    assert len(files()) == 3


def test_a_crash_before_the_row_is_written_leaves_only_what_the_sweep_takes(
    sighting, on_commit, monkeypatch
):
    photo = received(sighting)
    with monkeypatch.context() as patch:
        patch.setattr(Photo, "save", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            actions.clean_photo(photo_id=photo.id)
    assert len(files()) == 2
    with on_commit():
        photo = actions.clean_photo(photo_id=photo.id)
    assert photo.state == "awaiting_review"
    actions.sweep_photo_files(age_s=-60)
    assert {path.name for path in files()} == kept(photo)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"not a picture", "not_a_picture"), (pictures.phone_photo()[:3000], "broken")],
)
def test_what_cannot_be_cleaned_fails_with_its_reason_and_keeps_nothing(
    sighting, on_commit, data, reason
):
    with on_commit():
        photo = cleaned(sighting, data=data)
    assert (photo.state, photo.failure) == ("failed", reason)
    assert photo.exif_location is None
    assert files() == []


def test_what_the_sandbox_says_is_not_believed_unseen(sighting, monkeypatch, on_commit):
    from mapper import sandbox

    dirty = pictures.phone_photo()
    answer = sandbox.SandboxAnswer(values={"width_px": 1, "height_px": 1}, parts=(dirty, dirty))
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: answer)
    with on_commit():
        photo = cleaned(sighting)
    assert (photo.state, photo.failure) == ("failed", "not_clean")
    assert files() == []


def test_publishing_needs_the_whole_gate(sighting):
    photo = cleaned(sighting)
    with pytest.raises(BadInput, match="children"):
        actions.publish_photo(photo=photo, gate=set(GATE) - {"children"})
    photo.refresh_from_db()
    assert photo.state == "awaiting_review"
    assert not storage.media().folder.exists()


def test_publishing_needs_the_walkers_leave(sighting):
    photo = cleaned(sighting, may_be_public=False)
    with pytest.raises(Forbidden):
        actions.publish_photo(photo=photo, gate=GATE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(id=photo.id).update(
            state="published", public_name="x", exif_location=None, captured_local="", gate=GATE
        )


def test_publishing_copies_the_pixels_under_another_name(sighting, on_commit):
    with on_commit():
        photo = cleaned(sighting)
        photo = actions.publish_photo(photo=photo, gate=GATE)
    assert photo.public_name not in kept(photo)
    public = storage.read(storage.media(), photo.public_name)
    assert public == storage.read(storage.quarantine(), photo.covered_name)
    assert photo.exif_location is None
    assert photo.captured_local == ""


def test_a_hidden_photo_leaves_no_public_file_and_can_come_back(sighting, on_commit):
    with on_commit():
        photo = actions.publish_photo(photo=cleaned(sighting), gate=GATE)
    with on_commit():
        hidden = actions.hide_photo(photo=photo)
    assert hidden.state == "kept_back"
    assert list(storage.media().folder.iterdir()) == []
    with pytest.raises(Conflict):
        actions.hide_photo(photo=photo)
    assert actions.publish_photo(photo=hidden, gate=GATE).state == "published"


def test_deleting_leaves_no_file(sighting, on_commit):
    with on_commit():
        photo = actions.publish_photo(photo=cleaned(sighting), gate=GATE)
    with on_commit():
        actions.delete_photo(photo=photo)
    photo.refresh_from_db()
    assert (photo.state, photo.public_name, files()) == ("deleted", "", [])
    with pytest.raises(Conflict):
        actions.publish_photo(photo=photo, gate=GATE)


def test_deleting_the_photos_of_a_report_leaves_no_row_and_no_file(sighting, on_commit):
    with on_commit():
        cleaned(sighting)
        received(sighting)
    with on_commit():
        assert actions.delete_photos_of(sighting=sighting) == 2
    assert not Photo.objects.exists()
    assert files() == []


def test_settling_erases_the_walk_and_gives_the_copy_at_most_a_day(sighting):
    photo = cleaned(sighting)
    actions.settle_photos(sighting=sighting)
    photo.refresh_from_db()
    assert photo.exif_location is photo.arrived_at is photo.exif_direction_deg is None
    assert (photo.captured_local, photo.body_key, photo.phone_key) == ("", "", None)
    left = photo.pixel_copy_expires_at - timezone.now()
    assert datetime.timedelta(hours=11) < left <= datetime.timedelta(hours=24)
    assert photo.removed == ["position", "model"]


def test_settling_never_lengthens_a_life(sighting):
    photo = cleaned(sighting)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=6, hours=23)):
        actions.settle_photos(sighting=sighting)
        photo.refresh_from_db()
        assert photo.pixel_copy_expires_at - timezone.now() <= datetime.timedelta(hours=1)


def test_a_photo_decided_on_before_its_cleaning_is_still_cleaned(sighting, on_commit):
    photo = received(sighting)
    actions.settle_photos(sighting=sighting)
    with on_commit():
        assert actions.clean_stuck_photos() == 1
    photo.refresh_from_db()
    assert photo.state == "awaiting_review"
    assert photo.pixel_copy_expires_at - timezone.now() <= datetime.timedelta(hours=24)


def test_a_photo_whose_job_was_lost_is_cleaned_all_the_same(sighting, on_commit):
    photo = received(sighting)
    with on_commit(), time_machine.travel(timezone.now() + datetime.timedelta(minutes=10)):
        actions.clean_stuck_photos()
    photo.refresh_from_db()
    assert (photo.state, photo.upload_name) == ("received", "")
    assert ProcrastinateJob.objects.filter(task_name="photos.search").count() == 1
    with on_commit(), time_machine.travel(timezone.now() + datetime.timedelta(hours=2)):
        assert actions.clean_stuck_photos() == 1
    photo.refresh_from_db()
    assert photo.state == "awaiting_review"


def test_the_sweep_takes_only_what_no_row_names(sighting):
    photo = received(sighting)
    orphan = actions.keep_upload(data=b"left behind")
    half = storage.quarantine().folder / "0.partial"
    half.write_bytes(b"half")
    assert actions.sweep_photo_files(age_s=600) == 0
    assert actions.sweep_photo_files(age_s=-60) == 2
    assert [path.name for path in files()] == [photo.upload_name]
    assert storage.read(storage.quarantine(), orphan) is None


def test_a_new_name_gives_an_upload_no_longer_life():
    name = storage.take(actions.keep_upload(data=b"x"))
    long_ago = timezone.now().timestamp() - 601
    os.utime(storage.quarantine().folder / name, (long_ago, long_ago))
    assert storage.take(name)
    assert actions.sweep_photo_files(age_s=600) == 1


def test_an_upload_is_taken_by_one_alone():
    name = actions.keep_upload(data=b"once")
    taken = storage.take(name)
    assert storage.read(storage.quarantine(), taken) == b"once"
    assert storage.take(name) is None
    assert storage.take("../../secret_key") is None
    assert storage.read(storage.quarantine(), "../secret_key") is None


def test_a_file_is_written_whole_or_not_at_all(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        actions.keep_upload(data=b"x")
    assert files() == []


def test_a_photo_tells_where_when_and_which_way():
    data = pictures.phone_photo(
        with_everything=True, lon=2.294481, lat=48.858370, direction_deg=123.45, accuracy_m=4
    )
    facts = read_photo(data)
    assert facts.position.lon == pytest.approx(2.294481, abs=1e-6)
    assert facts.position.lat == pytest.approx(48.858370, abs=1e-6)
    assert (facts.direction_deg, facts.direction_reference) == (123.45, "true")
    assert (facts.accuracy_m, facts.captured_local) == (4, "2026-05-12T18:40:03")
    assert facts.captured_offset == "+02:00"
    assert {"position", "model", "serial_number", "comment", "xmp"} <= set(facts.removable)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "not_a_picture"), (pictures.saved(pictures.scene(), "GIF"), "not_a_picture")],
)
def test_what_is_no_picture_is_refused_when_read(data, reason):
    with pytest.raises(PhotoRefusedError) as caught:
        read_photo(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"position": [200, 3], "direction_deg": 1e9, "removable": 7},
        {"position": [0, 0], "direction_deg": "x", "removable": [[], "walk"]},
        {"position": "x", "direction_deg": True, "captured_local": "<b>", "captured_offset": 3},
        {"direction_deg": float("nan"), "direction_reference": "to the left"},
    ],
)
def test_an_answer_of_a_taken_over_sandbox_says_nothing(values):
    assert facts_from(values) == PhotoFacts()
