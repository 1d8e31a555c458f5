"""What every request passes: its language, its errors, and what its answer may reveal."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from whitenoise.middleware import WhiteNoiseMiddleware

from mapper import languages
from mapper.errors import answer, as_refusal

if TYPE_CHECKING:
    from mapper.accounts.models import User

_HASHED = re.compile(r"/static/assets/.+\.[0-9a-f]{12}\.\w+")
GetResponse = Callable[[HttpRequest], HttpResponse]
_OPEN_WITHOUT_SECOND_FACTOR = ("/staff/login/", "/staff/logout/", "/staff/second-factor/")


def language_from_path(get_response: GetResponse) -> GetResponse:
    """French at the bare address, others under their code; no negotiation, no cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language, _ = languages.split_path(request.path_info)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def onion_location(get_response: GetResponse) -> GetResponse:
    """Tell a Tor Browser that reads the clear address where the onion one is."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        onion = settings.ONION_ADDRESS
        if onion and request.get_host().partition(":")[0] != onion:
            response["Onion-Location"] = f"http://{onion}{request.get_full_path()}"
        return response

    return middleware


def forgotten_in_a_minute(get_response: GetResponse) -> GetResponse:
    """Let an nginx that caches for us forget within the minute, too.

    It counts whole seconds and keeps what it may for 60 of them up to 61, in which what was taken
    down would still be shown. Its own header says less, and goes no further than it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Cache-Control") == "max-age=60":
            response["X-Accel-Expires"] = "55"
        return response

    return middleware


def nobody_without_second_factor(get_response: GetResponse) -> GetResponse:
    """Where a second factor is asked for, take who has none for a stranger until it is on.

    Every door is closed by it, whichever way a page asks who is there. The user stays lazy: a page
    that does not ask must not vary by cookie.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        _, path = languages.split_path(request.path_info)
        if settings.REQUIRE_SECOND_FACTOR and path not in _OPEN_WITHOUT_SECOND_FACTOR:
            asked = SimpleLazyObject(partial(_with_second_factor, request.user))
            request.user = cast("User | AnonymousUser", asked)
        return get_response(request)

    return middleware


def _with_second_factor(user: User | AnonymousUser) -> User | AnonymousUser:
    is_in = user.is_authenticated and user.has_second_factor
    return user if is_in else AnonymousUser()


class errors_as_answers:  # noqa: N801 - a middleware is named as a verb, like its neighbours
    """Turns a refusal raised anywhere below into its page or problem document."""

    def __init__(self, get_response: GetResponse):
        """Keep what comes next."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what `mapper.errors` knows; leave the rest to Django's 500."""
        refusal = as_refusal(error)
        return None if refusal is None else answer(request, refusal)


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves static files: those that the build names by their content for ever, others a minute.

    WhiteNoise by itself knows only the names that Django's own storage gives.
    """

    FOREVER = 31_536_000

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Return whether the file at an address can never be another one."""
        return _HASHED.fullmatch(url) is not None
