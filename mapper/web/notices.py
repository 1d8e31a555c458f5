"""Objections, takedown and right of reply, at /notice/: no account, no cookie, with a receipt."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from mapper.intake import buckets
from mapper.intake.anonymous import anonymous_post
from mapper.intake.noticing import (
    MOST_WORDS,
    About,
    NoticeErrors,
    about,
    outcome_in_words,
    send_notice,
)
from mapper.moderation.models import Notice, NoticeReason
from mapper.web.caching import never_stored

_FIELDS = ("reason", "page", "words", "photo", "device")


@require_http_methods(["GET", "HEAD", "POST"])
@anonymous_post
@never_stored
def notice(request: HttpRequest) -> HttpResponse:
    """Show the form, or take a notice and answer with its twelve words."""
    said = {name: str((request.POST or request.GET).get(name, "")) for name in _FIELDS}
    target = about(photo=said["photo"], device=said["device"])
    if request.method != "POST":
        return _form_page(request, target, said)
    is_many = buckets.is_over(request, buckets.notice_limit())
    try:
        code = send_notice(target=target, said=said, may_hide=not is_many)
    except NoticeErrors as errors:
        return _form_page(request, target, said, errors=errors.fields)
    context = {"words": code, "code": " ".join(code), "target": target}
    return render(request, "notices/sent.html", context, status=201)


def notice_receipt(request: HttpRequest, found: Notice) -> HttpResponse:
    """Show what became of a notice to whoever has its words."""
    context = {
        "notice": found,
        "outcome": outcome_in_words(found),
        "is_waiting": not found.outcome,
    }
    return render(request, "notices/receipt.html", context)


def _form_page(
    request: HttpRequest,
    target: About,
    said: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    context = {
        "target": target,
        "said": said,
        "errors": errors or {},
        "reasons": _reasons(target),
        "most_words": MOST_WORDS,
    }
    return render(request, "notices/form.html", context, status=400 if errors else 200)


def _reasons(target: About) -> list[tuple[str, str]]:
    """Return the reasons that make sense for what the notice is about."""
    fitting = set(NoticeReason.values)
    if target.device is None:
        fitting -= {"gone", "wrong_place", "not_a_device"}
    return [(value, str(label)) for value, label in NoticeReason.choices if value in fitting]


urlpatterns: list[URLPattern] = [path("notice/", notice, name="notice")]
plain_urlpatterns: list[URLPattern] = []
