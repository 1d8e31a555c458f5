"""What every page's template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import escape_leading_slashes

from mapper.basemap_address import basemap_url
from mapper.web.messages import catalogue


def other_language_path(path: str) -> str:
    """Return the same page's path in the other language."""
    if path == "/en" or path.startswith("/en/"):
        # Two strokes would begin the address of another site.
        return escape_leading_slashes(path[3:]) or "/"
    return f"/en{path}"


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the addresses of this page in both languages, and who publishes."""
    path = request.get_full_path()
    is_english = path == "/en" or path.startswith("/en/")
    other = other_language_path(path)
    french, english = (other, path) if is_english else (path, other)
    return {
        "language_code": "en" if is_english else "fr",
        "other_language_url": other,
        "french_url": settings.SITE_URL + french,
        "english_url": settings.SITE_URL + english,
        "publisher": settings.PUBLISHER,
        "is_demo": settings.IS_DEMO,
        "basemap_url": basemap_url(),
        "messages_catalogue": catalogue(),
    }
