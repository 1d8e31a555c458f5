"""Boxes and a crop: what a form may say, and what is made of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.photos.boxes import (
    BLOCK_PX,
    MOST_BOXES,
    Box,
    BoxError,
    Redaction,
    Size,
    found_boxes,
    on_blocks,
    parse,
)

SIZE = Size(2016, 1512)


def said(*boxes, crop=None):
    return json.dumps({"boxes": list(boxes), "crop": crop})


def box(left, top, right, bottom, **more):
    return {"left": left, "top": top, "right": right, "bottom": bottom} | more


def test_a_box_takes_in_every_block_that_it_touches():
    assert parse(said(box(17, 31, 33, 32)), SIZE).boxes == (Box(16, 16, 48, 32),)


def test_a_box_is_cut_at_the_edge_of_the_photo():
    assert parse(said(box(-40, 1500, 90000, 1600)), SIZE).boxes == (Box(0, 1488, 2016, 1512),)


def test_who_made_a_box_is_kept():
    found = parse(said(box(0, 0, 16, 16, by="automatic"), box(0, 0, 16, 16)), SIZE)
    assert [one.by for one in found.boxes] == ["automatic", "moderator"]


def test_a_crop_loses_the_blocks_that_it_cuts():
    assert parse(said(crop=box(17, 31, 640, 650)), SIZE).crop == Box(32, 32, 640, 640)


def test_a_crop_to_the_whole_photo_is_none():
    assert parse(said(crop=box(0, 0, 2016, 1512)), SIZE).crop is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unreadable"),
        ("[]", "unreadable"),
        ('{"boxes": 3}', "unreadable"),
        ("[" * 10_000, "unreadable"),
        (said(7), "not_a_box"),
        (said(box(0, 0, "9", 9)), "not_a_box"),
        (said(box(0, 0, True, 9)), "not_a_box"),
        ('{"boxes": [{"left": NaN, "top": 0, "right": 9, "bottom": 9}]}', "not_a_box"),
        (said(box(0, 0, 1e999, 9)), "not_a_box"),
        (said(box(9, 9, 9, 9)), "not_a_box"),
        (said(box(90, 9, 9, 90)), "not_a_box"),
        (said(box(3000, 0, 3100, 90)), "not_a_box"),
        (said(box(0, 0, 9, 9, by="nobody")), "not_a_box"),
        (said(crop=box(17, 17, 30, 30)), "not_a_box"),
        (said(crop=[]), "not_a_box"),
        (said(*[box(0, 0, 9, 9)] * (MOST_BOXES + 1)), "too_many"),
        (" " * 20_001, "too_many"),
    ],
)
def test_what_is_no_box_is_refused_with_its_reason(text, reason):
    with pytest.raises(BoxError) as refused:
        parse(text, SIZE)
    assert refused.value.reason == reason


sides = st.integers(-3000, 3000)
sizes = st.builds(Size, st.integers(1, 2016), st.integers(1, 2016))


@given(sides, sides, sides, sides, sizes)
def test_a_box_covers_all_that_was_drawn_of_the_photo(left, top, right, bottom, size):
    drawn = Box(left, top, right, bottom)
    try:
        made = on_blocks(drawn, size)
    except BoxError:
        seen = Box(
            max(0, left), max(0, top), min(size.width_px, right), min(size.height_px, bottom)
        )
        assert seen.is_empty
        return
    assert made.left <= max(0, left) < min(size.width_px, right) <= made.right <= size.width_px
    assert made.top <= max(0, top) < min(size.height_px, bottom) <= made.bottom <= size.height_px
    assert made.left % BLOCK_PX == made.top % BLOCK_PX == 0
    assert made.right % BLOCK_PX == 0 or made.right == size.width_px
    assert on_blocks(made, size) == made


@given(st.lists(st.tuples(sides, sides, sides, sides), max_size=5), sizes)
def test_what_is_written_is_read_back_the_same(drawn, size):
    made = []
    for sides_ in drawn:
        try:
            made.append(on_blocks(Box(*sides_), size))
        except BoxError:
            continue
    redaction = Redaction(tuple(dict.fromkeys(made)))
    assert parse(json.dumps(redaction.as_dict()), size) == redaction


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["boxes", "crop", "left", "top", "right", "bottom", "by"]), inner
        )
    ),
)


@given(json_values | st.text(), sizes)
def test_any_text_is_read_or_refused(value, size):
    text = value if isinstance(value, str) else json.dumps(value)
    reason, boxes = "", ()
    try:
        boxes = parse(text, size).boxes
    except BoxError as refused:
        reason = refused.reason
    assert reason in {"", "unreadable", "not_a_box", "too_many"}
    assert all(0 <= one.left < one.right <= size.width_px for one in boxes)


def test_what_is_found_is_enlarged_by_thirty_percent():
    (made,) = found_boxes([(0.25, 0.25, 0.35, 0.35)], Size(1600, 1600))
    # 400 to 560 grows by 24 on each side, then to whole blocks.
    assert made == Box(368, 368, 592, 592, "automatic")
