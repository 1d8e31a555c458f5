"""What is given back to OSM, for moderators: what could be, what waits, what stands in the way."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from geo.osm_tags import device_attributes
from geo.position import LonLat
from mapper.errors import BadInput, NotFound, Refusal, Stale
from mapper.intake.place_picture import PlacePicture
from mapper.moderation import giving_back
from mapper.moderation.models import Decision
from mapper.moderation.reading import Neighbour, neighbours_of
from mapper.osm.models import HeldChange, Match
from mapper.photos.models import Photo, PhotoState
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device
from mapper.upstream import by_hand, gate
from mapper.upstream.accounts import account_for, name_of
from mapper.upstream.candidates import (
    Suggestion,
    candidates,
    element_of,
    nodes_near,
    pending_for,
    suggest,
)
from mapper.upstream.models import Proposal, ProposalState, PushBatch, Stop
from mapper.web.moderation_pages import done_in_words
from mapper.web.named_rows import named_row
from mapper.web.osm_words import conflict_rows, rows_of
from mapper.web.paging import page_number
from mapper.web.sentences import device_sentence
from mapper.web.staff_doors import for_moderators, staff_of

_PAGE_SIZE = 25
_LATEST = 20
_ZOOM = 18


@for_moderators
def osm_desk(request: HttpRequest) -> HttpResponse:
    """Show what could be given back and what became of it, or do what a post asks for."""
    if request.method != "POST":
        return _desk_page(request)
    act = _ACTS.get(request.POST.get("act", ""))
    try:
        if act is None:
            raise BadInput(_("This button is not known; reload the page."))
        decision = act(request)
    except Refusal as refusal:
        return _desk_page(request, refusal=refusal)
    messages.success(request, done_in_words(decision))
    return redirect("osm_desk")


@for_moderators
def osm_review(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one device's evidence beside its OSM object, or approve what is to be sent of it."""
    device = _device(id)
    if request.method != "POST":
        return _review_page(request, device)
    try:
        decision = _decide(request, device)
    except Refusal as refusal:
        return _review_page(request, device, refusal=refusal)
    undo_tag = str(decision.id) if decision.can_be_undone else ""
    messages.success(request, done_in_words(decision), extra_tags=undo_tag)
    return redirect("osm_desk")


