"""What every page's template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from mapper import languages
from mapper.basemap_address import basemap_url
from mapper.web.messages import catalogue


def site(request: HttpRequest) -> dict[str, Any]:
    """Return this page's language and its addresses in all of them, and who publishes."""
    language, bare_path = languages.split_path(request.get_full_path())
    return {
        "language_code": language,
        "language_dir": languages.direction_of(language),
        "language_prefix": languages.prefix_of(language),
        "languages": [_version(code, name, bare_path) for code, name in settings.LANGUAGES],
        "publisher": settings.PUBLISHER,
        "is_demo": settings.IS_DEMO,
        "basemap_url": basemap_url(),
        "messages_catalogue": catalogue(),
    }


def _version(code: str, name: str, bare_path: str) -> dict[str, str]:
    """Return the page in one language: where it is, and what to call it."""
    path = languages.prefix_of(code) + bare_path
    return {"code": code, "name": name, "path": path, "url": settings.SITE_URL + path}
