"""Devices as GeoJSON and CSV, by COPY: PostgreSQL writes the text, we pass it on."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, QuerySet

from mapper.licence import ATTRIBUTION, LICENSE
from mapper.sightings.models import Device
from mapper.sql import compiled, composed

# How a text begins that a spreadsheet runs: the same to Python and to PostgreSQL. Some read the
# full-width signs too, and some skip a tab or an end of line.
FORMULA = "^([-=+@\uff0d\uff1d\uff0b\uff20\t\r\n])"
_CHUNK_BYTES = 65_536
# JSON text holds no control character, so these two switch off all quoting of COPY's CSV.
_COPY_JSON = "COPY ({query}) TO STDOUT WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
_COPY_CSV = "COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)"


def features_query(devices: "QuerySet[Device]") -> str:
    """Return the query of GeoJSON features, one text a row, in the order of ids."""
    return composed("exports", "devices_geojson", rows=_rows(devices))


def device_geojson(devices: "QuerySet[Device]") -> Iterator[bytes]:
    """Yield a FeatureCollection of public devices; run it in a snapshot."""
    yield collection_head(data_date=data_date(devices))
    yield from _in_chunks(_separated(_copied(_COPY_JSON, features_query(devices))))
    yield b"]}\n"


def device_csv(devices: "QuerySet[Device]") -> Iterator[bytes]:
    """Yield a CSV file of public devices; run it in a snapshot."""
    query = composed(
        "exports", "devices_csv", {"license": LICENSE, "formula": FORMULA}, rows=_rows(devices)
    )
    yield from _in_chunks(_copied(_COPY_CSV, query))


def data_date(rows: "QuerySet[Any]") -> str | None:
    """Return the day of the last change among rows, or None where there are none."""
    last = rows.aggregate(last=Max("updated_on"))["last"]
    return last.isoformat() if last else None


def collection_head(**members: object) -> bytes:
    """Return the beginning of a FeatureCollection, up to the bracket of its features."""
    top = {"type": "FeatureCollection", "license": LICENSE, "attribution": ATTRIBUTION, **members}
    return (json.dumps(top, ensure_ascii=False)[:-1] + ', "features": [\n').encode()


def _rows(devices: "QuerySet[Device]") -> str:
    chosen = compiled(devices.values("id"))
    return composed("exports", "devices", {"site_url": settings.SITE_URL}, devices=chosen)


def _copied(statement: str, query: str) -> Iterator[bytes]:
    """Yield what COPY sends, a row at a time."""
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement.replace("{query}", query)) as copy,
    ):
        yield from copy


def _separated(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Yield JSON texts with a comma between them."""
    comma = b""
    for row in rows:
        yield comma + bytes(row)
        comma = b","


def _in_chunks(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in chunks that are worth sending."""
    chunk = bytearray()
    for row in rows:
        chunk += row
        if len(chunk) >= _CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)
