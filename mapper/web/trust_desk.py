"""What appears by itself, for moderators: brakes, batches, cartoparties."""

import datetime
from collections.abc import Callable

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapper.errors import BadInput, Refusal
from mapper.moderation import flood
from mapper.moderation.models import Decision
from mapper.places.models import City
from mapper.trust.models import Batch, Brake, Party
from mapper.trust.parties import MOST_HOURS, MOST_REPORTS
from mapper.web.moderation_pages import done_in_words, facts_of
from mapper.web.named_rows import named_row
from mapper.web.staff_doors import for_moderators, staff_of

_BATCHES = 20


class PartyForm(forms.Form):
    """A window for a mapping party."""

    city = forms.CharField(
        label=gettext_lazy("City: its code, or its name in the address of its page"),
        max_length=240,
    )
    opens_at = forms.DateTimeField(
        label=gettext_lazy("Begins (UTC), as 2026-05-12 14:00; empty: now"), required=False
    )
    hours = forms.IntegerField(
        label=gettext_lazy("Hours"), min_value=1, max_value=MOST_HOURS, initial=4
    )
    most = forms.IntegerField(
        label=gettext_lazy("Reports at most"), min_value=1, max_value=MOST_REPORTS, initial=300
    )


@for_moderators
def trust_desk(request: HttpRequest) -> HttpResponse:
    """Show brakes, batches and cartoparties, or do what a post asks for."""
    if request.method != "POST":
        return _page(request)
    act = _ACTS.get(request.POST.get("act", ""))
    try:
        if act is None:
            raise BadInput(_("This button is not known; reload the page."))
        decision = act(request)
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    undo = str(decision.id) if decision.can_be_undone else ""
    messages.success(request, done_in_words(decision), extra_tags=undo)
    return redirect("trust_desk")


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    posted = request.POST if request.POST.get("act") == "open_party" else None
    parties = Party.objects.filter(closes_at__gt=timezone.now()).select_related("city")
    context = {
        "brakes": Brake.objects.counted()[:_BATCHES],
        "batches": Batch.objects.on_map()[:_BATCHES],
        "parties": parties.order_by("opens_at", "id"),
        "party_form": PartyForm(posted),
        "site_url": settings.SITE_URL,
        "refusal": refusal,
        "desk": "trust",
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/trust.html", context, status=status)


def _brake(request: HttpRequest) -> Brake:
    brake: Brake = named_row(Brake, request)
    return brake


def _release(request: HttpRequest) -> Decision:
    return flood.release_brake(
        brake=_brake(request),
        actor=staff_of(request),
        with_reports=request.POST.get("with_reports") == "1",
    )


def _undo_flood(request: HttpRequest) -> Decision:
    return flood.undo_flood(brake=_brake(request), actor=staff_of(request))


def _refuse_flood(request: HttpRequest) -> Decision:
    return flood.refuse_flood(brake=_brake(request), actor=staff_of(request))


def _undo_batch(request: HttpRequest) -> Decision:
    return flood.undo_batch(batch=named_row(Batch, request), actor=staff_of(request))


def _open_party(request: HttpRequest) -> Decision:
    said = facts_of(PartyForm(request.POST), [])
    city = City.objects.defer("boundary").named(said["city"])
    if city is None:
        raise BadInput(_("There is no city of this code here."))
    opens_at: datetime.datetime = said["opens_at"] or timezone.now()
    _party, decision = flood.open_party(
        city=city,
        actor=staff_of(request),
        opens_at=opens_at,
        hours=said["hours"],
        most=said["most"],
    )
    return decision


def _close_party(request: HttpRequest) -> Decision:
    return flood.close_party(party=named_row(Party, request), actor=staff_of(request))


_ACTS: dict[str, Callable[[HttpRequest], Decision]] = {
    "release": _release,
    "undo_flood": _undo_flood,
    "refuse_flood": _refuse_flood,
    "undo_batch": _undo_batch,
    "open_party": _open_party,
    "close_party": _close_party,
}

urlpatterns: list[URLPattern] = [path("moderation/trust/", trust_desk, name="trust_desk")]
plain_urlpatterns: list[URLPattern] = []
