"""What became of a report, at /receipts/: everything by POST with the code in the body."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mapper.errors import BadInput, Conflict, NotFound, Refusal
from mapper.intake import buckets, receipts
from mapper.intake.actions import amend, answer_question, fields_of, withdraw
from mapper.intake.anonymous import anonymous_post
from mapper.intake.following import standing_of
from mapper.intake.form import fields_of_post, form_from, two_directions
from mapper.intake.report import FIELDS, ReportErrors
from mapper.moderation.models import Notice
from mapper.sightings.days import today
from mapper.sightings.models import Receipt
from mapper.web.caching import never_stored
from mapper.web.notices import notice_receipt
from mapper.web.report import report_choices


@require_http_methods(["GET", "HEAD", "POST"])
@anonymous_post
@never_stored
def receipt(request: HttpRequest) -> HttpResponse:
    """Ask for the code, or show and do what its author may see and do."""
    if request.method != "POST":
        return _code_page(request)
    try:
        found = _found(request.POST.get("code", ""))
    except (BadInput, NotFound) as refusal:
        return _code_page(request, problem=refusal)
    if isinstance(found, Notice):
        return notice_receipt(request, found)
    act = _ACTS.get(request.POST.get("action", ""), _show)
    try:
        return act(request, found)
    except (BadInput, Conflict) as refusal:
        return _receipt_page(request, found, problem=refusal)


def _found(code: str) -> Receipt | Notice:
    found = receipts.find(code) or receipts.find_notice(code)
    if found is None:
        raise NotFound(
            _(
                "There is no report with this code. It was never given out, or the report was "
                "withdrawn."
            )
        )
    return found


def _show(request: HttpRequest, found: Receipt) -> HttpResponse:
    return _receipt_page(request, found)


def _answer(request: HttpRequest, found: Receipt) -> HttpResponse:
    answer_question(receipt=found, answer=request.POST.get("answer", ""))
    return _receipt_page(request, found, done=_("Your answer has reached the moderators."))


def _amend(request: HttpRequest, found: Receipt) -> HttpResponse:
    fields = fields_of_post(request.POST)
    if "direction_twice" in fields:
        raise ReportErrors({"direction": two_directions()})
    said = {name: value for name, value in fields.items() if name in FIELDS}
    if "direction" not in request.POST:
        said.pop("direction", None)
    if not said.get("lat") and not said.get("lon"):
        # The place is shown only on request, and an empty one stays what it is.
        said = {name: value for name, value in said.items() if name not in ("lat", "lon")}
    slow_reason = buckets.slow_reason(request)
    made = amend(
        receipt=found, said=said, language=str(request.LANGUAGE_CODE), slow_reason=slow_reason
    )
    if made is not None:
        context = {"section": "report", "submitted": made, "code": " ".join(made.code)}
        return render(request, "intake/amended.html", context, status=201)
    return _receipt_page(request, found, done=_("Your report was changed."))


def _withdraw(request: HttpRequest, found: Receipt) -> HttpResponse:
    if request.POST.get("sure") != "1":
        raise BadInput(_("Tick the box to say that you are sure; nothing was withdrawn."))
    withdraw(receipt=found)
    return render(request, "intake/withdrawn.html", {"section": "report"})


def _proof(request: HttpRequest, found: Receipt) -> HttpResponse:
    """Show a sheet to print; the code is on it only where that was asked for."""
    code = receipts.read_code(request.POST.get("code", ""))
    assert found.sighting is not None  # found by it
    context = {
        "section": "report",
        "code": " ".join(code),
        "words": code if request.POST.get("action") == "proof_with_code" else (),
        "standing": standing_of(found, found.sighting),
        "sighting": found.sighting,
        "site_url": settings.SITE_URL,
        "printed_on": today(),
    }
    return render(request, "intake/proof.html", context)


def _code_page(request: HttpRequest, *, problem: Refusal | None = None) -> HttpResponse:
    context = {"section": "report", "problem": problem, "said": request.POST.get("code", "")[:400]}
    status = 200 if problem is None else problem.status
    if problem is not None and buckets.has_many(request, buckets.GUESS_LIMIT):
        # Told, and nothing more: a right code opens its receipt whatever others guess.
        status = 429
    return render(request, "intake/receipts.html", context, status=status)


def _receipt_page(
    request: HttpRequest, found: Receipt, *, done: str = "", problem: Refusal | None = None
) -> HttpResponse:
    """Show a report to its author; an error comes back with what was typed."""
    found.refresh_from_db()
    sighting = found.sighting
    context: dict[str, Any] = {"section": "report", "done": done, "problem": problem}
    if sighting is not None:
        said = fields_of(sighting)
        is_place_shown = request.POST.get("action") == "place"
        has_place = bool(said["lat"])
        if not is_place_shown:
            said |= {"lat": "", "lon": ""}
        if problem is not None and request.POST.get("action") == "amend":
            said |= fields_of_post(request.POST)
        form = form_from(said)
        form.errors = dict(getattr(problem, "fields", {}))
        context |= {
            "code": " ".join(receipts.read_code(request.POST.get("code", ""))),
            "standing": standing_of(found, sighting),
            "form": form,
            "has_place": has_place,
            "is_place_shown": is_place_shown,
            "choices": report_choices(),
        }
    status = 200 if problem is None else problem.status
    return render(request, "intake/receipt.html", context, status=status)


_ACTS: dict[str, Callable[[HttpRequest, Receipt], HttpResponse]] = {
    "answer": _answer,
    "amend": _amend,
    "withdraw": _withdraw,
    "proof": _proof,
    "proof_with_code": _proof,
}

# Under French and English addresses; and those that have no language.
urlpatterns: list[URLPattern] = [path("receipts/", receipt, name="receipts")]
plain_urlpatterns: list[URLPattern] = []