@for_moderators
def osm_change_file(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer the osmChange of one device, for somebody's own editor."""
    suggestion = suggest(_device(id))
    body = by_hand.change_file(suggestion) if suggestion else None
    if body is None:
        raise NotFound(_("There is no change file for this device."))
    answer = HttpResponse(body, content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="contrechamp-{id}.osc"'
    return answer


def _device(id_: UUID) -> Device:
    device = Device.objects.select_related("city").filter(id=id_).first()
    if device is None:
        raise NotFound(_("There is no device with this id."))
    return device


def _desk_page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    account = account_for(staff_of(request))
    found = candidates().select_related("city")
    # Of what was sent once there is seldom more to say: it comes last.
    sent = Proposal.objects.filter(device=OuterRef("pk"))
    found = found.annotate(was_sent=Exists(sent)).order_by("was_sent", "city__name", "id")
    page = Paginator(found, _PAGE_SIZE).get_page(page_number(request))
    proposals = Proposal.objects.select_related("device__city", "element", "approver", "seconder")
    context = {
        "desk": "osm",
        "refusal": refusal,
        "lacking": gate.lacking_settings(),
        "stops": gate.standing(),
        "account": account,
        "account_name": name_of(account) if account else "",
        "left_today": gate.left_today(),
        "held": HeldChange.objects.count_changesets(),
        "matches": Match.objects.open().count(),
        "page": page,
        "suggestions": [(s, device_sentence(s.device)) for d in page if (s := suggest(d))],
        "conflicts": proposals.filter(state=ProposalState.CONFLICT).order_by("id"),
        "waiting": proposals.filter(state=ProposalState.APPROVED).order_by("approved_on", "id"),
        "batches": PushBatch.objects.last_made(_LATEST),
    }
    return render(
        request, "moderation/osm.html", context, status=refusal.status if refusal else 200
    )


def _review_page(
    request: HttpRequest, device: Device, *, refusal: Refusal | None = None
) -> HttpResponse:
    proposal = pending_for(device.id)
    suggestion = suggest(device) if proposal is None else None
    # What goes up is what was approved, wherever the device was put since.
    position = position_of(proposal.place if proposal and proposal.place else device.location)
    photos = Photo.objects.filter(sighting__claim__device=device, state=PhotoState.PUBLISHED)
    context: dict[str, Any] = {
        "desk": "osm",
        "refusal": refusal,
        "device": device,
        "sentence": device_sentence(device),
        "position": position,
        "picture": PlacePicture(position, _ZOOM, position) if position else None,
        "neighbours_json": _around(device, position),
        "photos": photos.order_by("id"),
        "element": proposal.element if proposal else element_of(device),
        "proposal": proposal,
        "conflict": _conflict(proposal),
        "changes": conflict_rows(proposal) if proposal else [],
        "me": staff_of(request),
        "near": ",".join(map(str, nodes_near(position))),
        "suggestion": suggestion,
        "rows": rows_of(suggestion) if suggestion else [],
        "account": account_for(staff_of(request)),
        **(_by_hand(suggestion) if suggestion else {}),
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/osm_review.html", context, status=status)


def _around(device: Device, position: LonLat | None) -> list[dict[str, Any]]:
    """Return the devices near, and where OSM has this one, for the map."""
    if position is None:
        return []
    near = [one.as_dict() for one in neighbours_of(position, but=device.id)]
    element = element_of(device)
    here = Neighbour(device=device, label=_("ours"), distance_m=0.0, element=element).as_dict()
    here |= {"lon": position.lon, "lat": position.lat}
    there = position_of(element.location) if element else None
    if element is None or there is None:
        return [here, *near]
    said = device_attributes(element.tags)
    arcs = [arc.as_dict() for arc in said.directions] if said else []
    theirs = {"label": "OSM", "lon": there.lon, "lat": there.lat, "direction": json.dumps(arcs)}
    return [here | theirs, here, *near]


def _conflict(proposal: Proposal | None) -> dict[str, Any] | None:
    if proposal is None or proposal.state != ProposalState.CONFLICT:
        return None
    theirs = proposal.theirs or {}
    return {
        "rows": conflict_rows(proposal),
        "version": theirs.get("version"),
        "can_settle": proposal.can_be_decided,
    }


def _by_hand(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "josm_address": by_hand.josm_address(suggestion),
        "has_change_file": suggestion.element is None or suggestion.element.osm_type == "node",
        "note_text": by_hand.note_text(suggestion),
        "note_address": by_hand.note_address(suggestion),
    }


def _decide(request: HttpRequest, device: Device) -> Decision:
    post, actor = request.POST, staff_of(request)
    version = _version(post.get("version", ""))
    act = post.get("act")
    if act == "give_back":
        return giving_back.give_back(
            device=device,
            actor=actor,
            fields=post.getlist("field"),
            version=version,
            is_mount_gone=post.get("is_mount_gone") == "1",
            was_on_spot=post.get("was_on_spot") == "1",
            near=_near(post.get("near", "")),
        )
    proposal = pending_for(device.id)
    if proposal is None:
        raise NotFound(_("Nothing of this device is on its way (any more)."))
    if post.get("proposal") != str(proposal.id):
        raise Stale(_("What is on its way changed while you looked at it. Look at it again."))
    if act == "settle":
        ours = [key.removeprefix("pick-") for key in post if post[key] == "ours"]
        return giving_back.settle_conflict(
            proposal=proposal, actor=actor, ours=ours, version=version
        )
    if act == "second":
        near = _near(post.get("near", ""))
        return giving_back.second(proposal=proposal, actor=actor, near=near)
    if act == "withdraw":
        return giving_back.withdraw(proposal=proposal, actor=actor)
    raise BadInput(_("This button is not known; reload the page."))


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(_("This form is not whole; reload the page."))
    return int(text)


def _near(text: str) -> list[int]:
    """Return the nodes that stood on the page; a form without them names none."""
    words = text.split(",") if text else []
    if not all(word.isascii() and word.isdigit() and len(word) < 20 for word in words):
        raise BadInput(_("This form is not whole; reload the page."))
    return [int(word) for word in words]


def _stop(request: HttpRequest) -> Decision:
    return giving_back.stop_sending(actor=staff_of(request))


def _answer(request: HttpRequest) -> Decision:
    return giving_back.answer_stop(stop=named_row(Stop, request), actor=staff_of(request))


def _take_back(request: HttpRequest) -> Decision:
    return giving_back.take_back_batch(batch=named_row(PushBatch, request), actor=staff_of(request))


_ACTS: dict[str, Callable[[HttpRequest], Decision]] = {
    "stop": _stop,
    "answer": _answer,
    "take_back": _take_back,
}


urlpatterns: list[URLPattern] = [
    path("moderation/osm/", osm_desk, name="osm_desk"),
    path("moderation/osm/devices/<uuid:id>/", osm_review, name="osm_review"),
]
plain_urlpatterns: list[URLPattern] = [
    path("moderation/osm/devices/<uuid:id>.osc", osm_change_file, name="osm_change_file"),
]
