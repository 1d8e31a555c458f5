"""Events in the admin. Devices, claims and reports are not here: moderation decides on them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from geo.errors import GeoError
from geo.position import LonLat
from mapper.geo_words import in_words
from mapper.sightings.actions import save_event
from mapper.sightings.models import Event
from mapper.staff_admin import ForEditors, MapAdmin, editor_of


class EventForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """An event has a point or an area, and a period."""

    class Meta:
        model = Event
        fields = (
            "kind",
            "state",
            "verification",
            "location",
            "area",
            "starts_at",
            "ends_at",
            "operator",
            "operator_type",
            "note",
        )

    def clean_location(self) -> Any:
        """Return a point that is on earth."""
        return _on_earth(self.cleaned_data["location"])

    def clean_area(self) -> Any:
        """Return an area that is on earth and does not cross itself."""
        return _on_earth(self.cleaned_data["area"])

    def clean(self) -> dict[str, Any]:
        """Say which of the two is missing or too many, before the database refuses it."""
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("location")) == bool(said.get("area")):
            raise ValidationError(_("Give a point or an area, one of the two."))
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and ends_at < starts_at:
            raise ValidationError(_("It ends before it starts; check both times (UTC)."))
        return said


def _on_earth(geometry: GEOSGeometry | None) -> GEOSGeometry | None:
    """Return a geometry, or say why it can't be kept."""
    if geometry is None:
        return None
    if geometry.empty:
        raise ValidationError(_("This geometry is empty; place the point on the map."))
    west, south, east, north = geometry.extent
    try:
        LonLat(west, south), LonLat(east, north)
    except GeoError as error:
        raise ValidationError(in_words(error)) from None
    if not geometry.valid:
        raise ValidationError(_("This area crosses itself; draw it again."))
    return geometry


@admin.register(Event)
class EventAdmin(ForEditors, MapAdmin):
    """A drone flight, a mobile unit, a trailer; what is published is coarser by far."""

    may_add = True
    may_change = True
    form = EventForm
    list_display = ("kind", "city", "starts_at", "ends_at", "verification", "state")
    list_filter = ("kind", "verification", "state")
    date_hierarchy = "starts_at"

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the city that it lies in."""
        return [obj.city]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save it with the city it lies in."""
        save_event(event=obj, editor=editor_of(request))
