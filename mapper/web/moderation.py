"""Moderation: one report, one device, the log of decisions. Works without JavaScript."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geo.errors import GeoError
from mapper.errors import BadInput, Forbidden, NotFound, Refusal, as_refusal
from mapper.moderation import actions, company
from mapper.moderation.batch import MOST
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.order import queue_counts
from mapper.moderation.reading import ReportFile, open_device, open_report, queue
from mapper.photos.models import Photo
from mapper.sightings.models import Device, Sighting
from mapper.web import moderation_pages as pages
from mapper.web import sitting
from mapper.web.moderation_forms import (
    AcceptForm,
    AskForm,
    CorrectForm,
    EraseForm,
    LinkForm,
    MergeForm,
    RefuseForm,
    gates_of,
    known_device,
    redactions_of,
)
from mapper.web.moderation_queue import say_it_is_over
from mapper.web.paging import page_number
from mapper.web.staff_doors import for_moderators, for_staff, staff_of

_PAGE_SIZE = 50
Deed = Callable[..., Decision]
# Where what was decided is worked on, unless it is one report's or one device's page.
_PAGE_OF_ACT = {
    Act.KEEP: "moderation",
    Act.SETTLE: "moderation",
    Act.GIVE_BACK: "osm_desk",
}
_PAGE_OF_TARGET = {
    Target.BRAKE: "trust_desk",
    Target.BATCH: "trust_desk",
    Target.PARTY: "trust_desk",
    Target.PAIR: "moderation_matches",
}


@for_moderators
def moderation_report(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a report with its photos, its place and its neighbours, or decide on it."""
    report = open_report(_report(id))
    if request.method != "POST":
        return _report_page(request, report)
    if "pass_photo" in request.POST:
        return _pass_photo(request, report)
    if "act" not in request.POST or "move" in request.POST or "place.x" in request.POST:
        return _report_page(request, report, form=pages.moved_form(report, request.POST))
    act, form = _report_act(request, report)
    try:
        decision = act(**pages.facts_of(form, report.photos))
    except (Refusal, GeoError) as error:
        now = open_report(_report(id))
        return _report_page(request, now, form=form, refusal=as_refusal(error))
    return _decided(request, decision)


def _pass_photo(request: HttpRequest, report: ReportFile) -> HttpResponse:
    """Accept one photo, and decide nothing else."""
    said = request.POST["pass_photo"]
    photo = next((photo for photo in report.photos if str(photo.id) == said), None)
    if photo is None:
        raise NotFound(_("There is no copy of this photo (any more)."))
    gate = gates_of(request.POST, [photo])[photo.id]
    try:
        decision = actions.pass_photo(photo=photo, gate=gate, actor=staff_of(request))
    except Refusal as refusal:
        return _report_page(
            request, report, form=pages.moved_form(report, request.POST), refusal=refusal
        )
    messages.success(request, pages.done_in_words(decision), extra_tags=_undo_tag(decision))
    return redirect("moderation_report", id=report.sighting.id)


@for_moderators
def moderation_report_json(request: HttpRequest, id: UUID) -> HttpResponse:
    """Answer a report for programs: its place, and of each photo what it says of itself."""
    return JsonResponse(pages.report_as_dict(open_report(_report(id))))


