"""How fast photos are redacted, or taken when they were before, all of it in the sandbox.

Peers: the detector alone; plain Pillow; libvips.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from mapper import sandbox
from mapper.photos import cleaning, covering
from mapper.photos.boxes import Redaction, Size, found_boxes
from mapper.photos.detector import load
from tests import pictures
from tests.benchmarks.photo_peers import LONG_SIDES_PX
from tests.mapper.photos.recall import streets_with_people

pytestmark = pytest.mark.benchmark
ROUNDS = 3
# Enough that one that was disturbed does not matter; alternating, so that all are disturbed alike.
TURNS, ROUNDS_A_TURN = 5, 5
PEERS = Path(__file__).with_name("photo_peers.py")


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


def by(name, path):
    """Have the copies made in a process of its own; return the seconds of each, and its memory."""
    told = subprocess.run(
        [sys.executable, str(PEERS), name, str(path), str(ROUNDS_A_TURN)],
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "VIPS_CONCURRENCY": "1"},
    )
    said = json.loads(told.stdout)
    return said["seconds"], said["peak_bytes"]


def test_redacted_copies_of_twelve_megapixels_against_pillow_and_libvips(tmp_path, record_property):
    path = tmp_path / "photo.jpg"
    noise = Image.effect_noise((1008, 756), 60).resize((4032, 3024)).convert("RGB")
    path.write_bytes(pictures.phone_photo(noise, orientation=6))
    assert (settings.PHOTO_LONG_SIDE_PX, settings.THUMBNAIL_LONG_SIDE_PX) == LONG_SIDES_PX
    ways = ("ours", "plain_pillow", "libvips")
    seconds, peaks = {name: [] for name in ways}, {name: [] for name in ways}
    for _ in range(TURNS):
        for name in ways:
            took, peak = by(name, path)
            # The first of each process loads what the others find there.
            seconds[name] += took[1:]
            peaks[name].append(peak)
    took_s = {name: statistics.median(took) for name, took in seconds.items()}
    peak = {name: statistics.median(peaks[name]) for name in ways}
    for name, goal in (("plain_pillow", 1.5), ("libvips", 0.75)):
        record_property(
            f"redacted copies of 12 megapixels, against {name}",
            f"{took_s[name] / took_s['ours']:.2f} x (goal {goal})",
        )
    record_property(
        "their memory, against libvips", f"{peak['ours'] / peak['libvips']:.2f} x (goal 0.40)"
    )
    for name in ways:
        record_property(name, f"{took_s[name] * 1000:.0f} ms, {peak[name] / 1e6:.0f} MB")
