"""Counts what comes in, and holds it back while a brake is on."""

from django.conf import settings

from mapper.intake import buckets
from mapper.trust.brake import brake_on, catch, limit_of, meter_of, scopes_of, trip
from mapper.trust.models import Obstacle, Passage

# Over a limit of its own already, or brought by staff: neither makes a flood.
_NOT_COUNTED = (Obstacle.SLOW, Obstacle.IMPORTED)


def watch(passage: Passage) -> None:
    """Count a new report for its city and for all; hold it back where that is too much."""
    if passage.party_id is not None or passage.obstacle in _NOT_COUNTED:
        return
    is_proven = passage.obstacle != Obstacle.UNPROVEN
    brake = brake_on(passage.city, is_proven=is_proven)
    for scope, city in scopes_of(passage.city, is_proven=is_proven) if brake is None else ():
        count = buckets.count_arrival(meter_of(scope))
        if _may_be_flood(count) and count > limit_of(scope, city):
            brake = trip(scope=scope, city=city)
    if brake is not None:
        catch(passage=passage, brake=brake)


def _may_be_flood(count: int) -> bool:
    """Return whether it is worth asking what is usual."""
    return count > int(settings.BRAKE_REPORTS_PER_HOUR)
