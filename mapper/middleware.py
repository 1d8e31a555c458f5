"""What every request passes: its language, its errors, and what its answer may reveal."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from mapper.errors import answer, as_refusal

GetResponse = Callable[[HttpRequest], HttpResponse]


def language_from_path(get_response: GetResponse) -> GetResponse:
    """French at the bare address, English under /en/; no negotiation, no cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = "en" if request.path_info == "/en" or request.path_info[:4] == "/en/" else "fr"
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
