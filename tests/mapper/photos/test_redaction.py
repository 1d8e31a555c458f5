"""A fill can't be undone: nothing that comes out depends on what was inside a box."""

import io
import random

import pytest
from PIL import Image

from mapper.photos import redaction
from mapper.photos.boxes import Box, Size, on_blocks
from mapper.photos.scan import is_clean_jpeg
from tests import pictures


def noise(seed, size):
    return Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))


def street(seed):
    """Return a street with a patch of noise in it, which stands for a face."""
    scene = pictures.scene(1200, 900)
    scene.paste(noise(seed, (130, 170)), (405, 301))
    return scene


FACE = on_blocks(Box(405, 301, 535, 471), Size(1200, 900)).sides


def made(picture, **options):
    """Return what is made of a pixel copy, which is a JPEG itself."""
    said = {"boxes": [FACE], "crop": None, "thumbnail_px": 480} | options
    return redaction.cover(pictures.saved(picture, quality=85), **said)


@pytest.mark.parametrize("crop", [None, (320, 208, 704, 608), (448, 320, 704, 608)])
def test_two_photos_that_differ_in_a_box_alone_become_the_same_bytes(crop):
    _, one = made(street(1), crop=crop)
    _, other = made(street(2), crop=crop)
    blank = pictures.scene(1200, 900)
    blank.paste((255, 255, 255), (405, 301, 535, 471))
    _, third = made(blank, crop=crop)
    assert one == other == third
    assert all(is_clean_jpeg(part) for part in one)


def test_without_its_box_the_same_photos_differ():
    assert made(street(1), boxes=[])[1] != made(street(2), boxes=[])[1]


def test_inside_a_box_there_is_the_fill_and_nothing_else():
    _, (large, _small) = made(street(1))
    inside = Image.open(io.BytesIO(large)).crop(FACE)
    # The decoder smooths colour over the edge of a block: one pixel of it at most.
    inner = inside.crop((2, 2, inside.width - 2, inside.height - 2))
    assert all(abs(low - 32) <= 2 and abs(high - 32) <= 2 for low, high in inner.getextrema())


def test_in_the_thumbnail_the_face_is_as_flat_as_the_box():
    _, (_large, small) = made(street(1))
    thumbnail = Image.open(io.BytesIO(small))
    scale = thumbnail.width / 1200
    left, top, right, bottom = (round(side * scale) for side in FACE)
    inner = thumbnail.crop((left + 4, top + 4, right - 4, bottom - 4))
    assert all(high - low <= 12 for low, high in inner.getextrema())


def test_a_crop_is_all_that_comes_out():
    values, (large, small) = made(street(1), crop=(320, 208, 704, 608))
    assert values == {"width_px": 384, "height_px": 400}
    assert Image.open(io.BytesIO(large)).size == Image.open(io.BytesIO(small)).size == (384, 400)
    red = Image.open(io.BytesIO(made(street(1))[1][0])).getpixel((10, 10))
    assert red[0] > 200
    assert Image.open(io.BytesIO(large)).getpixel((10, 10))[0] < 200
