"""Where things are: cities, areas where nothing is taken, and schools."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from mapper.places.querysets import CityQuerySet, ExcludedAreaQuerySet, SchoolQuerySet


class City(models.Model):
    """A municipality: country and official code, name, boundary, population."""

    country = models.CharField(_("country"), max_length=2, default="FR")
    code = models.CharField(_("official code"), max_length=16)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(max_length=240, unique=True)
    # WGS 84 (EPSG:4326), lon lat.
    boundary = models.MultiPolygonField(srid=4326, spatial_index=True)
    area_km2 = models.FloatField(_("area in km²"))
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    # A sentence shown wherever the city is, such as the demo's "this is not a municipality".
    notice = models.TextField(_("notice, shown to readers"), blank=True)

    objects = CityQuerySet.as_manager()

    class Meta:
        constraints = [
            # Usage: import_cities upserts, /cities/<code>/ redirects.
            models.UniqueConstraint(fields=["country", "code"], name="city_code_once"),
            models.CheckConstraint(
                condition=models.Q(area_km2__gt=0), name="city_area_is_positive"
            ),
        ]
        ordering = ["name", "code"]
        verbose_name = _("city")
        verbose_name_plural = _("cities")

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ExcludedArea(models.Model):
    """A polygon where no report is taken, such as a military site or a shelter."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    area = models.MultiPolygonField(srid=4326, spatial_index=True)

    objects = ExcludedAreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("excluded area")
        verbose_name_plural = _("excluded areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """The grounds of a school, nursery or kindergarten: photos from around it need more care."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    # Metres are asked of it, so it lies on the ellipsoid.
    area = models.MultiPolygonField(srid=4326, geography=True, spatial_index=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
