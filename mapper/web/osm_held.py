"""What changesets of OSM would remove or move in crowds, for moderators to look at on a map."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from mapper.errors import BadInput, Refusal
from mapper.moderation import osm_changes
from mapper.moderation.models import Decision
from mapper.osm.held import HeldChangeset, held_changesets
from mapper.osm.models import HeldChange
from mapper.sightings.facts import position_of
from mapper.web.moderation_pages import done_in_words
from mapper.web.staff_doors import for_moderators, staff_of

# As many are listed one by one, and shown on the map; the rest is in the count.
_MOST_LISTED = 100
_MOST_MARKS = 400
_MAX_CHANGESET = 2**62


@for_moderators
def osm_held(request: HttpRequest) -> HttpResponse:
    """Show what is held, or do what a post asks for."""
    if request.method != "POST":
        return _page(request)
    acts: dict[str, Callable[..., Decision]] = {
        "apply": osm_changes.apply_held,
        "keep": osm_changes.keep_ours,
    }
    act, said = acts.get(request.POST.get("act", "")), request.POST.get("changeset", "")
    try:
        if act is None or not (
            said.isascii() and said.isdigit() and int(said[:20]) < _MAX_CHANGESET
        ):
            raise BadInput(_("This button is not known; reload the page."))
        seen = request.POST.get("state", "")
        decision = act(changeset=int(said), state=seen, actor=staff_of(request))
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    messages.success(request, done_in_words(decision))
    return redirect("osm_held")


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "desk": "osm",
        "refusal": refusal,
        "groups": [_shown(group) for group in held_changesets()],
        "web_url": settings.OSM_WEB_URL,
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/osm_held.html", context, status=status)


def _shown(group: HeldChangeset) -> dict[str, Any]:
    marks = [mark for change in group.changes[:_MOST_MARKS] if (mark := _mark(change))]
    return {
        "group": group,
        "listed": group.changes[:_MOST_LISTED],
        "left": max(0, len(group.changes) - _MOST_LISTED),
        "marks": marks,
        "is_part": len(group.changes) > _MOST_MARKS,
        "start": marks[0] if marks else None,
        "script_id": f"held-{group.changeset}",
    }


def _mark(change: HeldChange) -> dict[str, Any] | None:
    """Return where the device is for us, and where the changeset would move it."""
    here, there = position_of(change.element.location), position_of(change.location)
    if here is None:
        return None
    said = change.element.claim.attributes
    mark = {
        "id": str(change.element.claim.device_id or ""),
        "kind": said.get("kind", "unknown"),
        "camera_type": said.get("camera_type", ""),
        "status": "active",
        "verification": "osm_only",
        "lon": here.lon,
        "lat": here.lat,
    }
    if change.reason == "moved" and there is not None:
        mark["to"] = {"lon": there.lon, "lat": there.lat}
    return mark


urlpatterns: list[URLPattern] = [path("moderation/osm/held/", osm_held, name="osm_held")]
plain_urlpatterns: list[URLPattern] = []
