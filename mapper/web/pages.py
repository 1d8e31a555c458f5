"""Standing pages: about, legal, privacy, safety, leak; what machines ask for first."""

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import RedirectView

from mapper.errors import NotFound
from mapper.languages import prefixes
from mapper.web.caching import cached_page

# Staff's pages; receipts; and answers of which there are as many as there are questions.
_NOT_FOR_CRAWLERS = (
    *("/admin/", "/data/*?", "/api/v1/*?", "/tiles/devices/", "/map-picture.png"),
    *("/walk/sheets/", "/walk/overview.png"),
)
# The same, of pages that there are in each language.
_PAGES_NOT_FOR_CRAWLERS = (
    "/moderation/",
    "/staff/",
    "/documents/new/",
    "/documents/*/desk/",
    "/receipts/",
    *("/walk/kit/", "/walk/notes/", "/walk/*?"),
)
_NAMES = ("about", "legal", "privacy", "safety")


@cached_page
def standing_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page whose facts come from the settings."""
    return render(request, f"web/{name}.html", {"onion_address": settings.ONION_ADDRESS})


@cached_page
def leak(request: HttpRequest) -> HttpResponse:
    """Lead to the campaign's SecureDrop; there is nothing to send here, by intent."""
    if not settings.SECUREDROP_ONION:
        raise NotFound(_("This site has no leak address yet."))
    return render(request, "web/leak.html", {"securedrop_onion": settings.SECUREDROP_ONION})


@cached_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where a flaw is told (RFC 9116)."""
    if not settings.SECURITY_CONTACT:
        raise NotFound(_("This site has no security contact yet."))
    # The start of the half-year after next: under a year away, as RFC 9116 wants, and the same
    # for half a year, so that the answer can be cached.
    today = timezone.now().date()
    expires = datetime.date(today.year + 1, 1 if today.month <= 6 else 7, 1)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@cached_page
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Ask crawlers (RFC 9309) to leave out what is staff's, personal, or made for one question."""
    pages = [prefix + page for prefix in prefixes() for page in _PAGES_NOT_FOR_CRAWLERS]
    lines = ["User-agent: *", *(f"Disallow: {page}" for page in (*_NOT_FOR_CRAWLERS, *pages))]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


urlpatterns: list[URLPattern] = [
    *(path(f"{name}/", standing_page, {"name": name}, name=name) for name in _NAMES),
    path("leak/", leak, name="leak"),
]
plain_urlpatterns: list[URLPattern] = [
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("robots.txt", robots_txt, name="robots_txt"),
    # Pages name the drawn icon; this one is asked for by whoever reads no page.
    path("favicon.ico", RedirectView.as_view(url=static("favicon.ico")), name="favicon"),
]
