"""Turns rows into the values of `geo` and the projection, and back: lon first, everywhere."""

from collections.abc import Iterable

from django.contrib.gis.geos import Point

from geo.position import LonLat
from mapper.sightings.models import Claim
from mapper.sightings.projection import ClaimFacts


def position_of(point: Point | None) -> LonLat | None:
    """Return a stored point as a position."""
    return None if point is None else LonLat(point.x, point.y)


def point_of(position: LonLat | None) -> Point | None:
    """Return a position as a point to store (EPSG:4326)."""
    return None if position is None else Point(position.lon, position.lat, srid=4326)


def facts_of(claims: Iterable[Claim]) -> list[ClaimFacts]:
    """Return what the projection needs to know of claims."""
    return [
        ClaimFacts(
            id=claim.id,
            source=claim.source,
            is_verified=claim.is_verified,
            presence=claim.presence,
            position=position_of(claim.location),
            position_source=claim.position_source,
            attributes=claim.attributes,
            has_label_photo=claim.label_photo is not None,
            seen_from=claim.seen_from,
            seen_to=claim.seen_to,
            is_private_home=claim.is_private_home,
        )
        for claim in claims
    ]
