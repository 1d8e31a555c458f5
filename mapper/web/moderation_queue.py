"""The queue: what waits and why, the way through it, and a sitting of some minutes."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from mapper.errors import BadInput
from mapper.moderation import company
from mapper.moderation.models import Notice
from mapper.moderation.order import Rank, queue_counts
from mapper.moderation.reading import queue
from mapper.moderation.stops import Stop, next_stop, previous_stop
from mapper.sightings.models import Sighting
from mapper.web import sitting
from mapper.web.paging import page_number
from mapper.web.staff_doors import for_moderators, staff_of

_PAGE_SIZE = 50
_NOTICES_SHOWN = 5


@for_moderators
def moderation_queue(request: HttpRequest) -> HttpResponse:
    """List what waits, by what matters, each rank the oldest first."""
    page = Paginator(queue(), _PAGE_SIZE).get_page(page_number(request))
    context = {
        "page": page,
        "groups": by_rank(page.object_list),
        "counts": queue_counts(),
        **notices_ahead(),
        "next": sitting.following(request),
        "sitting": sitting.sitting_of(request),
        "lengths": sitting.LENGTHS_MIN,
        "elsewhere": company.open_elsewhere(user=staff_of(request)),
        "desk": "queue",
    }
    return render(request, "moderation/queue.html", context)


@for_moderators
@require_safe
def moderation_step(request: HttpRequest) -> HttpResponse:
    """Go to the notice or report after (`to=next`) or before (`to=previous`) the one at `from`."""
    here = _uuid(request.GET.get("from", ""))
    if here and request.GET.get("to") == "previous":
        found = previous_stop(here)
        missing = _("This is the first one.")
    else:
        found = next_stop(here)
        missing = _("Nothing else waits.")
    if found is None:
        messages.info(request, missing)
        found = _stop(here)
    return redirect(sitting.address_of(found) or "moderation")


@for_moderators
@require_POST
def moderation_sitting(request: HttpRequest) -> HttpResponse:
    """Begin a sitting of some minutes, or end the one that runs."""
    minutes = request.POST.get("minutes", "")
    if not minutes:
        _say_what_stays(request)
        return redirect("moderation")
    if minutes not in map(str, sitting.LENGTHS_MIN):
        known = " ".join(map(str, sitting.LENGTHS_MIN))
        raise BadInput(
            _("minutes=%(value)s is not known. Choose among: %(known)s.")
            % {"value": minutes[:40], "known": known}
        )
    sitting.begin(request, minutes=int(minutes))
    return redirect(sitting.following(request) or "moderation")


def notices_ahead() -> dict[str, Any]:
    """Return how many flags and objections wait, and the first of them."""
    waiting = Notice.objects.waiting()
    first = list(waiting.select_related("city")[: _NOTICES_SHOWN + 1])
    is_all = len(first) <= _NOTICES_SHOWN
    return {
        "notices": first[:_NOTICES_SHOWN],
        "notice_count": len(first) if is_all else waiting.count(),
    }


def by_rank(reports: Iterable[Any]) -> list[tuple[Rank, list[Sighting]]]:
    """Return reports in their order, gathered under the rank that they have."""
    return [
        (Rank(rank), list(group))
        for rank, group in groupby(reports, key=lambda report: report.rank)
    ]


def say_it_is_over(request: HttpRequest) -> bool:
    """End a sitting whose time is up, and say what stays; return whether it was."""
    running = sitting.sitting_of(request)
    if running is None or not running.is_over:
        return False
    _say_what_stays(request)
    return True


def _say_what_stays(request: HttpRequest) -> None:
    ended = sitting.end(request)
    if ended is None:
        return
    counts = queue_counts()
    n = ended.decided
    done = ngettext("%(n)d decision in this sitting.", "%(n)d decisions in this sitting.", n)
    stays = _("%(first)d reports are worth a next one, %(rest)d can wait.")
    words = f"{done} {stays}" % {"n": n, "first": counts.served_first, "rest": counts.can_wait}
    flags = Notice.objects.waiting().count()
    if flags:
        waits = ngettext("%(n)d flag or objection waits.", "%(n)d flags or objections wait.", flags)
        words += " " + waits % {"n": flags}
    messages.info(request, words)


def _stop(id_: UUID | None) -> Stop | None:
    """Return the notice or report of an id."""
    report = Sighting.objects.filter(id=id_).first() if id_ else None
    return report or (Notice.objects.filter(id=id_).first() if id_ else None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadInput(_("from=%(value)s is not a report's id.") % {"value": text[:40]}) from None


urlpatterns: list[URLPattern] = [
    path("moderation/", moderation_queue, name="moderation"),
    path("moderation/step/", moderation_step, name="moderation_step"),
    path("moderation/sitting/", moderation_sitting, name="moderation_sitting"),
]
plain_urlpatterns: list[URLPattern] = []
