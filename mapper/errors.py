"""What went wrong, said once: exceptions, their HTTP status and code, for pages, API and commands.

API, data and tile addresses answer RFC 9457 problem details, pages a page, commands one line.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import (
    ImproperlyConfigured,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.management.base import CommandError
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from geo.errors import GeoError
from mapper.geo_words import in_words
from mapper.problem_titles import title_of

PROBLEM_JSON = "application/problem+json"
_MACHINE_PATHS = ("/api/", "/data/", "/tiles/", "/feeds/", "/healthz", "/basemap/")


class Refusal(Exception):
    """The request can't be done as it was asked; the message says what, why and what to do."""

    status = 400
    code = "bad-request"

    def __init__(self, message: str, *, code: str = "", retry_after_s: int = 0, **extra: Any):
        """Keep the message, and what a program needs beside it."""
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.retry_after_s = retry_after_s
        self.extra = extra


class BadInput(Refusal):
    """A value is missing, malformed or out of range."""

    code = "bad-input"


class Forbidden(Refusal):
    """Not for this role."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """There is no such thing, or it is not public."""

    status = 404
    code = "not-found"


class Gone(Refusal):
    """It was here and was withdrawn or erased; the message is the reason in words."""

    status = 410
    code = "gone"


class Conflict(Refusal):
    """Another state or another body is already there."""

    status = 409
    code = "conflict"


class Stale(Refusal):
    """The caller saw an older version; the answer carries the current one."""

    status = 412
    code = "stale"


class TooLarge(Refusal):
    """More bytes, fields or files than a form may hold."""

    status = 413
    code = "too-large"


class TooMany(Refusal):
    """Far beyond the limit; come back later."""

    status = 429
    code = "too-many"


class Unavailable(Refusal):
    """Busy or broken for the moment."""

    status = 503
    code = "unavailable"


class CommandFailure(CommandError):
    """A command stops with one line on stderr: 1 done in part, 2 bad input, 3 outside service."""

    def __init__(self, message: str, *, returncode: int = 2):
        """Keep the line and the exit code."""
        super().__init__(message, returncode=returncode)


@contextmanager
def refusals_end_the_command() -> Iterator[None]:
    """Turn what an action refuses into one line and exit code 2."""
    try:
        yield
    except (Refusal, GeoError) as error:
        raise CommandFailure(str(error)) from None


def as_refusal(error: BaseException) -> Refusal | None:
    """Return what an exception means to the caller, or None where it is a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, GeoError):
        return BadInput(in_words(error))
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return TooLarge(_("The form is too large: send at most 6 photos of 20 MB."))
    if isinstance(error, DataError):
        # A NUL or a number beyond its column, through a door that is not ours, as the admin's.
        return BadInput(_("This request can't be read."))
    if isinstance(error, OperationalError):
        return Unavailable(
            _("The database is not answering. Try again in a minute."),
            code="database",
            retry_after_s=60,
        )
    return None


def wants_problem(request: HttpRequest) -> bool:
    """Return whether the address is read by programs."""
    return request.path.startswith(_MACHINE_PATHS) or request.path.endswith(".json")


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the refusal as a problem document or as a page."""
    if wants_problem(request):
        response: HttpResponse = problem(refusal)
    else:
        response = render(
            request,
            [f"errors/{refusal.status}.html", "errors/400.html"],
            {"message": refusal.message, "status": refusal.status},
            status=refusal.status,
        )
    if refusal.retry_after_s:
        response["Retry-After"] = str(refusal.retry_after_s)
    response["Cache-Control"] = "no-store" if refusal.status != 410 else "max-age=60"
    return response


def problem(refusal: Refusal) -> JsonResponse:
    """Return the RFC 9457 document of a refusal."""
    body = {
        # A name, not an address: each code has a title of its own, which about:blank forbids.
        "type": f"urn:problem-type:contrechamp:{refusal.code}",
        "title": title_of(refusal.code, refusal.status),
        "status": refusal.status,
        "detail": refusal.message,
        "code": refusal.code,
        **refusal.extra,
    }
    response = JsonResponse(body, status=refusal.status, content_type=PROBLEM_JSON)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def api_exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer every error of the API as a problem document (DRF hook)."""
    from rest_framework.exceptions import APIException

    refusal = as_refusal(error)
    if refusal is None and isinstance(error, APIException):
        refusal = Refusal(_flat(error.detail), code=str(error.default_code).replace("_", "-"))
        refusal.status = error.status_code
    if refusal is None:
        from django.http import Http404

        if isinstance(error, Http404):
            refusal = NotFound(_("There is nothing at this address."))
    return None if refusal is None else answer(context["request"]._request, refusal)


def _flat(detail: Any) -> str:
    """Return DRF's nested messages as one sentence."""
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_flat(value)}" for name, value in detail.items())
    if isinstance(detail, list | tuple):
        return " ".join(_flat(value) for value in detail)
    return str(detail)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 (handler400)."""
    return answer(request, BadInput(_("This request can't be read.")))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 (handler403)."""
    return answer(request, Forbidden(_("You may not do this.")))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 (handler404)."""
    return answer(request, NotFound(_("There is nothing at this address.")))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without a word of what happened inside (handler500)."""
    refusal = Refusal(
        _(
            "Something broke on our side. What you sent was not lost if you were "
            "shown a receipt code; otherwise try again."
        ),
        code="server-error",
    )
    refusal.status = 500
    return answer(request, refusal)


def run_command_line(execute: Callable[[list[str]], None], argv: list[str]) -> None:
    """Run a management command; a fault of configuration is one line and exit code 2."""
    try:
        execute(argv)
    except ImproperlyConfigured as error:
        print(f"contrechamp: {error}", file=sys.stderr)
        sys.exit(2)
    except OperationalError as error:
        reason = str(error).strip().splitlines()
        print(
            f"contrechamp: the database is not answering: {reason[-1] if reason else ''} "
            "(start it with `python manage.py up`, or set DATABASE_URL)",
            file=sys.stderr,
        )
        sys.exit(3)
    except UnicodeEncodeError as error:
        if not _is_of(argv, error.object):
            raise
        print("contrechamp: an argument is not UTF-8; write it again.", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.filename is None or not _is_of(argv, os.fsdecode(error.filename)):
            raise
        print(f"contrechamp: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("contrechamp: stopped", file=sys.stderr)
        sys.exit(130)


def _is_of(argv: list[str], text: object) -> bool:
    """Return whether a text is an argument, or ends as one: a fault of ours keeps its traceback."""
    return isinstance(text, str) and any(word and text.endswith(word) for word in argv[2:])
