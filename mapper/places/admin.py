"""Cities in the admin: editors add what they know; names and boundaries come from imports."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.gis.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mapper.places.actions import describe_city
from mapper.places.models import City, ExcludedArea, School
from mapper.staff_admin import ForEditors, MapAdmin, shown_on_map


@admin.register(City)
class CityAdmin(ForEditors, MapAdmin):
    """A city: population and notice can be changed."""

    may_change = True
    list_display = ("name", "code", "country", "population", "notice")
    search_fields = ("name", "code")
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("name", "code", "country", "slug", "area_km2", "map")
    fields = (*readonly_fields, "population", "notice")

    def get_queryset(self, request: HttpRequest) -> QuerySet[City]:
        """Leave the boundary for the page that shows it."""
        return super().get_queryset(request).defer("boundary")

    def cities_of(self, obj: Any) -> Iterable[Any]:
        """Return the city itself."""
        return [obj]

    @admin.display(description=_("Boundary"))
    def map(self, city: City) -> str:
        """Show the boundary."""
        return shown_on_map(city.boundary)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Set what was typed."""
        describe_city(city=obj, population=obj.population, notice=obj.notice)


class _ImportedArea(ForEditors, MapAdmin):
    """An area with a name and a code: read only, a command sets it."""

    list_display = ("name", "code")
    search_fields = ("name", "code")
    readonly_fields = ("name", "code", "map")
    fields = readonly_fields

    @admin.display(description=_("Area"))
    def map(self, imported: ExcludedArea | School) -> str:
        """Show the area."""
        return shown_on_map(imported.area)


@admin.register(ExcludedArea)
class ExcludedAreaAdmin(_ImportedArea):
    """An area where nothing is taken: `import_excluded` sets it."""


@admin.register(School)
class SchoolAdmin(_ImportedArea):
    """A school: `import_schools` sets it."""
