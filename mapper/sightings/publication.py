"""What of an event is published: a day, a half of it, an area of at least 500 m; never the hour."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon

from geo.geodesy import destination, snap_to_grid
from geo.position import LonLat
from mapper.sightings.models import Event

_LOCAL = ZoneInfo("Europe/Paris")
_RADIUS_M = 500.0
_SEGMENTS = 32


@dataclass(frozen=True)
class PublishedEvent:
    """An event as a stranger sees it; `half` is morning, afternoon or both (`day`)."""

    event: Event
    first_day: str
    last_day: str
    half: str
    # The middle of a grid cell, not of the event: what may stand for it as a point.
    position: LonLat
    area: MultiPolygon


def publish(event: Event) -> PublishedEvent:
    """Return what of an event is published; the caller selects by `EventQuerySet.public`."""
    starts, ends = event.starts_at.astimezone(_LOCAL), event.ends_at.astimezone(_LOCAL)
    halves = {"morning" if moment.hour < 12 else "afternoon" for moment in (starts, ends)}
    same_day = starts.date() == ends.date()
    return PublishedEvent(
        event=event,
        first_day=starts.date().isoformat(),
        last_day=ends.date().isoformat(),
        half=halves.pop() if same_day and len(halves) == 1 else "day",
        position=published_position(event),
        area=_wide_area(event),
    )


def published_position(event: Event) -> LonLat:
    """Return the point at which a map may mark an event, at most 354 m from its place."""
    return snap_to_grid(_inner_position(event), _RADIUS_M)


def _wide_area(event: Event) -> MultiPolygon:
    """Return the event's area, widened by a circle that is not centred on its point.

    The circle's centre is the middle of a 500 m grid cell, at most 354 m from the point, so that
    the circle of 500 m holds the point and does not betray it.
    """
    centre = published_position(event)
    rim = [destination(centre, step * 360 / _SEGMENTS, _RADIUS_M) for step in range(_SEGMENTS)]
    # RFC 7946 wants the outer ring counter-clockwise; bearings run clockwise.
    ring = [(position.lon, position.lat) for position in reversed(rim)]
    circle = Polygon([*ring, ring[0]], srid=4326)
    wide: GEOSGeometry = circle if event.area is None else event.area.union(circle)
    return wide if isinstance(wide, MultiPolygon) else MultiPolygon(wide, srid=4326)


def _inner_position(event: Event) -> LonLat:
    """Return the event's point, or one on the surface of its area."""
    if event.location is not None:
        return LonLat(event.location.x, event.location.y)
    assert event.area is not None  # a database constraint: a point or an area
    lon, lat = event.area.point_on_surface.coords
    return LonLat(float(lon), float(lat))
