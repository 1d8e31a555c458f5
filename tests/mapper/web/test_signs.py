"""Each sign that a page asks for is drawn in the page."""

import re

import pytest
from django.template.loader import render_to_string

from mapper.sightings.vocabulary import EventKind, Kind

_DRAWN = set(re.findall(r'<symbol id="([^"]+)"', render_to_string("parts/signs.html")))


@pytest.mark.parametrize("kind", [*Kind.values, *EventKind.values])
@pytest.mark.parametrize("verification", ["verified", "osm_only", "declared", "unverified"])
@pytest.mark.parametrize("camera_type", ["", "dome", "panning", "fixed"])
def test_every_kind_has_a_sign_at_every_degree_of_certainty(kind, verification, camera_type):
    given = {"kind": kind, "verification": verification, "camera_type": camera_type}
    asked = set(re.findall(r'href="#([^"]+)"', render_to_string("parts/sign.html", given)))
    assert asked
    assert asked <= _DRAWN
