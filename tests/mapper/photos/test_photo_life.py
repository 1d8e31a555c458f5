"""With a frozen clock: at ten minutes, 24 hours, 7 and 30 days exactly the right things remain."""

import datetime
import io
import os

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from PIL import Image

from geo.position import LonLat
from mapper import sandbox
from mapper.errors import BadInput, Conflict
from mapper.intake.following import standing_of
from mapper.photos import actions, cleaning, covering, storage
from mapper.photos.boxes import Box, Redaction
from mapper.photos.models import GATE, Photo
from mapper.photos.reading import PhotoFacts
from mapper.sightings.models import Sighting
from tests import pictures
from tests.factories import ReceiptFactory
from tests.mapper.photos.faces import street_with_a_face

pytestmark = pytest.mark.django_db

FACTS = PhotoFacts(
    position=LonLat(2.35, 48.85),
    direction_deg=12.5,
    captured_local="2026-05-12T18:40:03",
    removable=("position", "make"),
)
MINUTES, HOURS, DAYS = (
    datetime.timedelta(minutes=1), datetime.timedelta(hours=1), datetime.timedelta(days=1)
)  # fmt: skip
SIGN = Box(64, 64, 128, 128)


@pytest.fixture
def sighting():
    return Sighting.objects.create(arrived_at=timezone.now())


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def later(on_commit):
    """Return a function that lets time pass and does what is due then."""

    def pass_time(by):
        with on_commit(), time_machine.travel(timezone.now() + by):
            actions.purge_photos()

    return pass_time


def received(sighting, data=None):
    name = actions.keep_upload(data=data or pictures.phone_photo())
    return actions.receive_photo(
        sighting=sighting, upload_name=name, may_be_public=True, facts=FACTS
    )


def cleaned(sighting, data=None):
    return actions.clean_photo(photo_id=received(sighting, data).id)


def fresh(photo):
    photo.refresh_from_db()
    return photo


def named(photo):
    names = (photo.upload_name, photo.search_name, photo.pixel_name, photo.covered_name)
    return {name for name in (*names, photo.covered_thumbnail_name) if name}


def files(folder):
    place = folder().folder
    return {path.name for path in place.iterdir()} if place.is_dir() else set()


def test_the_upload_is_gone_before_the_photo_is_searched(sighting, on_commit, settings):
    settings.SEARCH_LONG_SIDE_PX = 600
    settings.PHOTO_LONG_SIDE_PX = 400
    with on_commit():
        photo = actions.copy_photo(photo_id=received(sighting).id)
    assert (photo.state, photo.upload_name) == ("received", "")
    assert files(storage.quarantine) == {photo.pixel_name, photo.search_name}
    with on_commit():
        photo = actions.search_photo(photo_id=photo.id)
    assert photo.state == "awaiting_review"
    assert files(storage.quarantine) == named(photo)
    assert photo.search_name == ""


def test_what_is_not_searched_is_ready_with_its_copies(sighting, on_commit, monkeypatch, settings):
    tasks = []
    call = sandbox.call
    monkeypatch.setattr(
        sandbox, "call", lambda task, data, **how: tasks.append(task) or call(task, data, **how)
    )
    with on_commit():
        photo = actions.copy_photo(photo_id=received(sighting).id, is_searched=False)
    assert tasks == ["mapper.photos.pixels:clean"]
    assert (photo.state, photo.is_searched, photo.boxes) == ("awaiting_review", False, [])
    assert files(storage.quarantine) == named(photo)
    assert len(named(photo)) == 3
    data = [storage.read(storage.quarantine(), n) for n in (photo.pixel_name, photo.covered_name)]
    assert data[0] == data[1]
    thumbnail = storage.read(storage.quarantine(), photo.covered_thumbnail_name)
    assert max(Image.open(io.BytesIO(thumbnail)).size) == settings.THUMBNAIL_LONG_SIDE_PX


def test_an_upload_without_a_row_is_dead_after_ten_minutes(sighting, later):
    name = actions.keep_upload(data=b"nobody's")
    long_ago = timezone.now().timestamp() - 600
    os.utime(storage.quarantine().folder / name, (long_ago, long_ago))
    later(0 * MINUTES)
    assert files(storage.quarantine) == set()


