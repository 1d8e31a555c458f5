"""Cities, devices and documents for tests, made by the actions that make them in earnest."""

import uuid

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils.text import slugify

from mapper.documents.actions import add_document
from mapper.places.models import City
from mapper.sightings.actions import attach_claim
from mapper.sightings.models import Claim, Device
from tests.papers import paper


def make_city(code="35238", name="Rennes", *, west=-1.7, south=48.1, side=0.1, **facts) -> City:
    """Return a square city."""
    box = Polygon.from_bbox((west, south, west + side, south + side))
    defaults = {"country": "FR", "area_km2": 50.0, "population": 220_000}
    return City.objects.create(
        code=code,
        name=name,
        slug=slugify(f"{name}-{code}"),
        boundary=MultiPolygon(box, srid=4326),
        **(defaults | facts),
    )


def make_claim(lon=-1.65, lat=48.15, **changes) -> Claim:
    """Return a claim of a verified sighting, or of what `changes` says."""
    facts = {
        "source": "walker",
        "is_verified": True,
        "location": Point(lon, lat, srid=4326),
        "position_source": "moderator",
        "attributes": {"kind": "camera"},
        "seen_from": "2026-05",
        "seen_to": "2026-05",
    }
    if changes.get("source", "walker") != "walker":
        facts |= {"is_verified": False, "seen_from": "", "seen_to": ""}
    return Claim.objects.create(**(facts | changes))


def make_device(**changes) -> Device:
    """Return a device of one claim."""
    return attach_claim(claim=make_claim(**changes), device=None, decision=uuid.uuid4())


def make_document(pages=("Le conseil vote douze caméras.",), **facts):
    """Return a public document with these pages."""
    defaults = {"title": "Délibération", "is_public": True}
    return add_document(data=paper(pages), **(defaults | facts))
