"""The map of a city as one HTML file that works from a USB stick: nothing in it is fetched."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, MacroElement
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from folium.template import Template

from geo.bbox import BBox
from geo.direction import Arc, format_directions
from mapper.basemap.ground import draw_ground
from mapper.basemap.picture import Content, draw_png
from mapper.basemap.view import MapView
from mapper.errors import Unavailable
from mapper.exports.devices import data_date
from mapper.licence import ATTRIBUTION, LICENSE
from mapper.places.models import City
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import CameraType, Mount

_HERE = Path(__file__).resolve().parent
_MAX_ZOOM = 20
# About 10 m: a boundary is drawn, not measured, and a raw one can weigh a megabyte.
_BOUNDARY_TOLERANCE_DEG = 0.0001
_DECIMALS = 6
# With base64 a third more; the whole file is to stay under 2 MB.
_MAX_PICTURE_BYTES = 750_000
_PICTURE_SIDES_PX = (1600, 1000, 600)


class _Drawing(MacroElement):
    """Calls the drawing script with what is known of the city."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "draw_city({{ this._parent.get_name() }}, {{ this.said }});"
        "{% endmacro %}"
    )

    def __init__(self, said: str):
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self._name = "drawing"
        self.said = said


def city_map(city: City) -> str:
    """Return the map of a city's default download as HTML."""
    devices = DeviceFilter(city=city).apply(Device.objects.public()).order_by("id")
    page: Any = folium.Map(tiles=None, zoom_control=False, prefer_canvas=True, max_zoom=_MAX_ZOOM)
    # Instance attributes shadow folium's lists of scripts on other hosts.
    page.default_js, page.default_css = [], []
    root = page.get_root()
    # folium names its variables at random; the same data is to give the same bytes.
    page._id, root._id = "city", "page"
    said = _said(city, list(devices), data_date(devices))
    root.title = escape(said["title"])
    head = root.header
    head.add_child(Element(f"<style>{_leaflet('leaflet.css')}</style>"), name="leaflet_css")
    head.add_child(Element(f"<style>{_own('city_map.css')}</style>"), name="city_map_css")
    head.add_child(Element(f"<script>{_leaflet('leaflet.js')}</script>"), name="leaflet_js")
    head.add_child(Element(f"<script>{_own('city_map.js')}</script>"), name="city_map_js")
    drawing = _Drawing(_as_script(said))
    drawing._id = "devices"
    page.add_child(drawing)
    rendered: str = root.render()
    # folium's page says no language; a reader that speaks would guess one.
    return rendered.replace("<html>", f'<html lang="{get_language() or "fr"}">', 1)


def _said(city: City, devices: list[Device], day: str | None) -> dict[str, Any]:
    """Return what the drawing script needs to know."""
    west, south, east, north = city.boundary.extent
    boundary = city.boundary.simplify(_BOUNDARY_TOLERANCE_DEG, preserve_topology=True)
    credit = f"{ATTRIBUTION}, {LICENSE}"
    if day:
        credit += ", " + _("data of %(day)s") % {"day": day}
    return {
        "attribution": _without_markup(credit),
        "title": _("Surveillance in %(city)s") % {"city": city.name},
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
        "group": _("{count} devices here"),
        "site": settings.SITE_URL,
        "more": _("Evidence of this device"),
        "bounds": [[south, west], [north, east]],
        "boundary": json.loads(boundary.json),
        "picture": _picture(BBox(west, south, east, north)),
        "devices": [_device(device) for device in devices],
    }


def _picture(bbox: BBox) -> dict[str, Any] | None:
    """Return the base map as a picture in the page, or None where this machine has none."""
    for side_px in _PICTURE_SIDES_PX:
        view = MapView.of_bbox(bbox, side_px, side_px)
        if draw_ground(view) is None:
            return None
        picture = draw_png(view, Content())
        if len(picture) <= _MAX_PICTURE_BYTES:
            west, south, east, north = view.bbox.as_tuple()
            return {
                "address": "data:image/png;base64," + base64.b64encode(picture).decode("ascii"),
                "bounds": [[south, west], [north, east]],
            }
    return None


def _device(device: Device) -> dict[str, Any]:
    """Return a device for the drawing script."""
    assert device.location is not None  # a database constraint of present devices
    arcs = [Arc.from_dict(arc) for arc in device.directions]
    return {
        "id": str(device.id),
        "lon": round(device.location.x, _DECIMALS),
        "lat": round(device.location.y, _DECIMALS),
        "verification": device.verification,
        "status": device.status,
        "arcs": [[arc.from_deg, arc.to_deg] for arc in arcs],
        "lines": _lines(device, arcs),
    }


def _lines(device: Device, arcs: list[Arc]) -> list[str]:
    """Return what is known of a device, a line each, without HTML."""
    kind = str(device.get_kind_display())
    if device.camera_type in CameraType.values:
        kind += f" ({CameraType(device.camera_type).label})"
    lines = [kind, f"{device.get_verification_display()}, {device.get_status_display()}"]
    if device.mount in Mount.values:
        lines.append(_("on: %(mount)s") % {"mount": Mount(device.mount).label})
    if arcs:
        lines.append(_("Direction: %(degrees)s°") % {"degrees": format_directions(arcs)})
    if device.operator and not device.is_private_home:
        lines.append(_("Run by %(operator)s") % {"operator": device.operator})
    if device.last_seen:
        lines.append(_("last seen %(date)s") % {"date": device.last_seen})
    return lines


def _as_script(value: object) -> str:
    """Return a value as JavaScript that ends no script element and begins no Jinja expression.

    branca takes what a part of the page has drawn for a template, and a template runs any Python.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Of JSON itself no brace stands before one of these: it is in a text.
    text = re.sub(r"\{(?=[{%#])", r"\\u007b", text)
    escaped = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"}
    return "".join(escaped.get(character, character) for character in text)


def _without_markup(text: str) -> str:
    return text.replace("<", "").replace("&", "")


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _leaflet(name: str) -> str:
    """Return one of Leaflet's files as the front-end build laid it by, made to stand alone."""
    found = finders.find(f"vendor/{name}") or Path(settings.STATIC_ROOT) / "vendor" / name
    try:
        text = Path(found).read_text(encoding="utf-8")
    except OSError:
        raise Unavailable(
            _("Leaflet is not there: build the front end with npm ci && npm run build."),
            code="front-end-not-built",
        ) from None
    # Only icons that we don't use, and the map of the source, would be fetched.
    text = re.sub(r"url\([^)]*\)", "none", text) if name.endswith(".css") else text
    text = re.sub(r"//# sourceMappingURL=\S*", "", text)
    return text.replace("</script", "<\\/script")
