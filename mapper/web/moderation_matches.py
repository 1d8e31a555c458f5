"""The desk of matches with OpenStreetMap: which of our devices are ones that it knows."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from geo.position import LonLat
from mapper.errors import BadInput, Refusal
from mapper.languages import BARE
from mapper.moderation.matches import MatchFile, join_match, open_matches, tell_apart
from mapper.osm.models import Match
from mapper.web.moderation_pages import done_in_words
from mapper.web.paging import page_number
from mapper.web.sentences import device_sentence
from mapper.web.staff_doors import for_moderators, staff_of

_PAGE_SIZE = 20
# 20 m are some 100 of these pixels in Europe: both points are in the picture, and not as one.
_ZOOM, _WIDTH_PX, _HEIGHT_PX = 19, 320, 240
_MOST_LAT = 85.0


class SettleForm(forms.Form):
    """Which two, and what they are."""

    act = forms.ChoiceField(choices=[("same", "same"), ("apart", "apart")])
    device = forms.UUIDField()
    other = forms.UUIDField()


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def moderation_matches(request: HttpRequest) -> HttpResponse:
    """List the matches, most certain first, or settle one."""
    if request.method != "POST":
        return _page(request)
    form = SettleForm(request.POST)
    try:
        if not form.is_valid():
            raise BadInput(_("Say of one of the matches below whether it is one device or two."))
        said: dict[str, Any] = form.cleaned_data
        settle = join_match if said["act"] == "same" else tell_apart
        decision = settle(device=said["device"], other=said["other"], actor=staff_of(request))
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    messages.success(request, done_in_words(decision), extra_tags=str(decision.id))
    return redirect("moderation_matches")


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    matches = Match.objects.open().select_related("device__city", "other")
    page = Paginator(matches, _PAGE_SIZE).get_page(page_number(request))
    context = {
        "page": page,
        "rows": [
            (file, device_sentence(file.device), device_sentence(file.other), picture_of(file))
            for file in open_matches(list(page.object_list))
        ],
        "desk": "osm",
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/matches.html", context, status=status)


def picture_of(file: MatchFile) -> str:
    """Return the address of the map of both, 1 and 2; empty where the web map has no place."""
    here, there = file.places
    if max(abs(here.lat), abs(there.lat)) > _MOST_LAT:
        return ""
    middle = _between(here, there)
    query = QueryDict(mutable=True)
    query.update(
        {
            "lon": f"{middle.lon:.6f}",
            "lat": f"{middle.lat:.6f}",
            "zoom": str(_ZOOM),
            "width": str(_WIDTH_PX),
            "height": str(_HEIGHT_PX),
            "devices": "1",
            "ids": f"{file.device.id},{file.other.id}",
            "lang": get_language() or BARE,
        }
    )
    return f"{reverse('map_picture')}?{query.urlencode()}"


def _between(one: LonLat, other: LonLat) -> LonLat:
    """Return the middle of two places near each other; either of them at the antimeridian."""
    if abs(one.lon - other.lon) > 180:
        return one
    return LonLat((one.lon + other.lon) / 2, (one.lat + other.lat) / 2)


urlpatterns: list[URLPattern] = [
    path("moderation/osm/matches/", moderation_matches, name="moderation_matches"),
]
plain_urlpatterns: list[URLPattern] = []