def test_a_face_is_covered_before_anybody_looks(sighting, on_commit):
    data, face = street_with_a_face(height_px=90)
    with on_commit():
        photo = cleaned(sighting, data)
    assert photo.is_searched
    (box,) = photo.boxes
    assert box["by"] == "automatic"
    assert box["left"] < face[0] < face[2] < box["right"]
    assert box["top"] < face[1] < face[3] < box["bottom"]


@pytest.mark.parametrize("trouble", [sandbox.SandboxCrash("x"), sandbox.SandboxTimeout("x")])
def test_a_search_that_breaks_costs_the_boxes_and_not_the_photo(
    sighting, on_commit, monkeypatch, trouble
):
    really = sandbox.call

    def call(task, data, **options):
        if task.startswith("mapper.photos.faces"):
            raise trouble
        return really(task, data, **options)

    monkeypatch.setattr(sandbox, "call", call)
    with on_commit():
        photo = cleaned(sighting)
    assert (photo.state, photo.boxes, photo.is_searched) == ("awaiting_review", [], False)
    assert photo.covered_name


@pytest.mark.parametrize(
    "faces",
    [None, 3, [3], [["a", 0, 1, 1]], [[0, 0, 2, 1]], [[0.5, 0, 0.4, 1]], [[0, 0, 1]],
     [[float("nan"), 0, 1, 1]]],
)  # fmt: skip
def test_what_a_taken_over_search_says_is_not_believed(sighting, monkeypatch, faces):
    really = sandbox.call

    def call(task, data, **options):
        if task.startswith("mapper.photos.faces"):
            return sandbox.SandboxAnswer(values={"faces": faces})
        return really(task, data, **options)

    monkeypatch.setattr(sandbox, "call", call)
    photo = cleaned(sighting)
    assert (photo.state, photo.is_searched, photo.boxes) == ("awaiting_review", False, [])


def test_an_operator_may_leave_the_boxes_to_the_moderators(sighting, settings):
    settings.REDACTION_THREADS = 0
    data, _face = street_with_a_face(height_px=90)
    photo = cleaned(sighting, data)
    assert (photo.state, photo.is_searched, photo.boxes) == ("awaiting_review", False, [])


def test_a_decided_photo_keeps_its_pixels_for_a_day_and_then_only_the_public_copy(
    sighting, on_commit, later
):
    with on_commit():
        photo = actions.publish_photo(photo=cleaned(sighting), gate=GATE)
        actions.settle_photos(sighting=sighting)
    later(11 * HOURS)
    assert files(storage.quarantine) == named(fresh(photo))
    assert photo.pixel_name
    later(24 * HOURS)
    assert files(storage.quarantine) == set()
    assert (fresh(photo).boxes, photo.crop, photo.pixel_copy_expires_at) == ([], None, None)
    assert files(storage.media) == {photo.public_name, photo.public_thumbnail_name}


def test_after_seven_days_only_the_covered_copy_waits_on(sighting, on_commit, later):
    with on_commit():
        photo = cleaned(sighting)
        actions.redact_photo(photo=photo, redaction=Redaction((SIGN,)))
    later(7 * DAYS - MINUTES)
    assert fresh(photo).pixel_name
    later(7 * DAYS + MINUTES)
    assert fresh(photo).state == "awaiting_review"
    assert (photo.pixel_name, photo.boxes) == ("", [])
    assert photo.exif_location is not None
    assert files(storage.quarantine) == {photo.covered_name, photo.covered_thumbnail_name}
    assert darkness(storage.quarantine, photo.covered_name, SIGN)


def test_in_a_covered_copy_boxes_can_be_added_and_none_removed(sighting, on_commit, later):
    with on_commit():
        photo = cleaned(sighting)
        actions.redact_photo(photo=photo, redaction=Redaction((SIGN,)))
    later(7 * DAYS + MINUTES)
    with on_commit():
        other = Box(320, 320, 384, 384)
        photo = actions.publish_photo(photo=photo, gate=GATE, redaction=Redaction((other,)))
        actions.settle_photos(sighting=sighting)
    assert darkness(storage.media, photo.public_name, SIGN)
    assert darkness(storage.media, photo.public_name, other)
    later(8 * DAYS)
    assert files(storage.quarantine) == set()


