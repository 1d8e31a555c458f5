"""The search for faces: shapes, tiles, one box a face; and that it finds the two that we have."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mapper import sandbox
from mapper.photos import cleaning, detector
from mapper.photos.onnx_shapes import ModelError, with_free_shapes
from tests import pictures
from tests.mapper.photos.faces import PORTRAITS, street_with_a_face


@given(st.integers(1, 60_000))
def test_tiles_cover_a_side_and_overlap(length):
    spans = detector.spans(length)
    assert (spans[0][0], spans[-1][1]) == (0, length)
    assert all(end - start <= detector.TILE_PX for start, end in spans)
    for (_, end), (start, _) in itertools.pairwise(spans):
        assert end - start >= detector.OVERLAP_PX
    assert len({end - start for start, end in spans}) <= 2


@pytest.mark.parametrize("model", [b"", b"\x00", b"\x3a\x05\x5a", b"\xff" * 30, b"\x08\x04"])
def test_what_is_no_model_is_refused(model):
    with pytest.raises(ModelError):
        with_free_shapes(model, names=("input.1",))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_model_or_refused(model):
    try:
        assert len(with_free_shapes(model, names=("",))) == len(model)
    except ModelError:
        return


def test_a_freed_model_differs_in_nothing_but_its_shapes():
    model = detector.MODEL.read_bytes()
    freed = with_free_shapes(model, names=("input.1", "537", "538", "539", "540"))
    changed = [at for at, (one, other) in enumerate(zip(model, freed, strict=True)) if one != other]
    # Five values of four sizes, two bytes each; the ones that differ anyway.
    assert 20 <= len(changed) <= 40


def found(*rows):
    return np.array(rows, np.float32)


def test_of_detections_of_one_face_the_surest_stays():
    face = [100, 100, 160, 180, 0.9]
    nearly, part = [104, 103, 163, 184, 0.8], [100, 140, 160, 180, 0.5]
    kept = detector.each_once(found(part, nearly, face))
    assert kept.tolist() == found(face).tolist()


def test_neighbours_and_larger_ones_stay():
    face, neighbour = [100, 100, 160, 180, 0.9], [150, 100, 210, 180, 0.8]
    around = [40, 40, 300, 400, 0.7]
    assert len(detector.each_once(found(face, neighbour, around))) == 3


def search(data):
    answer = sandbox.call(
        "mapper.photos.faces:find",
        data,
        wall_s=cleaning.SEARCH_WALL_S,
        cpu_s=cleaning.SEARCH_CPU_S,
        memory_bytes=cleaning.MEMORY_BYTES,
        options={"threads": 1},
    )
    return answer.values["faces"]


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("height_px", [40, 400])
def test_in_the_sandbox_a_face_is_found_where_it_is(name, height_px):
    data, (left, top, right, bottom) = street_with_a_face(height_px=height_px, name=name)
    (box,) = search(data)
    x, y = (box[0] + box[2]) / 2 * 1600, (box[1] + box[3]) / 2 * 1200
    assert left < x < right
    assert top < y < bottom


def test_a_street_without_people_has_no_face():
    assert search(pictures.phone_photo(pictures.scene(1600, 1200))) == []


def test_the_largest_picture_that_is_taken_is_searched_within_the_limits():
    image = pictures.scene(4096, 3072)
    assert search(pictures.saved(image, quality=85)) == []


@pytest.mark.parametrize("data", [b"no picture", pictures.phone_photo()[:3000]])
def test_what_is_no_picture_is_refused_there_too(data):
    with pytest.raises(sandbox.SandboxRefused):
        search(data)


def test_a_picture_of_one_pixel_is_searched():
    assert search(pictures.saved(Image.new("RGB", (1, 1)))) == []
    assert Image.open(io.BytesIO(pictures.saved(Image.new("L", (3, 2))))).size == (3, 2)
