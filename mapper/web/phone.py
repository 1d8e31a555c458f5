"""What a walker's phone keeps of this site: the worker, the manifest, what waits, erasing it."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mapper.errors import NotFound
from mapper.intake.anonymous import anonymous_post
from mapper.languages import BARE, direction_of, prefixes
from mapper.web.caching import cached_page
from mapper.web.report import public_sealing_key

_PAPER = "#fbfaf7"
_ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"),
)


@require_safe
@cached_page
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits on the phone that asks; the page itself knows nothing of it."""
    context = {"section": "report", "sealing_key": public_sealing_key()}
    return render(request, "web/queue.html", context)


@require_safe
@cached_page
def service_worker(request: HttpRequest) -> HttpResponse:
    """Give the worker; from the root, so that it may serve pages in every language."""
    source = _worker(Path(settings.WORKER_FILE))
    if source is None:
        raise NotFound(_("There is nothing at this address."))
    # It is built without them: a language is a folder that may come at any time.
    said = f"self.PREFIXES={json.dumps(prefixes())};\n".encode()
    return HttpResponse(said + source, content_type="text/javascript; charset=utf-8")


@require_safe
@cached_page
def manifest(request: HttpRequest) -> HttpResponse:
    """Say how the site looks on a home screen (Web Application Manifest)."""
    body = {
        "id": reverse("report"),
        "name": _("Contrechamp: report a device"),
        "short_name": "Contrechamp",
        "description": _("Report a surveillance camera in 20 seconds, without an account."),
        "lang": request.LANGUAGE_CODE,
        "dir": direction_of(request.LANGUAGE_CODE or BARE),
        "start_url": reverse("report"),
        "scope": "/",
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _PAPER,
        "icons": [
            {"src": static(f"icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": use}
            for name, sizes, use in _ICONS
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_POST
@anonymous_post
def erased(request: HttpRequest) -> HttpResponse:
    """Have the browser forget what it fetched here: its own cache is out of a script's reach."""
    return HttpResponse(
        status=204, headers={"Clear-Site-Data": '"cache"', "Cache-Control": "no-store"}
    )


@cache
def _worker(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


# Under the addresses of each language; and those that have no language.
urlpatterns: list[URLPattern] = [
    path("report/queue/", queue, name="queue"),
    path("manifest.webmanifest", manifest, name="manifest"),
]
plain_urlpatterns: list[URLPattern] = [
    path("service_worker.js", service_worker, name="service_worker"),
    path("report/erased", erased, name="erased"),
]
