"""What the tiles hold, for programs: TileJSON 3.0.0."""

from typing import Any

from django.conf import settings

from geo.tiles import MAX_ZOOM
from mapper.licence import ATTRIBUTION, LICENSE, LICENSE_URL
from mapper.tiles.tile import NEAR_ZOOM

_SIGN = {
    "id": "Permanent id of the device: its page is /devices/<id>/.",
    "kind": "unknown, camera, alpr, acoustic, drone, guard, sensor, speed_camera or other.",
    "camera_type": "As OSM's camera:type; empty when unknown.",
    "status": "planned, active, disused or removed.",
    "verification": "verified, osm_only or declared.",
    "direction": "JSON list of arcs {from, to}, degrees clockwise from true north, or empty.",
    "last_seen": "Partial date, or empty.",
}
_CLUSTER = {
    "count": "Number of devices in the cell.",
    "west": "Box of what the cell holds, where it holds more than one, in degrees.",
    "south": "See west.",
    "east": "See west.",
    "north": "See west.",
}
_EVENT = {
    "id": "Permanent id of the event: its page is /events/<id>/.",
    "kind": "drone_flight, mobile_unit, trailer or other.",
    "last_day": "Day on which it ended.",
}


def tilejson() -> dict[str, Any]:
    """Return the TileJSON document."""
    return {
        "tilejson": "3.0.0",
        "name": "Contrechamp",
        "description": (
            "Public surveillance devices: clusters up to zoom 14, devices from zoom 15. "
            "Takes the filters of /data/; without one all but speed cameras."
        ),
        "attribution": f'{ATTRIBUTION}, <a href="{LICENSE_URL}">{LICENSE}</a>',
        "scheme": "xyz",
        "tiles": [f"{settings.SITE_URL}/tiles/devices/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "bounds": [-180, -85.05112877980659, 180, 85.05112877980659],
        "vector_layers": [
            _layer("devices", "One device.", NEAR_ZOOM, MAX_ZOOM, _SIGN),
            _layer(
                "clusters",
                "Devices of one cell; of one device, what its sign needs.",
                0,
                NEAR_ZOOM - 1,
                _CLUSTER | _SIGN,
            ),
            _layer(
                "events",
                "Point that stands for an event, at most 354 m from its place.",
                0,
                MAX_ZOOM,
                _EVENT,
            ),
        ],
    }


def _layer(
    name: str, description: str, minzoom: int, maxzoom: int, fields: dict[str, str]
) -> dict[str, Any]:
    return {
        "id": name,
        "description": description,
        "minzoom": minzoom,
        "maxzoom": maxzoom,
        "fields": fields,
    }
