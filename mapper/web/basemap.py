"""The base map's PMTiles with Range, and map pictures for pages without JavaScript."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Centroid, SnapToGrid
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geo.bbox import BBox
from geo.errors import PositionError
from geo.position import LonLat, parse_lat, parse_lon
from mapper.basemap.ground import base_file
from mapper.basemap.kept_pictures import kept_pictures
from mapper.basemap.picture import Content, draw_png
from mapper.basemap.signs import Cluster, Marker
from mapper.basemap.view import MAX_LATITUDE, MAX_ZOOM, MapView
from mapper.errors import BadInput, NotFound
from mapper.languages import spoken_or_bare
from mapper.sightings.days import today
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device
from mapper.tiles.tile import NEAR_ZOOM, shown_devices
from mapper.web.caching import cached_page
from mapper.web.ranges import file_response

# What is not a filter of devices; `bbox` is the part of the earth to show.
_OWN = ("lon", "lat", "zoom", "bbox", "width", "height", "devices", "ids", "pin", "lang")
_LEAST_SIDE_PX, _MOST_SIDE_PX = 64, 1280
_DEFAULT_WIDTH_PX, _DEFAULT_HEIGHT_PX = 720, 480
_MOST_MARKERS = 1000
_MOST_NUMBERED = 20
# Devices nearer to each other than this many pixels are gathered when far.
_CELL_PX = 48
_OLD_YEARS = 2


@require_safe
def basemap(request: HttpRequest) -> HttpResponseBase:
    """Answer the base map's file, or a part of it."""
    built = base_file()
    if built is None:
        raise NotFound(_("No base map was built here; the map works on a plain ground."))
    response = file_response(
        request, built, content_type="application/vnd.pmtiles", etag=f'"{_stamp(built)}"'
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@cached_page
def map_picture(request: HttpRequest) -> HttpResponse:
    """Answer a map as PNG; with `devices=1` what is public in it, as the filters select.

    With `ids` it shows these devices alone, numbered in their order.
    """
    query = request.GET
    view = _view(query)
    pin = _position(query["pin"].partition(",")[::2], "pin") if query.get("pin") else None
    content = Content(*_devices(query, view), pin)
    language = spoken_or_bare(query.get("lang"))
    return HttpResponse(_drawn(view, content, language), content_type="image/png")


def _drawn(view: MapView, content: Content, language: str) -> bytes:
    """Return the picture: one that was drawn already, where it shows only what is public."""

    def draw() -> bytes:
        with translation.override(language):
            return draw_png(view, content)

    # A picture without devices, or with a pin, is of somebody's report: it is never kept.
    if content.pin is not None or not (content.markers or content.clusters):
        return draw()
    built = base_file()
    shows = f"{view!r}|{content!r}|{language}|{_stamp(built) if built else ''}"
    return kept_pictures.get(hashlib.sha256(shows.encode()).digest(), draw)


def _stamp(built: Path) -> str:
    """Return what changes whenever the base map is built anew."""
    found = built.stat()
    return hashlib.sha256(f"{found.st_size}-{found.st_mtime_ns}".encode()).hexdigest()[:32]


def _view(query: Mapping[str, str]) -> MapView:
    width_px = int(_number(query, "width", _DEFAULT_WIDTH_PX, _LEAST_SIDE_PX, _MOST_SIDE_PX))
    height_px = int(_number(query, "height", _DEFAULT_HEIGHT_PX, _LEAST_SIDE_PX, _MOST_SIDE_PX))
    if query.get("bbox"):
        return MapView.of_bbox(BBox.parse(query["bbox"]), width_px, height_px)
    center = _position((query.get("lon", ""), query.get("lat", "")), "lon, lat")
    if abs(center.lat) > MAX_LATITUDE:
        raise BadInput(
            _("Latitude %(lat)s is beyond the web map's edge at 85.0511.") % {"lat": center.lat}
        )
    return MapView(center, _number(query, "zoom", 16, 0, MAX_ZOOM), width_px, height_px)


def _position(texts: tuple[str, ...], name: str) -> LonLat:
    try:
        return LonLat(parse_lon(texts[0]), parse_lat(texts[1]))
    except PositionError as error:
        raise BadInput(f"{name}: {error}") from None


def _number(
    query: Mapping[str, str], name: str, default: float, least: float, most: float
) -> float:
    text = query.get(name, "") or str(default)
    try:
        number = float(text) if len(text) <= 12 else math.nan
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise BadInput(
            _("%(name)s=%(value)s is not a number from %(least)s to %(most)s.")
            % {"name": name, "value": text[:20], "least": least, "most": most}
        )
    return number


def _devices(query: Mapping[str, str], view: MapView) -> tuple[list[Marker], list[Cluster]]:
    """Return the public devices of a view: one by one when near, gathered when far."""
    filters = DeviceFilter.parse(query, also=_OWN)
    if query.get("devices", "0") not in ("1", "true"):
        return [], []
    if query.get("ids"):
        return _numbered(query["ids"]), []
    shown = shown_devices(filters).in_bbox(view.bbox)  # type: ignore[attr-defined]  # DeviceQuerySet
    if view.zoom >= NEAR_ZOOM:
        return [_marker(device) for device in shown.order_by("id")[:_MOST_MARKERS]], []
    cell_deg = _CELL_PX * 360 / view.world_px
    cells = (
        shown.order_by()
        .annotate(cell=SnapToGrid("location", cell_deg))
        .values("cell")
        .annotate(count=Count("id"), middle=Centroid(Collect("location")))
        .order_by("-count", "cell")[:_MOST_MARKERS]
    )
    clusters = [
        Cluster(LonLat(cell["middle"].x, cell["middle"].y), cell["count"]) for cell in cells
    ]
    return [], clusters[::-1]


def _numbered(text: str) -> list[Marker]:
    """Return the devices of a list of ids as far as the map shows them."""
    try:
        ids = [UUID(said) for said in text.split(",")]
    except ValueError:
        raise BadInput(_("ids: %(value)s is no list of ids.") % {"value": text[:80]}) from None
    if len(ids) > _MOST_NUMBERED:
        raise BadInput(_("ids: give %(most)s at most.") % {"most": _MOST_NUMBERED})
    devices = Device.objects.shown().in_bulk(ids)
    return [
        replace(_marker(devices[id_]), number=str(number))
        for number, id_ in enumerate(ids, start=1)
        if id_ in devices
    ]


def _marker(device: Device) -> Marker:
    assert device.location is not None
    is_settled = device.status in ("removed", "disused", "planned")
    return Marker(
        position=LonLat(device.location.x, device.location.y),
        kind=device.kind,
        camera_type=device.camera_type,
        state=device.status if is_settled else device.verification,
        arcs=device.directions,
        is_old=bool(device.last_seen) and int(device.last_seen[:4]) < today().year - _OLD_YEARS,
    )


urlpatterns: list[URLPattern] = []
plain_urlpatterns: list[URLPattern] = [
    path("basemap/base.pmtiles", basemap, name="basemap"),
    path("map-picture.png", map_picture, name="map_picture"),
]
