"""Vector tiles and their TileJSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geo.errors import TileError
from geo.tiles import Tile
from mapper.errors import NotFound
from mapper.sightings.filters import DeviceFilter
from mapper.tiles.tile import render_tile
from mapper.tiles.tilejson import tilejson as tilejson_document
from mapper.web.caching import cached_page

_MVT = "application/vnd.mapbox-vector-tile"


@require_safe
@cached_page
def tile(request: HttpRequest, z: str, x: str, y: str) -> HttpResponse:
    """Answer one tile; 204 where there is nothing, 404 where there can be no tile."""
    devices = DeviceFilter.parse(request.GET)
    try:
        address = Tile.parse(z, x, y)
    except TileError as error:
        raise NotFound(_("There is no such tile: %(reason)s") % {"reason": error}) from None
    content = render_tile(address, devices)
    response = HttpResponse(content, content_type=_MVT) if content else HttpResponse(status=204)
    if not content:
        # An answer without content has no type.
        del response["Content-Type"]
        response["Cache-Control"] = "max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@cached_page
def tilejson(request: HttpRequest) -> HttpResponse:
    """Answer what the tiles hold and where they are."""
    response = JsonResponse(tilejson_document())
    response["Access-Control-Allow-Origin"] = "*"
    return response


urlpatterns: list[URLPattern] = []
plain_urlpatterns: list[URLPattern] = [
    path("tiles/devices/<str:z>/<str:x>/<str:y>.mvt", tile, name="tile"),
    path("tiles/devices.json", tilejson, name="tilejson"),
]
