"""The one staff login, and the doors that only staff pass."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mapper.accounts.actions import count_try, forget_tries
from mapper.accounts.models import User
from mapper.errors import Forbidden
from mapper.web.caching import never_stored

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_staff(view: View[P]) -> View[P]:
    """Let staff through and send strangers to the login; nothing is stored on the way."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("login"))
        if not request.user.is_editor:
            raise Forbidden(_("This account does not work here (any more)."))
        return view(request, *args, **kwargs)

    return csrf_protect(never_stored(wrapper))


def for_moderators(view: View[P]) -> View[P]:
    """Let moderators through; other staff are told that they may not."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not staff_of(request).is_moderator:
            raise Forbidden(_("Only moderators may see reports; ask an operator for the role."))
        return view(request, *args, **kwargs)

    return for_staff(wrapper)


def staff_of(request: HttpRequest) -> User:
    """Return the member of staff that a door let through."""
    return cast(User, request.user)


@sensitive_post_parameters("password")
@csrf_protect
@never_stored
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the login, or let in who knows the password."""
    if request.method != "POST":
        return _login_page(request, AuthenticationForm(request))
    name = request.POST.get("username", "")[:150]
    count_try(name=name)
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        return _login_page(request, form)
    forget_tries(name=name)
    login(request, form.get_user())
    return HttpResponseRedirect(_next_of(request) or _home_of(staff_of(request)))


@csrf_protect
@never_stored
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("login")


def _login_page(request: HttpRequest, form: AuthenticationForm) -> HttpResponse:
    context = {"form": form, "next": _next_of(request)}
    return render(request, "staff/login.html", context, status=400 if form.errors else 200)


def _next_of(request: HttpRequest) -> str:
    """Return the address to go on to, if it is one of ours."""
    said = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        said, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return said if is_ours else ""


def _home_of(user: User) -> str:
    """Return where a role's work is."""
    return resolve_url("moderation" if user.is_moderator else "admin:index")


urlpatterns: list[URLPattern] = [
    path("staff/login/", sign_in, name="login"),
    path("staff/logout/", sign_out, name="logout"),
]
plain_urlpatterns: list[URLPattern] = []
