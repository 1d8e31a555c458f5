"""Whatever a stranger sends comes out clean or not at all, soon, and the service goes on."""

import io
import os
import shutil
import subprocess
import time
from collections import Counter

import pytest
from django.db import connection
from PIL import Image

from mapper.photos import actions, storage
from mapper.photos.models import Photo
from mapper.photos.reading import PhotoRefusedError, read_photo
from mapper.photos.scan import is_clean_jpeg
from mapper.sightings.models import Sighting
from tests.conftest import SHARED_DATA
from tests.mapper.photos import mutants
from tests.memory import Meter

pytestmark = pytest.mark.django_db

REASONS = {"not_a_picture", "too_many_pixels", "broken", "too_slow"}
OF_A_JPEG = {"ExifTool", "File", "JFIF", "Composite", "System"}
MOST_BYTES = 1_500_000_000


@pytest.fixture
def sighting(settings):
    # The search is tried elsewhere; here each photo goes all the way that its bytes go.
    settings.REDACTION_THREADS = 0
    return Sighting.objects.create(state="received")


@pytest.fixture
def taken(sighting):
    """Return a function that takes a photo as an upload is taken: its reason, and what is kept."""

    def take(data: bytes) -> tuple[str, list[bytes]]:
        try:
            facts = read_photo(data)
        except PhotoRefusedError as refused:
            return refused.reason, []
        photo = actions.receive_photo(
            sighting=sighting,
            upload_name=actions.keep_upload(data=data),
            facts=facts,
            may_be_public=True,
        )
        photo = actions.clean_photo(photo_id=photo.id)
        names = (photo.pixel_name, photo.covered_name, photo.covered_thumbnail_name)
        return photo.failure, [storage.read(storage.quarantine(), name) for name in names if name]

    return take


def foreign_groups(folder):
    """Return what exiftool finds in the files of a folder beside the picture itself."""
    if shutil.which("exiftool") is None or not any(folder.iterdir()):
        return set()
    found = subprocess.run(
        ["exiftool", "-a", "-G1", "-s", "-q", str(folder)], capture_output=True, check=True
    ).stdout.decode(errors="replace")
    groups = {line[1:].split("]")[0] for line in found.splitlines() if line.startswith("[")}
    return groups - OF_A_JPEG


def tables_with(text):
    """Return the tables of which some row holds a text, in whatever column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        # One that tells of the Canary Islands.
        tables = {name for (name,) in cursor.fetchall()} - {"spatial_ref_sys"}
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" one WHERE one::text LIKE ANY (%s)',
                [[f"%{text}%", f"%{text.encode().hex()}%"]],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def sources():
    real = SHARED_DATA / "photos", SHARED_DATA / "hostile" / "pillow"
    return [*mutants.made_photos(), *(p for folder in real for p in mutants.real_photos(folder))]


@pytest.mark.parametrize("count", [40, pytest.param(5_000, marks=pytest.mark.trial)])
def test_damaged_photos_come_out_clean_or_not_at_all(taken, tmp_path, count, record_property):
    out = tmp_path / "out"
    out.mkdir()
    ends, slowest_s = Counter(), 0.0
    with Meter(os.getpid()) as meter:
        for number, data in enumerate(mutants.mutants(sources(), count, seed=7)):
            begun = time.monotonic()
            failure, parts = taken(data)
            slowest_s = max(slowest_s, time.monotonic() - begun)
            assert (failure in REASONS) != bool(parts), (number, failure)
            ends[failure or "taken"] += 1
            for place, part in enumerate(parts):
                assert is_clean_jpeg(part), number
                assert mutants.CANARY not in part, number
                (out / f"{number}_{place}.jpg").write_bytes(part)
    assert foreign_groups(out) == set()
    assert tables_with("CANARY") == []
    assert slowest_s < 10
    assert ends["taken"] > count // 20
    for name, value in ends.items():
        record_property(name, value)
    record_property("slowest_s", round(slowest_s, 2))
    record_property("peak_mb", round(meter.peak_bytes / 1e6))
    assert meter.peak_bytes < MOST_BYTES


@pytest.mark.parametrize("count", [29, pytest.param(300, marks=pytest.mark.trial)])
def test_whatever_a_photo_carries_none_of_it_is_kept(taken, tmp_path, count, record_property):
    out = tmp_path / "out"
    out.mkdir()
    ends = Counter()
    for number, (title, data, canary, upright, has_corners) in enumerate(mutants.structured(count)):
        assert canary in data or b"iCCP" in data or b"zTXt" in data, title
        failure, parts = taken(data)
        ends[failure or "taken"] += 1
        assert failure == "", title
        picture = Image.open(io.BytesIO(parts[0]))
        wanted = max(upright)
        scale = min(1, 2016 / wanted)
        assert abs(picture.width - upright[0] * scale) <= 1, title
        assert abs(picture.height - upright[1] * scale) <= 1, title
        if has_corners:
            red, blue = picture.getpixel((4, 4)), picture.getpixel((picture.width - 5, 4))
            assert red[0] > 180, title
            assert red[2] < 100, title
            assert blue[2] > 180, title
            assert blue[0] < 100, title
        for place, part in enumerate(parts):
            assert is_clean_jpeg(part), title
            assert mutants.CANARY not in part, title
            (out / f"{number}_{place}.jpg").write_bytes(part)
    assert foreign_groups(out) == set()
    assert tables_with("CANARY") == []
    assert not any("CANARY" in path.name for path in storage.quarantine().folder.iterdir())
    assert not Photo.objects.exclude(state="awaiting_review").exists()
    record_property("ends", dict(ends))


def test_bombs_are_refused_in_no_time(taken, record_property):
    heic = sorted((SHARED_DATA / "photos").rglob("*.heic"))
    made = mutants.bombs(heic[0].read_bytes() if heic else b"")
    assert len(made) >= 25
    taken(b"")  # the sandbox is warm, as it is while the service runs
    took_s = {}
    with Meter(os.getpid()) as meter:
        before = meter.now()
        for name, data in made.items():
            assert len(data) < 20_000_000, name
            begun = time.monotonic()
            failure, parts = taken(data)
            took_s[name] = time.monotonic() - begun
            assert (failure in REASONS, parts) == (True, []), name
    assert max(took_s.values()) < 1, took_s
    small = "png 144 megapixels in 17 KB"
    assert 10_000 < len(made[small]) < 30_000
    record_property("slowest", max(took_s, key=took_s.get))
    record_property("slowest_s", round(max(took_s.values()), 3))
    record_property("of_17_kb_s", round(took_s[small], 3))
    grown = meter.peak_bytes - sum(before.values())
    record_property("grown_mb", round(grown / 1e6))
