"""Reads of places: which city or excluded area a position lies in, and which school is near."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.gis.db.models import QuerySet
from django.contrib.gis.geos import MultiPoint, Point
from django.contrib.gis.measure import D
from django.db.models import Q

from geo.position import LonLat

if TYPE_CHECKING:
    from mapper.places import models


class CityQuerySet(QuerySet["models.City"]):
    """Cities."""

    def covering(self, position: LonLat) -> "models.City | None":
        """Return the city of a position; on a border the one with the smallest code."""
        point = Point(position.lon, position.lat, srid=4326)
        return self.filter(boundary__covers=point).order_by("country", "code").first()

    def named(self, text: str) -> "models.City | None":
        """Return the city of a slug or a code, as somebody typed it."""
        # PostgreSQL takes no NUL in a text.
        said = text.strip().replace("\x00", "")
        return self.filter(Q(slug=said) | Q(code=said)).order_by("country", "code").first()


class ExcludedAreaQuerySet(QuerySet["models.ExcludedArea"]):
    """Areas where nothing is taken."""

    def cover(self, position: LonLat) -> bool:
        """Return whether a position lies where nothing is taken."""
        return self.filter(area__covers=Point(position.lon, position.lat, srid=4326)).exists()


class SchoolQuerySet(QuerySet["models.School"]):
    """Schools."""

    def are_near(self, points: Iterable[Point], *, within_m: float) -> bool:
        """Return whether the grounds of one lie within so many metres of any of these places."""
        places = MultiPoint(*points, srid=4326)
        return bool(places) and self.filter(area__dwithin=(places, D(m=within_m))).exists()
