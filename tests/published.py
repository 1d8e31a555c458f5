"""What strangers may see, for the tests of downloads, tiles and the API."""

import uuid

from mapper.photos.models import GATE
from mapper.sightings.actions import attach_claim
from tests.factories import (
    CitationFactory,
    ClaimFactory,
    DocumentFactory,
    PhotoFactory,
    SightingFactory,
    make_osm_device,
    point,
)

# Everything that is ever awkward in a text: quotes, separators, formulas, other scripts.
AWKWARD = '=HYPERLINK("https://example.org"), "Évry"; <b>\\ \t-1\n東京'


def accept_sighting(claim, **changes):
    """Return the sighting of a claim as a decision leaves it."""
    nothing_private = {
        "state": "accepted",
        "location": None,
        "arrived_at": None,
        "phone_key": None,
        "body_key": "",
        "note": "",
        "operator": "",
        "seen_on": "2026-05",
    }
    return SightingFactory(claim=claim, **(nothing_private | changes))


def publish_photo(sighting, name="c3a1.jpg"):
    """Return a published photo of a sighting."""
    return PhotoFactory(
        sighting=sighting,
        state="published",
        gate=list(GATE),
        public_name=name,
        public_thumbnail_name=f"small-{name}",
        arrived_at=None,
        exif_location=None,
        exif_direction_deg=None,
        exif_direction_reference="",
        captured_local="",
        captured_offset="",
    )


def make_rich_device(lon=-1.6812345, lat=48.1154321, *, name="c3a1.jpg", **attributes):
    """Return a device of an OSM node, a walker's sighting with a photo, and a document."""
    device = make_osm_device(lon, lat, operator=AWKWARD, **{"camera:direction": "45;180-270"})
    said = {
        "kind": "camera",
        "camera_type": "dome",
        "mount": "pole",
        "directions": [{"from": 45, "to": 45}, {"from": 180, "to": 270.5}],
        "height_m": 4.5,
        "surveillance": "public",
        "zone": "town",
        "operator": "=cmd|' /C calc'!A0",
        "operator_type": "public",
        "status": "active",
    }
    seen = ClaimFactory(location=point(lon, lat), attributes=said | attributes)
    attach_claim(claim=seen, device=device, decision=uuid.uuid4())
    publish_photo(accept_sighting(seen), name)
    cited = ClaimFactory(
        source="document",
        location=None,
        position_source="",
        attributes={
            "capabilities": ["plate_reading", "audio"],
            "manufacturer": "-Axis",
            "model": "+1",
        },
        seen_from="2024",
        seen_to="2024",
    )
    attach_claim(claim=cited, device=device, decision=uuid.uuid4())
    CitationFactory(claim=cited, document=DocumentFactory(slug=f"vote-{device.id}"))
    device.refresh_from_db()
    return device
