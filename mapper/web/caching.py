"""How public answers are cached: 60 seconds, an ETag of the content, never a date."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def content_etag(content: bytes) -> str:
    """Return a strong ETag that says nothing but what the content is."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def cached_page(view: View[P]) -> View[P]:
    """Let a public answer be kept for a minute and asked again by its content hash."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        response.headers.setdefault("Cache-Control", "max-age=60")
        if response.streaming:
            return response
        etag = content_etag(response.content)
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response

    return wrapper


def never_stored(view: View[P]) -> View[P]:
    """Keep an answer with somebody's words or an unpublished photo out of every cache."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return wrapper
