"""What speaks against putting a report on the map by itself? Nothing here refuses a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from geo.bbox import BBox
from geo.direction import Arc, parse_directions
from geo.geodesy import distance_m
from geo.matching import SAME_RADIUS_M, looks_alike
from geo.position import LonLat
from mapper.places.models import City
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Sighting
from mapper.sightings.vocabulary import Presence
from mapper.trust.models import Obstacle

# A photo is taken across a square, not from the next quarter.
FARTHEST_PHOTO_M = 1_000.0
CLUSTER_RADIUS_M = 15.0
MOST_IN_A_CLUSTER = 6


@dataclass(frozen=True, slots=True)
class Screened:
    """What was found: the city, what stands in the way (empty: nothing), the device it repeats."""

    city: City | None
    obstacle: str = ""
    near_device: Device | None = None


def screen(
    *,
    sighting: Sighting,
    photo_positions: Sequence[LonLat] = (),
    own_device: UUID | None = None,
) -> Screened:
    """Look at a report, cheapest first; 0, 0 and excluded areas were refused before.

    `own_device` is the one that it made itself, where it is on the map already.
    """
    position = position_of(sighting.location)
    if position is None:
        return Screened(None, Obstacle.OUTSIDE)
    city = City.objects.defer("boundary").covering(position)
    obstacle = _own_obstacle(sighting, position, photo_positions)
    if not obstacle and city is None and City.objects.exists():
        obstacle = Obstacle.OUTSIDE
    if obstacle:
        return Screened(city, obstacle)
    near = same_device(position, arcs_of(sighting), but=own_device)
    if near is not None:
        return Screened(city, Obstacle.DUPLICATE, near)
    return Screened(city, Obstacle.CLUSTER if _is_cluster(sighting, position) else "")


def same_device(position: LonLat, arcs: Sequence[Arc], *, but: UUID | None = None) -> Device | None:
    """Return the nearest device on the map that a new point would only repeat."""
    for device in Device.objects.shown().near(position, SAME_RADIUS_M):
        if device.id != but and looks_alike(
            arcs, [Arc.from_dict(arc) for arc in device.directions]
        ):
            return device
    return None


def arcs_of(sighting: Sighting) -> tuple[Arc, ...]:
    """Return where a reported device looks; none where nobody said."""
    return parse_directions(sighting.direction) if sighting.direction else ()


def _own_obstacle(sighting: Sighting, position: LonLat, photo_positions: Sequence[LonLat]) -> str:
    """Return what speaks against a report in itself."""
    if sighting.confirms_device_id is not None or sighting.presence == Presence.GONE:
        return Obstacle.KNOWN_DEVICE
    if sighting.seen_how not in ("", "on_site"):
        return Obstacle.NOT_ON_SITE
    if any(distance_m(position, taken) > FARTHEST_PHOTO_M for taken in photo_positions):
        return Obstacle.FAR_PHOTO
    return ""


def _is_cluster(sighting: Sighting, position: LonLat) -> bool:
    """Return whether more undecided reports than one pole can explain speak of this spot."""
    around = BBox.around(position, CLUSTER_RADIUS_M)
    near = Sighting.objects.pending().in_bbox(around).exclude(id=sighting.id).order_by()
    return len(near.values_list("id")[:MOST_IN_A_CLUSTER]) >= MOST_IN_A_CLUSTER
