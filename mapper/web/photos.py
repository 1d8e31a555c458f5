"""Published photos; no address here ever serves an original."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mapper.errors import NotFound
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.web.caching import cached_page

_NAME = r"[0-9a-f]{32}\.jpg"


@require_safe
@cached_page
def photo(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a published photo."""
    return _served(name if Photo.objects.public().filter(public_name=name).exists() else "")


@require_safe
@cached_page
def photo_thumbnail(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the thumbnail of a published photo."""
    shown = Photo.objects.public().filter(public_thumbnail_name=name)
    return _served(name if shown.exists() else "")


def _served(name: str) -> HttpResponse:
    """Return a public file, with headers under which it is a picture and nothing else."""
    data = storage.read(storage.media(), name)
    if data is None:
        raise NotFound(_("There is no photo at this address (any more)."))
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Disposition"] = 'inline; filename="photo.jpg"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# Under French and English addresses; and those that have no language.
urlpatterns: list[URLPattern] = []
plain_urlpatterns: list[URLPattern] = [
    re_path(rf"^photos/thumbnails/(?P<name>{_NAME})$", photo_thumbnail, name="photo_thumbnail"),
    re_path(rf"^photos/(?P<name>{_NAME})$", photo, name="photo"),
]
