"""Downloads and the data dictionary at /data/."""

from collections.abc import Generator, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mapper.errors import BadInput, NotFound
from mapper.exports import city_map
from mapper.exports.actions import request_file
from mapper.exports.dictionary import DEVICE_COLUMNS, EVENT_COLUMNS
from mapper.exports.downloads import FORMATS, SUBJECTS, Download, current_file, stored_paths
from mapper.exports.event_filter import EventFilter
from mapper.exports.snapshot import STREAM_TIMEOUT_S, snapshot, take_slot
from mapper.licence import ATTRIBUTION, LICENSE, LICENSE_URL, LINK_HEADER
from mapper.osm.models import Following
from mapper.places.models import City
from mapper.sightings.filters import DeviceFilter
from mapper.web.caching import cached_page
from mapper.web.ranges import file_response


@cached_page
def index(request: HttpRequest) -> HttpResponse:
    """Show what can be downloaded, under which licence, and what each column means."""
    context = {
        "section": "data",
        "files": [
            {"subject": subject, "format": f, "size_bytes": _size_bytes(Download(subject, f))}
            for subject in SUBJECTS
            for f in FORMATS
        ],
        "site_url": settings.SITE_URL,
        "cities": City.objects.filter(devices__state="present").distinct().order_by("name"),
        "formats": FORMATS,
        "device_columns": DEVICE_COLUMNS,
        "event_columns": EVENT_COLUMNS,
        "license": LICENSE,
        "license_url": LICENSE_URL,
        "attribution": ATTRIBUTION,
        "osm_data_at": Following.objects.followed().aggregate(newest=Max("data_at"))["newest"],
    }
    return render(request, "data/index.html", context)


@require_safe
def devices(request: HttpRequest, format: str) -> HttpResponseBase:
    """Answer the devices that a filter selects; without one, the file made for all."""
    download = Download("devices", format)
    selected = DeviceFilter.parse(request.GET)
    if selected.is_default:
        return _whole(request, download)
    return _streamed(request, download, devices=selected)


@require_safe
def events(request: HttpRequest, format: str) -> HttpResponseBase:
    """Answer the events that a filter selects; without one, the file made for all."""
    download = Download("events", format)
    selected = EventFilter.parse(request.GET)
    if not request.GET:
        return _whole(request, download)
    return _streamed(request, download, events=selected)


@require_safe
def city_devices(request: HttpRequest, slug: str, format: str) -> HttpResponseBase:
    """Answer the devices of a city."""
    city = _city(slug)
    download = Download("devices", format, city)
    if "city" in request.GET:
        raise BadInput(_("The address names the city already; leave the filter city out."))
    selected = DeviceFilter.parse({**request.GET.dict(), "city": city.slug})
    if not request.GET:
        return _whole(request, download)
    return _streamed(request, download, devices=selected)


@require_safe
def city_map_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer the stand-alone map of a city: a file to keep, never a page of this site."""
    city = _city(slug)
    response = HttpResponse(city_map.city_map(city), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "max-age=60"
    return _with_licence(response, f"contrechamp-{city.slug}.html")


def _city(slug: str) -> City:
    city = City.objects.filter(slug=slug).first()
    if city is None:
        raise NotFound(_("There is no city at this address. See the list at /cities/."))
    return city


def _whole(request: HttpRequest, download: Download) -> HttpResponseBase:
    """Answer the file on disk, or where it is out of date the same bytes while it is made."""
    stored = current_file(download)
    if stored is None:
        if request.method == "GET":
            request_file(download=download)
        return _streamed(request, download)
    response = file_response(
        request,
        stored.path,
        content_type=download.content_type,
        etag=f'"{stored.content_hash}"',
    )
    return _with_licence(response, f"contrechamp-{download.name}.{download.format}")


def _streamed(request: HttpRequest, download: Download, **selected: Any) -> HttpResponseBase:
    """Answer rows as the database sends them; two such answers at a time."""
    # Streamed for HEAD too: of another answer Django would say that its length is 0.
    rows = () if request.method == "HEAD" else _Begun(_rows(download, selected))
    response = StreamingHttpResponse(rows, content_type=download.content_type)
    response["Cache-Control"] = "max-age=60"
    return _with_licence(response, f"contrechamp-{download.name}.{download.format}")


class _Begun:
    """Rows of which the first has come: a refusal must be known before the answer begins."""

    def __init__(self, rows: Generator[bytes, None, None]):
        self._rows = rows
        self._first = next(rows)

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._rows

    def close(self) -> None:
        """End the snapshot and free the place; Django calls it at the end of the answer."""
        self._rows.close()


def _rows(download: Download, selected: dict[str, Any]) -> Generator[bytes, None, None]:
    with snapshot(timeout_s=STREAM_TIMEOUT_S):
        take_slot()
        yield from download.chunks(**selected)


def _with_licence(response: HttpResponseBase, file_name: str) -> HttpResponseBase:
    """Say under which licence it is, for whom (everybody), and how the file is called."""
    response["Link"] = LINK_HEADER
    response["Access-Control-Allow-Origin"] = "*"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _size_bytes(download: Download) -> int | None:
    """Return the size of the last file that was made, or None where there is none yet."""
    for stored in stored_paths(download):
        return stored.stat().st_size
    return None


urlpatterns: list[URLPattern] = [path("data/", index, name="data")]
plain_urlpatterns: list[URLPattern] = [
    path("data/devices.<str:format>", devices, name="data_devices"),
    path("data/events.<str:format>", events, name="data_events"),
    path("data/cities/<slug:slug>/devices.<str:format>", city_devices, name="data_city_devices"),
    path("data/cities/<slug:slug>/map.html", city_map_file, name="data_city_map"),
]
