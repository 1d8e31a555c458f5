"""Events as GeoJSON and CSV: a day, a half of it and a wide area, never the hour or the place."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import shapely
from django.conf import settings
from django.db.models import Count, Q
from shapely.geometry.base import BaseGeometry

from geo.geojson import feature, geometry
from mapper.exports.devices import FORMULA, collection_head, data_date
from mapper.exports.dictionary import EVENT_COLUMNS, column_names
from mapper.exports.event_filter import EventFilter
from mapper.licence import LICENSE
from mapper.sightings.publication import PublishedEvent
from mapper.sightings.querysets import EventQuerySet


def with_documents(rows: EventQuerySet) -> EventQuerySet:
    """Return events with the number of public documents that mention them."""
    is_public = Q(citations__document__is_public=True)
    counted: EventQuerySet = rows.annotate(
        documents=Count("citations__document", filter=is_public, distinct=True)
    )
    return counted


def event_geojson(events: EventFilter) -> Iterator[bytes]:
    """Yield a FeatureCollection of published events; run it in a snapshot."""
    yield collection_head(data_date=data_date(events.rows()))
    comma = ""
    for published in events.published(with_documents(events.rows())):
        yield f"{comma}{json.dumps(event_feature(published), ensure_ascii=False)}\n".encode()
        comma = ","
    yield b"]}\n"


def event_csv(events: EventFilter) -> Iterator[bytes]:
    """Yield a CSV file of published events; run it in a snapshot."""
    names = column_names(EVENT_COLUMNS, "csv")
    yield _csv_line(names)
    for published in events.published(with_documents(events.rows())):
        cells = event_properties(published) | {
            "lon": published.position.lon,
            "lat": published.position.lat,
            "area": shapely.to_wkt(_area(published), rounding_precision=7),
            "license": LICENSE,
        }
        yield _csv_line([cells[name] for name in names])


def event_feature(published: PublishedEvent) -> dict[str, object]:
    """Return an event as a GeoJSON feature; its row comes from `with_documents`."""
    properties = event_properties(published)
    return feature(geometry(_area(published)), properties, id=str(properties["id"]))


def event_properties(published: PublishedEvent) -> dict[str, Any]:
    """Return what docs/data.md names of an event."""
    event = published.event
    return {
        "id": str(event.id),
        "url": f"{settings.SITE_URL}/events/{event.id}/",
        "kind": event.kind,
        "first_day": published.first_day,
        "last_day": published.last_day,
        "half": published.half,
        "operator": event.operator or None,
        "operator_type": event.operator_type or None,
        "verification": event.verification,
        "city_country": event.city.country if event.city else None,
        "city_code": event.city.code if event.city else None,
        "city_name": event.city.name if event.city else None,
        "documents": event.documents,  # type: ignore[attr-defined]  # annotated by with_documents
        "updated_on": event.updated_on.isoformat(),
    }


def _area(published: PublishedEvent) -> BaseGeometry:
    area: BaseGeometry = shapely.from_wkb(bytes(published.area.wkb))
    return area


def _csv_line(cells: list[Any]) -> bytes:
    """Return a line of CSV; text that a spreadsheet would run gets an apostrophe."""
    line = io.StringIO()
    guarded = [re.sub(FORMULA, r"'\1", cell) if isinstance(cell, str) else cell for cell in cells]
    # The writer quotes only those ends of line that it ends its own lines with.
    csv.writer(line, lineterminator="\r\n").writerow(guarded)
    return line.getvalue().removesuffix("\r\n").encode() + b"\n"
