"""Several plain reports at once: each with its photo, each can be left out, each is decided."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapper.moderation import company
from mapper.moderation.batch import accept_batch, safe_reports
from mapper.web.staff_doors import for_moderators, staff_of


@for_moderators
def moderation_batch(request: HttpRequest) -> HttpResponse:
    """Show the reports that may be accepted together, or accept those that are ticked."""
    if request.method == "POST":
        return _accept(request)
    theirs = company.open_elsewhere(user=staff_of(request))
    reports = safe_reports(apart_from=theirs)
    cards = [(report, [p for p in report.photos.all() if p.covered_name]) for report in reports]
    return render(request, "moderation/batch.html", {"cards": cards, "desk": "queue"})


def _accept(request: HttpRequest) -> HttpResponse:
    chosen = [pair for text in request.POST.getlist("report") if (pair := _pair(text))]
    done = accept_batch(chosen=chosen, actor=staff_of(request))
    count = len(done.decisions)
    words = ngettext("%(n)d report accepted.", "%(n)d reports accepted.", count) % {"n": count}
    if done.left_out:
        rest = _("%(n)d changed or got company meanwhile and wait on.") % {"n": done.left_out}
        words = f"{words} {rest}"
    undo = " ".join(str(decision.id) for decision in done.decisions)
    messages.success(request, words, extra_tags=undo)
    return redirect("moderation_batch")


def _pair(text: str) -> tuple[UUID, int] | None:
    """Return the report and the version that a ticked box names; None where it names none."""
    id_, _colon, version = text.partition(":")
    try:
        return UUID(id_), int(version[:9])
    except ValueError:
        return None


urlpatterns: list[URLPattern] = [
    path("moderation/batch/", moderation_batch, name="moderation_batch"),
]
plain_urlpatterns: list[URLPattern] = []
