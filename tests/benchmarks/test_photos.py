"""How fast photos are redacted, all of it in the sandbox, against the detector alone."""

import io
import statistics
import time

import pytest
from django.conf import settings
from PIL import Image

from mapper import sandbox
from mapper.photos import cleaning, covering
from mapper.photos.boxes import Redaction, Size, found_boxes
from mapper.photos.detector import load
from tests import pictures
from tests.mapper.photos.recall import streets_with_people

pytestmark = pytest.mark.benchmark
ROUNDS = 3


def twelve_megapixels() -> bytes:
    """Return a phone's photo of 4000 by 3000 with people in it."""
    small, _ = next(streets_with_people(3, 1))
    return pictures.phone_photo(Image.open(io.BytesIO(small)).resize((4000, 3000)), orientation=6)


def redacted(data, threads):
    """Do what the jobs of a photo do, but for the database."""
    limits = {"memory_bytes": cleaning.MEMORY_BYTES, "wall_s": 600.0, "cpu_s": 600}
    sizes = {
        "long_side_px": settings.PHOTO_LONG_SIDE_PX,
        "search_px": settings.SEARCH_LONG_SIDE_PX,
    }
    copy = sandbox.call("mapper.photos.pixels:clean", data, options=sizes, **limits)
    found = sandbox.call(
        "mapper.photos.faces:find", copy.parts[1], options={"threads": threads}, **limits
    )
    size = Size(copy.values["width_px"], copy.values["height_px"])
    boxes = found_boxes(found.values["faces"], size)
    assert boxes
    return covering.rendered(copy.parts[0], Redaction(boxes))


def test_photos_of_twelve_megapixels_against_the_detector_alone(record_property):
    threads = max(1, settings.REDACTION_THREADS)
    data = twelve_megapixels()
    picture = Image.open(io.BytesIO(data)).convert("RGB").transpose(Image.Transpose.ROTATE_270)
    detector = load(threads)
    detector.faces(picture)
    ours, alone = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        redacted(data, threads)
        middle = time.perf_counter()
        detector.faces(picture)
        ours.append(middle - start)
        alone.append(time.perf_counter() - middle)
    our_s, alone_s = statistics.median(ours), statistics.median(alone)
    record_property(
        "12 megapixels with redaction, against the detector alone",
        f"{alone_s / our_s:.2f} x (goal 0.80)",
    )
    record_property("ours", f"{our_s * 1000:.0f} ms")
    record_property("peer", f"{alone_s * 1000:.0f} ms")
