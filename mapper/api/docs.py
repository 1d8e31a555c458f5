"""The API's documentation for people: Swagger UI from our own files, no script in the page."""

from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView

_START = """\
"use strict";
window.ui = SwaggerUIBundle({
  url: "/api/schema/",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // Nothing is sent to swagger.io to be checked.
  validatorUrl: null,
});
"""


_schema = SpectacularAPIView.as_view()


@wraps(_schema)
def schema(request: HttpRequest) -> HttpResponse:
    """Answer the contract, in English alone: programs are written against its words."""
    with translation.override("en"):
        return _schema(request)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the documentation."""
    return render(request, "data/api_docs.html")


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Answer the script that starts it: an address of its own, as the CSP wants."""
    return HttpResponse(_START, content_type="text/javascript; charset=utf-8")
