"""How much faster an import is on all cores than on one; both decode in the sandbox."""

import statistics
import time

import pytest
from django.core.management import call_command
from django.db import connection
from PIL import Image

from mapper.intake.side_by_side import cores
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests import pictures

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
PHOTOS, ROUNDS = 8, 3


@pytest.fixture
def folder(tmp_path):
    """Return a folder of photos of 12 megapixels, each of a spot of its own."""
    made = tmp_path / "walk"
    made.mkdir()
    noise = Image.effect_noise((1008, 756), 60).resize((4032, 3024)).convert("RGB")
    for number in range(PHOTOS):
        noise.putpixel((0, 0), (number, 0, 0))
        photo = pictures.phone_photo(noise, lon=2 + number / 100, lat=48.5)
        (made / f"{number}.jpg").write_bytes(photo)
    return made


@pytest.fixture(autouse=True)
def _no_jobs():
    """Clear what Django's flush leaves: these tables are not its own."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def seconds(folder, jobs):
    Sighting.objects.all().delete()
    report_file = folder.parent / "told.jsonl"
    report_file.unlink(missing_ok=True)
    start = time.perf_counter()
    call_command("import_photos", str(folder), report=report_file, jobs=jobs)
    taken = time.perf_counter() - start
    assert Photo.objects.filter(state="awaiting_review").count() == PHOTOS
    return taken


def test_an_import_uses_the_cores_it_has(folder, record_property):
    pairs = [(seconds(folder, cores()), seconds(folder, 1)) for _ in range(ROUNDS)]
    ours = statistics.median(mine for mine, _ in pairs)
    alone = statistics.median(one for _, one in pairs)
    record_property(f"{cores()} cores", f"{alone / ours:.2f} x one")
    record_property("photos a second", f"{PHOTOS / ours:.2f}, on one core {PHOTOS / alone:.2f}")
