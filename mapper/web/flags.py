"""Flags on what is no device, as GeoJSON of a box: /data/flags.geojson. Never among the devices."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from geo.bbox import BBox
from geo.osm_flags import FLAG_KINDS
from mapper.errors import BadInput
from mapper.licence import ATTRIBUTION, LICENSE, LINK_HEADER
from mapper.osm.models import OsmFlag
from mapper.web.caching import cached_page

_PARAMETERS = ("bbox", "kind")
# A box with more is too large to be read on a map.
_MOST = 5_000


@cached_page
def flags(request: HttpRequest) -> HttpResponse:
    """Answer the flags of a box, of the kinds asked for."""
    unknown = sorted(set(request.GET) - set(_PARAMETERS))
    if unknown:
        raise BadInput(
            _("Unknown filter: %(name)s. The known ones are: %(known)s.")
            % {"name": ", ".join(unknown)[:100], "known": " ".join(_PARAMETERS)},
            code="unknown-filter",
        )
    bbox = BBox.parse(request.GET.get("bbox", ""))
    found = OsmFlag.objects.in_bbox(bbox).filter(kind__in=_kinds(request.GET.get("kind", "")))
    rows = list(found.order_by("osm_type", "osm_id")[: _MOST + 1])
    if len(rows) > _MOST:
        raise BadInput(
            _("There are more than %(most)s in this box; ask for a smaller one.") % {"most": _MOST}
        )
    collection = {
        "type": "FeatureCollection",
        "license": LICENSE,
        "attribution": ATTRIBUTION,
        "features": [_feature(row) for row in rows],
    }
    return HttpResponse(
        json.dumps(collection, ensure_ascii=False),
        content_type="application/geo+json",
        headers={"Access-Control-Allow-Origin": "*", "Link": LINK_HEADER},
    )


def _kinds(text: str) -> list[str]:
    """Return the kinds of a list joined by commas; all where there is none."""
    kinds = text.split(",") if text else list(FLAG_KINDS)
    for kind in kinds:
        if kind not in FLAG_KINDS:
            raise BadInput(
                _("kind=%(value)s is not known. Choose among: %(known)s.")
                % {"value": kind[:40], "known": " ".join(FLAG_KINDS)}
            )
    return kinds


def _feature(flag: OsmFlag) -> dict[str, Any]:
    name = f"{flag.osm_type}/{flag.osm_id}"
    return {
        "type": "Feature",
        "id": name,
        "geometry": {
            "type": "Point",
            "coordinates": [round(flag.location.x, 7), round(flag.location.y, 7)],
        },
        "properties": {
            "id": name,
            "kind": flag.kind,
            "url": f"https://www.openstreetmap.org/{name}",
            "osm_version": flag.version,
            "tags": flag.tags,
        },
    }


urlpatterns: list[URLPattern] = []
plain_urlpatterns: list[URLPattern] = [path("data/flags.geojson", flags, name="data_flags")]
