"""Real objects: loaded, and met by reports that say the same, nothing is proposed of them."""

import pytest
from django.core.management import call_command

from mapper.osm.models import Element
from mapper.sightings.actions import attach_claim
from mapper.sightings.facts import position_of
from mapper.upstream.candidates import candidates, suggest
from mapper.upstream.models import Proposal
from tests.factories import ClaimFactory, point
from tests.published import accept_sighting

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["osm_devices/switzerland_overpass.json", "osm_extracts"])
def loaded(request, shared_data):
    """Load a real set, or every real extract."""
    path = shared_data / request.param
    for file in [path] if path.is_file() else sorted(path.rglob("*.osm.pbf")):
        call_command("osm_load", str(file))
    return list(
        Element.objects.there().select_related("claim__device").order_by("osm_type", "osm_id")
    )


def test_loading_proposes_nothing(loaded):
    assert loaded
    assert not candidates().exists()
    assert not Proposal.objects.exists()


def test_reports_that_say_the_same_propose_nothing(loaded):
    count = 0
    for element in loaded[:: max(1, len(loaded) // 50)]:
        device = element.claim.device
        place = position_of(element.location)
        claim = ClaimFactory(
            # What it can do is read off a label, never seen from afar.
            attributes={k: v for k, v in element.claim.attributes.items() if k != "capabilities"},
            # Three metres off: nobody maps better.
            location=point(place.lon, place.lat + 0.00003),
            position_source="moderator",
        )
        attach_claim(claim=claim, device=device, decision=None)
        accept_sighting(claim, seen_how="on_site", has_osm_consent=True)
        device.refresh_from_db()
        assert suggest(device) is None, element.tags
        count += 1
    assert count
    assert candidates().count() == count
