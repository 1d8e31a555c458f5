"""Devices in sentences."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mapper.sightings.models import Device
from mapper.sightings.vocabulary import CameraType, Kind, Mount, OperatorType, Status
from mapper.web.sentences import device_sentence, direction_words


def bearing(degrees):
    return {"from": degrees, "to": degrees}


@pytest.mark.parametrize(
    ("arcs", "words"),
    [
        ([], ""),
        ([bearing(45)], "north-east"),
        ([{"from": 350, "to": 10}], "north"),
        ([{"from": 0, "to": 360}], "all round"),
        ([bearing(0), bearing(90), bearing(180)], "north, east and south"),
        ([bearing(0), bearing(1)], "north"),
    ],
)
def test_directions_are_said_in_octants(arcs, words):
    with translation.override("en"):
        assert direction_words(arcs) == words


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "Unknown kind."),
        ({"kind": "alpr", "status": "removed"}, "Plate reader, removed."),
        (
            {
                "kind": "camera",
                "camera_type": "dome",
                "mount": "wall",
                "directions": [bearing(45)],
                "operator_type": "public",
                "last_seen": "2026-05",
            },
            "Dome camera, on a wall, looks north-east, run by a public body, last seen May 2026.",
        ),
        ({"kind": "camera", "camera_type": "odd", "mount": "<b>"}, "Camera."),
    ],
)
def test_a_device_is_said_in_one_sentence(facts, sentence):
    with translation.override("en"):
        assert device_sentence(Device(**facts)) == sentence


@given(
    st.builds(
        Device,
        kind=st.sampled_from(Kind.values),
        camera_type=st.sampled_from([*CameraType.values, "", "x"]),
        mount=st.sampled_from([*Mount.values, "", "x"]),
        operator_type=st.sampled_from([*OperatorType.values, "", "x"]),
        status=st.sampled_from(Status.values),
        last_seen=st.sampled_from(["", "2024", "2024-05", "2024-05-12"]),
        directions=st.lists(st.builds(bearing, st.integers(0, 359)), max_size=3),
    ),
    st.sampled_from(["fr", "en"]),
)
def test_every_device_has_a_sentence(device, language):
    with translation.override(language):
        sentence = device_sentence(device)
    assert sentence.endswith(".")
    assert ", ," not in sentence
