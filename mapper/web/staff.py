"""The one staff login: a name, a password and, where there is one, a second factor."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mapper.accounts.actions import choose_pseudonym, count_try, forget_tries
from mapper.accounts.models import User
from mapper.web import second_factor
from mapper.web.caching import never_stored
from mapper.web.staff_doors import for_staff, staff_of


@sensitive_post_parameters("password", "code")
@csrf_protect
@never_stored
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the login, or let in who knows the password and has the second factor."""
    if request.method != "POST":
        if _must_have_second_factor(request):
            return redirect("second_factor")
        return _code_page(request) or _login_page(request, AuthenticationForm(request))
    if "username" not in request.POST:
        return _take_code(request)
    name = request.POST.get("username", "")[:150]
    count_try(name=name)
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        return _login_page(request, form)
    forget_tries(name=name)
    user = form.get_user()
    if user.has_second_factor:
        second_factor.let_half_in(request, user=user, next_url=_next_of(request))
        return redirect("login")
    login(request, user)
    return HttpResponseRedirect(_next_of(request) or _home_of(user))


@csrf_protect
@never_stored
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("login")


def _take_code(request: HttpRequest) -> HttpResponse:
    """Let in who was half in and has the code; go back to the password where that was asked."""
    half_in = second_factor.who_is_half_in(request)
    if half_in is None or request.POST.get("act") == "again":
        second_factor.step_back(request)
        return redirect("login")
    user, next_url = half_in
    if second_factor.let_in(request, user=user, code=request.POST.get("code", "")):
        return HttpResponseRedirect(next_url or _home_of(user))
    return render(request, "staff/login_code.html", {"is_wrong": True}, status=400)


def _must_have_second_factor(request: HttpRequest) -> bool:
    """Return whether somebody is signed in who may do nothing before making a second factor."""
    user = request.user
    is_lacking = user.is_authenticated and not user.has_second_factor
    return settings.REQUIRE_SECOND_FACTOR and is_lacking


def _code_page(request: HttpRequest) -> HttpResponse | None:
    """Return the page that asks for the code, where the password was right already."""
    if request.user.is_authenticated or second_factor.who_is_half_in(request) is None:
        return None
    return render(request, "staff/login_code.html")


@for_staff
@require_POST
def keep_pseudonym(request: HttpRequest) -> HttpResponse:
    """Change the name that colleagues read."""
    choose_pseudonym(user=staff_of(request), pseudonym=request.POST.get("pseudonym", ""))
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
    path("staff/pseudonym/", keep_pseudonym, name="pseudonym"),
]
plain_urlpatterns: list[URLPattern] = []
