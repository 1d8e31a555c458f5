"""The doors that only staff pass."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

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