def test_what_nobody_searched_or_covered_does_not_outlive_its_seven_days(
    sighting, on_commit, later, settings
):
    settings.REDACTION_THREADS = 0
    with on_commit():
        photo = cleaned(sighting)
    later(7 * DAYS + MINUTES)
    assert (fresh(photo).state, files(storage.quarantine)) == ("kept_back", set())


def test_after_thirty_days_an_undecided_photo_is_gone_and_its_receipt_says_why(
    sighting, on_commit, later
):
    receipt = ReceiptFactory(sighting=sighting)
    with on_commit():
        photo = cleaned(sighting)
        Photo.objects.update(exif_accuracy_m=4, captured_offset="+02:00")
    later(7 * DAYS + MINUTES)
    later(30 * DAYS - MINUTES)
    assert fresh(photo).covered_name
    later(30 * DAYS + MINUTES)
    fresh(photo)
    assert files(storage.quarantine) == files(storage.media) == set()
    assert photo.exif_location is photo.exif_direction_deg is photo.arrived_at is None
    assert photo.exif_accuracy_m is None
    assert (photo.captured_local, photo.captured_offset, photo.removed) == ("", "", [])
    sighting.refresh_from_db()
    assert sighting.state == "received"
    (told,) = standing_of(receipt, sighting).photos
    assert "30" in told.failure


def test_an_uncleaned_upload_does_not_outlive_thirty_days_either(sighting, on_commit, later):
    with on_commit():
        photo = received(sighting)
    later(30 * DAYS + MINUTES)
    assert (fresh(photo).state, files(storage.quarantine)) == ("kept_back", set())


def darkness(folder, name, box):
    """Return whether a box of a picture is filled."""
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(storage.read(folder(), name)))
    left, top, right, bottom = box.sides
    inner = picture.crop((left + 2, top + 2, right - 2, bottom - 2))
    return all(abs(side - 32) <= 3 for pair in inner.getextrema() for side in pair)


def test_a_moderators_boxes_and_crop_are_what_is_published(sighting, on_commit):
    crop = Box(32, 32, 352, 272)
    with on_commit():
        photo = cleaned(sighting)
        photo = actions.publish_photo(photo=photo, gate=GATE, redaction=Redaction((SIGN,), crop))
    assert (photo.public_size.width_px, photo.public_size.height_px) == (320, 240)
    assert darkness(storage.media, photo.public_name, SIGN.moved(-32, -32))
    assert darkness(storage.quarantine, photo.covered_name, SIGN)
    assert files(storage.quarantine) == named(photo)


@pytest.mark.parametrize("are_pixels_there", [True, False])
def test_more_can_be_covered_of_a_public_photo_and_the_old_copy_is_gone_at_once(
    sighting, on_commit, later, are_pixels_there
):
    crop = Box(32, 32, 352, 272)
    with on_commit():
        photo = actions.publish_photo(
            photo=cleaned(sighting), gate=GATE, redaction=Redaction((SIGN,), crop)
        )
        actions.settle_photos(sighting=sighting)
    if not are_pixels_there:
        later(25 * HOURS)
    old = photo.public_name, photo.public_thumbnail_name
    more = Box(160, 160, 224, 224)
    with on_commit():
        photo = actions.cover_more(photo=photo, boxes=(more,))
    assert not {*old} & {photo.public_name, photo.public_thumbnail_name}
    assert files(storage.media) == {photo.public_name, photo.public_thumbnail_name}
    for box in (more, SIGN.moved(-32, -32)):
        assert darkness(storage.media, photo.public_name, box)
    assert files(storage.quarantine) == named(fresh(photo))
    if are_pixels_there:
        assert darkness(storage.quarantine, photo.covered_name, more.moved(32, 32))


def test_covering_more_needs_a_box_and_a_public_photo(sighting):
    photo = cleaned(sighting)
    with pytest.raises(Conflict):
        actions.cover_more(photo=photo, boxes=(SIGN,))
    photo = actions.publish_photo(photo=photo, gate=GATE)
    with pytest.raises(BadInput):
        actions.cover_more(photo=photo, boxes=())
    with pytest.raises(Conflict):
        actions.redact_photo(photo=photo, redaction=Redaction((SIGN,)))


