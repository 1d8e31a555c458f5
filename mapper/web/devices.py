"""Case files of devices and events."""

from uuid import UUID

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from geo.bbox import BBox
from mapper.sightings.facts import position_of
from mapper.sightings.lookup import find_device, find_event
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import CameraType, Mount, Surveillance, Zone
from mapper.web.caching import cached_page
from mapper.web.case_file import as_feature, direction_texts, open_case
from mapper.web.osm_side import osm_side
from mapper.web.presence import may_be_confirmed, presence_choices
from mapper.web.sentences import device_sentence, direction_words, look_words

_GEOJSON = "application/geo+json"
_MAP_RADIUS_M = 120.0


@cached_page
def device(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a device: what, where, how we know, what paper says."""
    found, has_moved = find_device(id)
    if has_moved:
        return HttpResponsePermanentRedirect(reverse("device", args=[found.id]))
    position = position_of(found.location)
    assert position is not None  # a database constraint of present devices
    case = open_case(found)
    context = {
        "case": case,
        "osm": osm_side(found, case.element),
        "device": found,
        "position": position,
        "sentence": device_sentence(found),
        "look_for": look_words(found),
        "presence": presence_choices() if may_be_confirmed(found) else None,
        "camera_type": _word(CameraType, found.camera_type),
        "mount": _word(Mount, found.mount),
        "surveillance": _word(Surveillance, found.surveillance),
        "zone": _word(Zone, found.zone),
        "looks": direction_words(found.directions),
        "arcs": "; ".join(direction_texts(found.directions)),
        "bbox": ",".join(str(side) for side in BBox.around(position, _MAP_RADIUS_M).as_tuple()),
        "nearby": Device.objects.shown().near(position, 200).exclude(id=found.id)[:6],
        "section": "map",
    }
    return render(request, "web/device.html", context)


def _word(words: type[TextChoices], value: str) -> str:
    """Return an OSM value in words, a list item by item; what has no words is "other: value"."""
    items = [item.strip() for item in value.split(";") if item.strip()]
    return ", ".join(
        str(words(item).label) if item in words.values else _("other: %(value)s") % {"value": item}
        for item in items
    )


@cached_page
def device_json(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer the case file as a GeoJSON feature."""
    found, has_moved = find_device(id)
    if has_moved:
        return HttpResponsePermanentRedirect(reverse("device_json", args=[found.id]))
    return JsonResponse(as_feature(open_case(found)), content_type=_GEOJSON)


@cached_page
def event(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show an event: what, which day, in which area, on what paper."""
    published = find_event(id)
    citations = published.event.citations.filter(document__is_public=True)
    context = {
        "published": published,
        "event": published.event,
        "bbox": ",".join(str(side) for side in published.area.extent),
        "citations": citations.select_related("document"),
        "section": "map",
    }
    return render(request, "web/event.html", context)


@cached_page
def event_json(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer an event as a GeoJSON feature."""
    published = find_event(id)
    found = published.event
    return JsonResponse(
        {
            "type": "Feature",
            "id": str(found.id),
            "geometry": {"type": "MultiPolygon", "coordinates": published.area.coords},
            "properties": {
                "kind": found.kind,
                "first_day": published.first_day,
                "last_day": published.last_day,
                "half": published.half,
                "operator": found.operator,
                "operator_type": found.operator_type,
                "verification": found.verification,
                "city_code": found.city.code if found.city else None,
            },
        },
        content_type=_GEOJSON,
    )


urlpatterns: list[URLPattern] = [
    path("devices/<uuid:id>/", device, name="device"),
    path("events/<uuid:id>/", event, name="event"),
]
plain_urlpatterns: list[URLPattern] = [
    path("devices/<uuid:id>.json", device_json, name="device_json"),
    path("events/<uuid:id>.json", event_json, name="event_json"),
]
