"""What one vector tile holds: devices when near, clusters when far, and events."""

from dataclasses import replace
from typing import Any

from django.contrib.gis.db.models import QuerySet
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.models import BinaryField, F, Func

from geo.bbox import BBox
from geo.tiles import Tile, tile_at, tile_bbox
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device, Event
from mapper.sightings.publication import publish, published_position
from mapper.sql import compiled, composed

NEAR_ZOOM = 15
EXTENT_UNITS = 4096
BUFFER_UNITS = 64
CELLS = 64
# The map shows every sign; downloads leave out what stands on paper only or nobody has checked.
DEFAULT_VERIFICATION = ("verified", "osm_only", "declared", "unverified")
_NOT_OF_EVENTS = {"kind", "status", "seen_since"}
_COLUMNS = (
    "id", "kind", "camera_type", "status", "verification", "directions", "last_seen",
)  # fmt: skip


def render_tile(tile: Tile, devices: DeviceFilter) -> bytes:
    """Return a tile in Mapbox Vector Tile format; empty where there is nothing."""
    layers = _near(tile, devices) if tile.z >= NEAR_ZOOM else _far(tile, devices)
    # Layers are a repeated field of the tile's message: put one after the other they are a tile.
    return layers + _events(tile, devices)


def shown_devices(devices: DeviceFilter) -> "QuerySet[Device]":
    """Return the devices on the map: all that it shows, speed cameras only when asked for."""
    if "verification" not in devices.given:
        devices = replace(devices, verification=DEFAULT_VERIFICATION)
    selected = devices.apply(Device.objects.shown())
    return selected if "kind" in devices.given else selected.exclude(kind="speed_camera")


def _near(tile: Tile, devices: DeviceFilter) -> bytes:
    placed = _placed(tile, devices, BUFFER_UNITS / EXTENT_UNITS)
    return _run(composed("tiles", "devices", _of(tile, buffer=BUFFER_UNITS), placed=placed))


def _far(tile: Tile, devices: DeviceFilter) -> bytes:
    # A hair beyond the edge, so that the box's rounding loses nobody; the grid is exact.
    placed = _placed(tile, devices, 1e-6)
    return _run(composed("tiles", "clusters", _of(tile, cells=CELLS), placed=placed))


def _events(tile: Tile, devices: DeviceFilter) -> bytes:
    """Return the layer of events, in the tile that holds the point which stands for each."""
    if _NOT_OF_EVENTS & set(devices.given):
        return b""
    rows = Event.objects.public()
    if "verification" in devices.given:
        rows = rows.filter(verification__in=devices.verification)
    if devices.operator_type:
        rows = rows.filter(operator_type__in=devices.operator_type)
    if devices.city is not None:
        rows = rows.filter(city=devices.city)
    marked = [(event, published_position(event)) for event in rows]
    found = [(event, at) for event, at in marked if tile_at(at, tile.z) == tile]
    if devices.bbox is not None:
        found = [(event, at) for event, at in found if devices.bbox.contains(at)]
    if not found:
        return b""
    arrays = {
        "ids": [str(event.id) for event, _ in found],
        "kinds": [event.kind for event, _ in found],
        "days": [publish(event).last_day for event, _ in found],
        "lons": [at.lon for _, at in found],
        "lats": [at.lat for _, at in found],
    }
    return _run(composed("tiles", "events", _of(tile) | arrays))


def _of(tile: Tile, **more: Any) -> dict[str, Any]:
    scale = float(2**tile.z)
    return {"scale": scale, "x": tile.x, "y": tile.y, "extent": EXTENT_UNITS, **more}


def _placed(tile: Tile, devices: DeviceFilter, margin: float) -> str:
    """Return the query of the devices in a tile and `margin` of its width around."""
    chosen = shown_devices(devices).filter(location__bboverlaps=_box(tile_bbox(tile), margin))
    # As binary, or Django would write the point as bytes and PostgreSQL read them again.
    place = Func(F("location"), template="%(expressions)s", output_field=BinaryField())
    selected = chosen.order_by().annotate(place=place).values(*_COLUMNS, "place")
    return composed("tiles", "placed", chosen=compiled(selected))


def _box(bbox: BBox, margin: float) -> Polygon:
    """Return a box with a margin; the first and last rows of tiles reach to the poles."""
    width, height = (bbox.east - bbox.west) * margin, (bbox.north - bbox.south) * margin
    south = -90.0 if bbox.south < -85.05 else bbox.south - height
    north = 90.0 if bbox.north > 85.05 else bbox.north + height
    # A tile's height in degrees changes with latitude: the row above is at most twice as high.
    box = Polygon.from_bbox((bbox.west - width, south - height, bbox.east + width, north + height))
    box.srid = 4326
    return box


def _run(query: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(query)
        (layer,) = cursor.fetchone()
    return bytes(layer or b"")
