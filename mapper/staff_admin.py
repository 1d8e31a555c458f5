"""What the admin of every app is made of: who may do what by role, a map to place a point on.

The admin is for editors and operators. What moderation decides on (devices, claims, reports,
photos, decisions) is not in it, or can only be read: it changes by actions, never by a form.
"""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.gis.db import models
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from geo.errors import GeoError
from geo.partial_date import parse_partial_date
from mapper.basemap_address import basemap_url
from mapper.geo_words import in_words

# About 20 m: enough to recognise a boundary, light enough for a page.
_SIMPLIFIED_DEG = 0.0002

admin.site.site_header = _("Contrechamp: dossiers and accounts")
admin.site.site_title = _("Contrechamp")
admin.site.index_title = _("What editors and operators keep")


class LocationWidget(forms.Textarea):
    """A geometry as GeoJSON text, with our own map over it where there is JavaScript.

    Django's own widget loads a library and tiles from other hosts.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Mark the text area for `frontend/src/admin/location_widget.ts`."""
        super().__init__({"data-location-widget": "", "rows": 3, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """Return a geometry as GeoJSON; a text that came back as it was typed."""
        if isinstance(value, GEOSGeometry):
            return value.geojson
        return None if value is None else str(value)

    def deserialize(self, value: str) -> GEOSGeometry | None:
        """Return the geometry of a text; None where it is none, which the field then says."""
        try:
            return GEOSGeometry(value)
        except (GEOSException, GDALException, ValueError, TypeError):
            return None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Name the base map of the moment."""
        return super().get_context(name, value, {"data-basemap": basemap_url(), **(attrs or {})})


class PartialDateForm(forms.ModelForm):  # type: ignore[type-arg]  # of any model with a date
    """A form whose `dated_on` may stop at the year or the month."""

    def clean_dated_on(self) -> str:
        """Return the date as it is kept, or say what is wrong with it."""
        said = str(self.cleaned_data["dated_on"]).strip()
        try:
            return str(parse_partial_date(said)) if said else ""
        except GeoError as error:
            raise ValidationError(in_words(error)) from None


# A link without a scheme is one of today's web.
WEB_ADDRESSES: dict[type[models.Field], dict[str, Any]] = {  # type: ignore[type-arg]  # any field
    models.URLField: {"assume_scheme": "https"}
}


class _ByRole:
    """Permissions from the role alone, Django's own are not used."""

    may_add = False
    may_change = False
    may_delete = False

    def is_mine(self, request: HttpRequest) -> bool:
        """Return whether this person works on it."""
        raise NotImplementedError

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_mine(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_mine(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and self.is_mine(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and self.is_mine(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self.is_mine(request)


class ForEditors(_ByRole):
    """What all staff may see, and change as far as `may_…` says."""

    def is_mine(self, request: HttpRequest) -> bool:
        """Return whether this person edits."""
        return bool(getattr(request.user, "is_editor", False))

    def cities_of(self, obj: Any) -> Iterable[Any] | None:
        """Return the cities that a row is about; None where no limit to cities holds."""
        return None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let editors change what is about their cities."""
        return super().has_change_permission(request, obj) and self._is_about_mine(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let editors delete what is about their cities."""
        return super().has_delete_permission(request, obj) and self._is_about_mine(request, obj)

    def _is_about_mine(self, request: HttpRequest, obj: Any) -> bool:
        cities = None if obj is None else self.cities_of(obj)
        return cities is None or bool(getattr(request.user, "may_write_about", bool)(cities))


def editor_of(request: HttpRequest) -> Any:
    """Return who writes, for the actions' `editor`."""
    return request.user


class ForOperators(_ByRole):
    """What operators alone may see."""

    def is_mine(self, request: HttpRequest) -> bool:
        """Return whether this person operates."""
        return bool(getattr(request.user, "is_operator", False))


class MapAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # of any model with a geometry
    """An admin whose geometries are placed on our own map."""

    formfield_overrides = {
        models.PointField: {"widget": LocationWidget},
        models.MultiPolygonField: {"widget": LocationWidget},
    }


def shown_on_map(geometry: GEOSGeometry | None) -> SafeString | str:
    """Return a geometry to look at, on a map where there is JavaScript."""
    if geometry is None:
        return "–"
    simple = geometry.simplify(_SIMPLIFIED_DEG, preserve_topology=True)
    value = json.loads(simple.geojson)
    value["coordinates"] = _rounded(value["coordinates"])
    return format_html(
        '<textarea data-location-widget data-basemap="{}" rows="3" cols="60" readonly '
        'aria-label="GeoJSON">{}</textarea>',
        basemap_url(),
        json.dumps(value, separators=(",", ":")),
    )


def _rounded(value: Any) -> Any:
    return [_rounded(part) for part in value] if isinstance(value, list) else round(value, 5)
