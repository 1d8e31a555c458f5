"""The moderators' queue of notices: what readers without an account object to."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mapper.errors import BadInput, NotFound
from mapper.moderation.models import ErasureReason, Notice, NoticeOutcome
from mapper.moderation.notices import decide_notice, device_of, photo_of
from mapper.moderation.order import queue_counts
from mapper.photos import storage
from mapper.web import sitting
from mapper.web.moderation_queue import say_it_is_over
from mapper.web.paging import page_number
from mapper.web.staff_doors import for_moderators, staff_of

_PAGE_SIZE = 20


class OutcomeForm(forms.Form):
    """What becomes of a notice, and of what it is about."""

    outcome = forms.ChoiceField(choices=NoticeOutcome.choices)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=ErasureReason.choices, required=False
    )


@for_moderators
@require_safe
def moderation_notices(request: HttpRequest) -> HttpResponse:
    """List the notices that wait, in working order."""
    page = Paginator(Notice.objects.waiting(), _PAGE_SIZE).get_page(page_number(request))
    context = {
        "page": page,
        "rows": [(notice, photo_of(notice), device_of(notice)) for notice in page.object_list],
        "reasons": ErasureReason.choices,
        "desk": "notices",
    }
    return render(request, "moderation/notices.html", context)


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def moderation_notice(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a notice, with the way on, or decide on it."""
    if request.method != "POST":
        return _page(request, _notice(id))
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose what becomes of the notice."))
    decision = decide_notice(
        notice=_notice(id),
        actor=staff_of(request),
        outcome=form.cleaned_data["outcome"],
        reason=form.cleaned_data["reason"],
    )
    words = _("Decided: %(act)s.") % {"act": decision.get_act_display()}
    undo = str(decision.id) if decision.can_be_undone else ""
    messages.success(request, words, extra_tags=undo)
    if "on_the_way" not in request.POST:
        return redirect("moderation_notices")
    sitting.count_decision(request)
    following = None if say_it_is_over(request) else sitting.following(request)
    return redirect(following or "moderation")


def _page(request: HttpRequest, notice: Notice) -> HttpResponse:
    context = {
        "notice": notice,
        "photo": photo_of(notice),
        "device": device_of(notice),
        "reasons": ErasureReason.choices,
        "sitting": sitting.sitting_of(request),
        "counts": queue_counts(),
        "desk": "queue",
    }
    return render(request, "moderation/notice.html", context)


@for_moderators
@require_safe
def moderation_notice_photo(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show the photo that a notice is about, hidden or not; never stored."""
    photo = photo_of(_notice(id))
    data = storage.read(storage.media(), photo.public_name) if photo else None
    if data is None:
        raise NotFound(_("There is no photo at this address (any more)."))
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _notice(id_: UUID) -> Notice:
    found = Notice.objects.filter(id=id_).first()
    if found is None:
        raise NotFound(_("There is no such notice."))
    return found


urlpatterns: list[URLPattern] = [
    path("moderation/notices/", moderation_notices, name="moderation_notices"),
    path("moderation/notices/<uuid:id>/", moderation_notice, name="moderation_notice"),
]
plain_urlpatterns: list[URLPattern] = [
    path(
        "moderation/notices/<uuid:id>/photo/",
        moderation_notice_photo,
        name="moderation_notice_photo",
    ),
]
