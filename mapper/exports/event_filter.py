"""What to select of events. Everything here works on what is published, never on what is known.

A box is met by the published area: a filter on the exact place would give it away by halving.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.http import QueryDict

from geo.bbox import BBox
from geo.partial_date import parse_partial_date
from mapper.places.models import City
from mapper.sightings.filters import DEFAULT_VERIFICATION, DeviceFilter, choices_of, given_filters
from mapper.sightings.models import Event
from mapper.sightings.publication import PublishedEvent, publish
from mapper.sightings.querysets import EventQuerySet
from mapper.sightings.vocabulary import EventKind

_OF_DEVICES = ("operator_type", "verification", "city", "bbox", "changed_since")
NAMES = ("kind", *_OF_DEVICES, "seen_since")


@dataclass(frozen=True)
class EventFilter:
    """What to select; empty means no limit."""

    kind: tuple[str, ...] = ()
    operator_type: tuple[str, ...] = ()
    verification: tuple[str, ...] = DEFAULT_VERIFICATION
    city: City | None = None
    bbox: BBox | None = None
    changed_since: date | None = None
    seen_since: str = ""

    @classmethod
    def parse(
        cls, query: QueryDict | Mapping[str, str], *, also: tuple[str, ...] = ()
    ) -> "EventFilter":
        """Return the filter of a query string; what is not understood is refused by name."""
        given = given_filters(query, NAMES, also=also)
        shared = DeviceFilter.parse({name: given[name] for name in given if name in _OF_DEVICES})
        values: dict[str, Any] = {name: getattr(shared, name) for name in _OF_DEVICES}
        if "kind" in given:
            values["kind"] = choices_of("kind", given["kind"], EventKind.values)
        if "seen_since" in given:
            values["seen_since"] = str(parse_partial_date(given["seen_since"]))
        return cls(**values)

    def rows(self) -> EventQuerySet:
        """Return the public events that meet all but the box and the day, in the order of ids."""
        rows = Event.objects.public().filter(verification__in=self.verification)
        if self.kind:
            rows = rows.filter(kind__in=self.kind)
        if self.operator_type:
            rows = rows.filter(operator_type__in=self.operator_type)
        if self.city is not None:
            rows = rows.filter(city=self.city)
        if self.changed_since is not None:
            rows = rows.filter(updated_on__gte=self.changed_since)
        ordered: EventQuerySet = rows.select_related("city").order_by("id")
        return ordered

    def published(self, rows: EventQuerySet | None = None) -> Iterator[PublishedEvent]:
        """Yield what is published of the selected events."""
        for event in (self.rows() if rows is None else rows).iterator(chunk_size=200):
            published = publish(event)
            if self._selects(published):
                yield published

    def _selects(self, published: PublishedEvent) -> bool:
        length = len(self.seen_since)
        if published.last_day[:length] < self.seen_since:
            return False
        if self.bbox is None:
            return True
        area = shapely.from_wkb(bytes(published.area.wkb))
        return any(area.intersects(shapely.box(*part.as_tuple())) for part in self.bbox.parts())