@for_moderators
def moderation_device(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a device in any state with its history, or change what we believe of it."""
    device = Device.objects.select_related("merged_into", "city").filter(id=id).first()
    if device is None:
        raise NotFound(_("There is no device with this id."))
    if request.method != "POST":
        return _device_page(request, device)
    try:
        decision = _device_act(request, device)
    except (Refusal, GeoError) as error:
        return _device_page(request, device, refusal=as_refusal(error))
    messages.success(request, pages.done_in_words(decision), extra_tags=_undo_tag(decision))
    return redirect("moderation_device", id=id)


@for_staff
def moderation_decisions(request: HttpRequest) -> HttpResponse:
    """Show the log to all staff; a moderator may take a decision back."""
    if request.method == "POST":
        return _undo(request)
    decisions = Decision.objects.select_related("actor", "undone_by")
    page = Paginator(decisions, 2 * _PAGE_SIZE).get_page(page_number(request))
    return render(request, "moderation/decisions.html", {"page": page, "desk": "decisions"})


def _report(id_: UUID) -> Sighting:
    found = Sighting.objects.select_related("claim__device", "confirms_device", "passage").filter(
        id=id_
    )
    sighting = found.first()
    if sighting is None:
        raise NotFound(_("There is no such report; its author may have withdrawn it."))
    return sighting


def _report_act(request: HttpRequest, report: ReportFile) -> tuple[Deed, forms.Form]:
    """Return the action that a post asks for, and its form."""
    acts: Mapping[str, tuple[Deed, type[forms.Form]]] = {
        "accept": (actions.accept_report, AcceptForm),
        "refuse": (actions.refuse_report, RefuseForm),
        "ask": (actions.ask_question, AskForm),
    }
    act, form = _chosen(request, acts)

    def decide(**facts: Any) -> Decision:
        return act(sighting=report.sighting, actor=staff_of(request), **facts)

    return decide, form(request.POST)


def _device_act(request: HttpRequest, device: Device) -> Decision:
    """Do what a post asks for."""
    acts: Mapping[str, tuple[Deed, type[forms.Form]]] = {
        "merge": (actions.merge, MergeForm),
        "correct": (actions.correct_device, CorrectForm),
        "erase": (actions.erase_device, EraseForm),
        "link_picture": (actions.link_picture, LinkForm),
        "publish": (actions.publish_photo, forms.Form),
        "hide": (actions.hide_photo, forms.Form),
    }
    act, make_form = _chosen(request, acts)
    form = make_form(request.POST)
    facts = pages.facts_of(form, [])
    actor = staff_of(request)
    if isinstance(form, MergeForm):
        survivor = known_device(str(facts["survivor"]))
        return act(survivor=survivor, other=device, actor=actor)
    if isinstance(form, CorrectForm | EraseForm | LinkForm):
        facts.pop("is_sure", None)
        return act(device=device, actor=actor, **facts)
    photo = _photo_of(device, request.POST.get("photo", ""))
    if act == actions.hide_photo:
        return act(photo=photo, actor=actor)
    return act(
        photo=photo,
        actor=actor,
        gate=gates_of(request.POST, [photo])[photo.id],
        redaction=redactions_of(request.POST, [photo]).get(photo.id),
    )


def _photo_of(device: Device, text: str) -> Photo:
    photos = {str(photo.id): photo for photo in open_device(device).photos}
    if text not in photos:
        raise BadInput(_("This photo is not one of this device."))
    return photos[text]


def _chosen(
    request: HttpRequest, acts: Mapping[str, tuple[Deed, type[forms.Form]]]
) -> tuple[Deed, type[forms.Form]]:
    said = request.POST.get("act", "")
    if said not in acts:
        raise BadInput(
            _("act=%(value)s is not known. Choose among: %(known)s.")
            % {"value": said[:40], "known": " ".join(acts)}
        )
    return acts[said]


def _report_page(
    request: HttpRequest,
    report: ReportFile,
    *,
    form: forms.Form | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Show a report; what was typed stays, with what is wrong."""
    context = pages.report_context(report, form) | {
        "refusal": refusal,
        "counts": queue_counts(),
        "queue": queue()[:12],
        "sitting": sitting.sitting_of(request),
        "company": _company(request, report),
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/report.html", context, status=status)


def _company(request: HttpRequest, report: ReportFile) -> list[str]:
    """Note that this report is open here; return who else has it open."""
    if not report.is_pending:
        return []
    here = staff_of(request)
    if request.method != "HEAD":
        company.note_open(report=report.sighting.id, user=here)
    others = company.who_else(report=report.sighting.id, user=here)
    return [other.shown_name for other in others]


def _device_page(
    request: HttpRequest, device: Device, *, refusal: Refusal | None = None
) -> HttpResponse:
    file = open_device(device)
    context = pages.device_context(file, request.POST or None) | {"refusal": refusal}
    status = refusal.status if refusal else 200
    return render(request, "moderation/device.html", context, status=status)


def _decided(request: HttpRequest, decision: Decision) -> HttpResponseRedirect:
    """Say what was done and how much is left, and go on to the next report."""
    sitting.count_decision(request)
    left = queue_counts().to_do
    rest = ngettext("%(n)d left.", "%(n)d left.", left) % {"n": left}
    words = f"{pages.done_in_words(decision)} {rest}"
    messages.success(request, words, extra_tags=_undo_tag(decision))
    following = None if say_it_is_over(request) else sitting.following(request)
    return HttpResponseRedirect(following or reverse("moderation"))


def _undo(request: HttpRequest) -> HttpResponse:
    if not staff_of(request).is_moderator:
        raise Forbidden(_("Only moderators take decisions back."))
    said = request.POST.get("decision", "")
    if " " in said.strip():
        return _undo_batch(request, said.split())
    decision = Decision.objects.filter(id=said).first() if _is_uuid(said) else None
    if decision is None:
        raise NotFound(_("There is no such decision."))
    undone = actions.undo(decision=decision, actor=staff_of(request))
    messages.success(request, pages.done_in_words(undone))
    return HttpResponseRedirect(_place_of(decision))


def _place_of(decision: Decision) -> str:
    """Return the address where what a decision was about is worked on."""
    if decision.target_kind == Target.SIGHTING:
        return reverse("moderation_report", args=[decision.target])
    if decision.act == Act.PASS_PHOTO:
        photo = Photo.objects.filter(id=decision.target).first()
        return (
            reverse("moderation_report", args=[photo.sighting_id])
            if photo
            else reverse("moderation")
        )
    page = _PAGE_OF_ACT.get(Act(decision.act)) or _PAGE_OF_TARGET.get(Target(decision.target_kind))
    if page is not None:
        return reverse(page)
    if decision.device is not None:
        return reverse("moderation_device", args=[decision.device])
    return reverse("moderation_decisions")


def _undo_batch(request: HttpRequest, ids: list[str]) -> HttpResponse:
    """Take the decisions of a batch back, each by itself."""
    known = [UUID(said) for said in ids[:MOST] if _is_uuid(said)]
    undone = 0
    for decision in Decision.objects.filter(id__in=known):
        try:
            actions.undo(decision=decision, actor=staff_of(request))
        except Refusal:
            continue
        undone += 1
    words = _("%(n)d of %(all)d decisions are taken back.") % {"n": undone, "all": len(ids)}
    messages.success(request, words)
    return redirect("moderation")


def _undo_tag(decision: Decision) -> str:
    """Return what the message's undo button names."""
    return str(decision.id) if decision.can_be_undone else ""


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


urlpatterns: list[URLPattern] = [
    path("moderation/reports/<uuid:id>/", moderation_report, name="moderation_report"),
    path("moderation/devices/<uuid:id>/", moderation_device, name="moderation_device"),
    path("moderation/decisions/", moderation_decisions, name="moderation_decisions"),
]
plain_urlpatterns: list[URLPattern] = [
    path(
        "moderation/reports/<uuid:id>.json", moderation_report_json, name="moderation_report_json"
    ),
]
