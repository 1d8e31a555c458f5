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
from mapper.photos import storage
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
    """List the notices that wait: what hides a photo first, then the oldest."""
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
    """Decide on a notice."""
    if request.method != "POST":
        return redirect("moderation_notices")
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose what becomes of the notice."))
    decision = decide_notice(
        notice=_notice(id),
        actor=staff_of(request),
        outcome=form.cleaned_data["outcome"],
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Decided: %(act)s.") % {"act": decision.get_act_display()})
    return redirect("moderation_notices")


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
