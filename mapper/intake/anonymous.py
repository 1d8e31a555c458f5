"""Guards posts that nobody logs in for: no cookie, no token, and nothing sent from a foreign page.

An anonymous post carries no right of its own that a foreign page could use, so a CSRF token would
guard nothing and need a cookie. What the browser says of where the post comes from is enough.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from mapper.errors import Forbidden

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def anonymous_post(view: View[P]) -> View[P]:
    """Let a view take posts without a cookie, but none that a foreign page sends."""

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in _READING:
            refuse_foreign(request)
        return view(request, *args, **kwargs)

    return wrapper


def refuse_foreign(request: HttpRequest) -> None:
    """Refuse a post that a page of another site sent; clients that say nothing may pass."""
    is_cross = request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site"
    origin = request.headers.get("Origin")
    if is_cross or (origin is not None and not _is_ours(request, origin)):
        raise Forbidden(
            _("This was sent from another site's page. Open the form here and send it again."),
            code="foreign-origin",
        )


def _is_ours(request: HttpRequest, origin: str) -> bool:
    """Return whether an Origin names this site; "null" and what can't be read do not."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    # The scheme is left aside: TLS may end at a proxy that does not say so.
    ours = {request.get_host(), urlsplit(settings.SITE_URL).netloc, settings.ONION_ADDRESS}
    return parts.netloc.lower() in {host.lower() for host in ours if host}
