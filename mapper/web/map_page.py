"""The map at /, and the same as a list and in sentences."""

from dataclasses import replace
from typing import Any

from django.contrib.gis.db.models import Extent, QuerySet
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from geo.bbox import BBox
from mapper.errors import BadInput
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import Kind, OperatorType, Status, Verification
from mapper.web.caching import cached_page
from mapper.web.paging import page_number
from mapper.web.presence import presence_choices
from mapper.web.sentences import device_sentence

_PAGE_SIZE = 50
_FRANCE = BBox(-5.2, 41.3, 9.6, 51.1)
# Around all devices: one alone has no extent of its own.
_MARGIN_DEG = 0.002
_OWN = ("view", "page", "map")
# What a reader may ask for; without a wish the map shows every sign, and the list too.
_CHOSEN = ("verified", "osm_only", "declared")
_SHOWN = (*_CHOSEN, "unverified")


@cached_page
def map_page(request: HttpRequest) -> HttpResponse:
    """Show the map, or with ?view=list the same devices as a list."""
    devices = DeviceFilter.parse(request.GET, also=_OWN)
    selected = _selected(devices)
    view = request.GET.get("view", "map")
    if view not in ("map", "list"):
        raise BadInput(_("view=%(value)s is not known; choose map or list.") % {"value": view[:40]})
    context: dict[str, Any] = {
        "section": "map",
        "filter": devices,
        "query": _query_without(request.GET, "page", "view", "map"),
        "choices": _choices(),
        "total": selected.count(),
        "bbox": devices.bbox or _extent(devices),
        "view": view,
        "presence": presence_choices(),
    }
    if view == "list":
        context["rows"] = _rows(request, selected)
    return render(request, "web/map.html", context)


def _selected(devices: DeviceFilter) -> QuerySet[Device]:
    """Return the devices shown: all of the map, until the reader asks for less."""
    shown = Device.objects.shown().select_related("city")
    if "verification" not in devices.given:
        devices = replace(devices, verification=_SHOWN)
    selected = devices.apply(shown)
    if "kind" not in devices.given:
        selected = selected.exclude(kind="speed_camera")
    return selected.order_by("city__name", "id")


def _rows(request: HttpRequest, selected: QuerySet[Device]) -> Page[Any]:
    """Return one page of the list, each device in a sentence."""
    page: Page[Any] = Paginator(selected, _PAGE_SIZE).get_page(page_number(request))
    page.object_list = [(device, device_sentence(device)) for device in page.object_list]
    return page


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Return the words of the filter form."""
    return {
        "kind": [(value, str(label)) for value, label in Kind.choices],
        "operator_type": [(value, str(label)) for value, label in OperatorType.choices],
        "status": [(value, str(label)) for value, label in Status.choices],
        "verification": [(v, str(label)) for v, label in Verification.choices if v in _CHOSEN],
    }


def _query_without(query: QueryDict, *names: str) -> str:
    """Return the query string less some parameters."""
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def _extent(devices: DeviceFilter) -> BBox:
    """Return the box to open the map on: the city asked for, all devices, or France."""
    if devices.city is not None:
        return BBox(*devices.city.boundary.extent)
    extent = Device.objects.public().aggregate(extent=Extent("location"))["extent"]
    if extent is None:
        return _FRANCE
    west, south, east, north = extent
    return BBox(
        max(west - _MARGIN_DEG, -180),
        max(south - _MARGIN_DEG, -90),
        min(east + _MARGIN_DEG, 180),
        min(north + _MARGIN_DEG, 90),
    )


urlpatterns: list[URLPattern] = [path("", map_page, name="map")]
plain_urlpatterns: list[URLPattern] = []
