"""A real Firefox sends a true picture, also where it lets no page read what it draws."""

import io

import numpy
import pytest
from PIL import Image, ImageFilter

from mapper.photos import storage
from mapper.photos.actions import clean_photo
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests.journeys.firefox import RESISTING, report_from_firefox
from tests.pictures import phone_photo, scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LON, LAT = 2.3522, 48.8566


@pytest.fixture
def photo(tmp_path):
    """Return a photo that is large enough to be made small before it travels."""
    grain = Image.effect_noise((3000, 2000), 60).filter(ImageFilter.GaussianBlur(1)).convert("RGB")
    file = tmp_path / "IMG_20260512.jpg"
    picture = Image.blend(scene(3000, 2000), grain, 0.3)
    file.write_bytes(phone_photo(picture, lon=LON, lat=LAT))
    assert file.stat().st_size > 700_000
    return file


def difference(before: bytes, after: bytes) -> float:
    """Return by how much two pictures differ, a mean over pixels and channels of 0 to 255."""
    small = Image.open(io.BytesIO(after)).convert("RGB")
    large = Image.open(io.BytesIO(before)).convert("RGB").resize(small.size, Image.Resampling.BOX)
    return float(numpy.abs(numpy.asarray(large, float) - numpy.asarray(small, float)).mean())


@pytest.mark.parametrize("preferences", [{}, RESISTING], ids=["plain", "resisting"])
def test_the_picture_that_arrives_is_the_one_that_was_taken(
    live_server, settings, photo, preferences
):
    settings.SITE_URL = live_server.url
    said = report_from_firefox(live_server.url, photo, lon=LON, lat=LAT, preferences=preferences)
    can_draw = not preferences
    assert said == {"is_sent": True, "words": 12, "cookies": 0, "reads_red": can_draw}
    arrived = Sighting.objects.get().photos.get()
    assert arrived.may_be_public
    upload = storage.read(storage.quarantine(), arrived.upload_name)
    # Made small where the browser can be trusted to, else the very file.
    assert (upload == photo.read_bytes()) != can_draw
    assert Image.open(io.BytesIO(upload)).size == ((2016, 1344) if can_draw else (3000, 2000))
    clean_photo(photo_id=arrived.id)
    copy = storage.read(storage.quarantine(), Photo.objects.get().pixel_name)
    assert difference(photo.read_bytes(), copy) < 6
    # What a poisoned canvas would have sent is far from it.
    noise = Image.effect_noise((2016, 1344), 80).convert("RGB")
    assert difference(photo.read_bytes(), phone_photo(noise)) > 20
