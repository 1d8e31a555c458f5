"""The second step of the login, and the page where staff switch their second factor on."""

import time
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from mapper.accounts import second_factor
from mapper.accounts.actions import count_try, forget_tries
from mapper.accounts.models import User
from mapper.errors import BadInput, Refusal
from mapper.web.staff_doors import for_staff, staff_of

# Between the password and the code; then the password is asked for again.
_HALF_IN_S = 300
_HALF_IN = "half_in"


def let_half_in(request: HttpRequest, *, user: User, next_url: str) -> None:
    """Remember that a password was right, until the code is."""
    request.session.cycle_key()
    until = int(time.time()) + _HALF_IN_S
    request.session[_HALF_IN] = {"user": user.pk, "until": until, "next": next_url}


def who_is_half_in(request: HttpRequest) -> tuple[User, str] | None:
    """Return who gave the right password a moment ago, and where they were going."""
    kept = request.session.get(_HALF_IN)
    if not kept or kept["until"] < time.time():
        request.session.pop(_HALF_IN, None)
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    return (user, str(kept["next"])) if user else None


def step_back(request: HttpRequest) -> None:
    """Forget the password that was right."""
    request.session.pop(_HALF_IN, None)


def let_in(request: HttpRequest, *, user: User, code: str) -> bool:
    """Let in who has the code too; return whether it was right."""
    name = _bucket_name(user)
    count_try(name=name)
    if not second_factor.passes(user=user, code=code):
        return False
    forget_tries(name=name)
    step_back(request)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return True


@for_staff
@sensitive_post_parameters("code")
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Show how to switch the second factor on, or how it stands, and change it."""
    if request.method != "POST":
        return _page(request)
    user = staff_of(request)
    code = request.POST.get("code", "")
    try:
        if not user.has_second_factor:
            codes = second_factor.confirm(user=user, code=code)
        else:
            codes = _change(request, user, code)
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    # This session goes on; all others of this account have ended.
    update_session_auth_hash(request, user)
    if codes:
        return _page(request, codes=codes)
    return redirect("second_factor")


def _change(request: HttpRequest, user: User, code: str) -> list[str]:
    """Do what a post of somebody with a second factor asks for, with a code that is right."""
    name = _bucket_name(user)
    count_try(name=name)
    if not second_factor.passes(user=user, code=code):
        raise BadInput(_("This code is not right, or was used already. Wait for the next one."))
    forget_tries(name=name)
    if request.POST.get("act") == "take_away":
        second_factor.take_away(user=user)
        return []
    return second_factor.new_recovery_codes(user=user)


def _page(
    request: HttpRequest, *, codes: list[str] | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    user = staff_of(request)
    context: dict[str, Any] = {
        "refusal": refusal,
        "codes": codes,
        "left": user.recovery_codes.count(),
        "is_required": settings.REQUIRE_SECOND_FACTOR,
    }
    if not user.has_second_factor:
        secret = second_factor.begin(user=user)
        address = second_factor.address_of(user=user, secret=secret)
        # A PNG: the strictest browsers draw no SVG.
        picture = segno.make(address, error="m").png_data_uri(scale=5, border=3)
        in_fours = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        context |= {"picture": picture, "secret": in_fours, "address": address}
    return render(
        request, "staff/second_factor.html", context, status=refusal.status if refusal else 200
    )


def _bucket_name(user: User) -> str:
    """Return the name under which tries of a code are counted: not that of the password."""
    return f"{user.username}/code"


urlpatterns: list[URLPattern] = [
    path("staff/second-factor/", second_factor_page, name="second_factor"),
]
plain_urlpatterns: list[URLPattern] = []