def test_a_copy_that_is_no_clean_picture_is_not_published(sighting, monkeypatch):
    photo = cleaned(sighting)
    dirty = pictures.phone_photo()
    answer = sandbox.SandboxAnswer(values={"width_px": 9, "height_px": 9}, parts=(dirty, dirty))
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: answer)
    with pytest.raises(Conflict):
        actions.publish_photo(photo=photo, gate=GATE)
    assert files(storage.media) == set()


def test_the_search_has_the_limits_that_it_is_documented_with():
    assert cleaning.MEMORY_BYTES == 1_500_000_000
    assert covering.MEMORY_BYTES <= cleaning.MEMORY_BYTES
    assert cleaning.COPYING_WALL_S + cleaning.SEARCH_WALL_S + covering.WALL_S < 600


def test_an_address_that_was_replaced_answers_no_more(sighting, on_commit):
    with on_commit():
        photo = actions.publish_photo(photo=cleaned(sighting), gate=GATE)
        old = photo.public_name
        actions.cover_more(photo=photo, boxes=(SIGN,))
    assert Client().get(f"/photos/{old}").status_code == 404


ALWAYS = {"id", "sighting_id", "state", "may_be_public", "is_searched", "width_px", "height_px"}
WALK = {"arrived_at", "exif_location", "exif_direction_deg", "captured_local"}
COPIES = {"pixel_name", "covered_name", "covered_thumbnail_name", "pixel_copy_expires_at"}
COVERED = {"covered_name", "covered_thumbnail_name"}
PUBLIC = {"public_name", "public_thumbnail_name", "public_width_px", "public_height_px"}
# What of a photo there is, of each fate, so long after it came (and was decided at once).
HELD = {
    "undecided": {
        10 * MINUTES: ALWAYS | WALK | COPIES | {"boxes", "removed"},
        24 * HOURS: ALWAYS | WALK | COPIES | {"boxes", "removed"},
        7 * DAYS: ALWAYS | WALK | COVERED | {"removed"},
        30 * DAYS: ALWAYS | {"failure"},
    },
    "published": {
        10 * MINUTES: ALWAYS | COPIES | PUBLIC | {"boxes", "removed", "gate"},
        24 * HOURS: ALWAYS | PUBLIC | {"removed", "gate"},
        7 * DAYS: ALWAYS | PUBLIC | {"removed", "gate"},
        30 * DAYS: ALWAYS | PUBLIC | {"removed", "gate"},
    },
    "kept_back": {
        10 * MINUTES: ALWAYS | COPIES | {"boxes", "removed"},
        24 * HOURS: ALWAYS | {"removed"},
        7 * DAYS: ALWAYS | {"removed"},
        30 * DAYS: ALWAYS | {"removed"},
    },
    "withdrawn": {since: set() for since in (10 * MINUTES, 24 * HOURS, 7 * DAYS, 30 * DAYS)},
}


@pytest.mark.parametrize("fate", HELD)
def test_at_each_instant_exactly_the_right_files_and_columns_remain(
    sighting, on_commit, later, fate
):
    with on_commit():
        photo = cleaned(sighting)
        actions.redact_photo(photo=photo, redaction=Redaction((SIGN,)))
    with on_commit():
        if fate == "published":
            actions.publish_photo(photo=photo, gate=GATE)
        elif fate == "kept_back":
            actions.keep_photo_back(photo=photo)
        if fate == "withdrawn":
            actions.delete_photos_of(sighting=sighting)
        elif fate != "undecided":
            actions.settle_photos(sighting=sighting)
    for passed, held in HELD[fate].items():
        later(passed + MINUTES)
        rows = list(Photo.objects.values())
        assert {name for row in rows for name, value in row.items() if value or value == 0} == (
            held
        ), passed
        public = {row[name] for row in rows for name in PUBLIC & held if name.endswith("_name")}
        private = {row[name] for row in rows for name in COPIES & held if name.endswith("_name")}
        assert (files(storage.media), files(storage.quarantine)) == (public, private), passed
