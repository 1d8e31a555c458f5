"""Cities: /api/v1/cities/."""

from typing import Any

from django.conf import settings
from django.contrib.gis.db.models import QuerySet
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField

from mapper.api import schema
from mapper.api.collection import Page, feature_collection, sql_features
from mapper.api.features import (
    COORDINATE_DECIMALS,
    HEADERS,
    RENDERERS,
    FeatureSerializer,
    KnownText,
)
from mapper.api.narrowed import narrowed
from mapper.errors import NotFound
from mapper.places.models import City
from mapper.sightings.filters import DEFAULT_VERIFICATION
from mapper.sightings.models import Device
from mapper.sightings.querysets import in_bbox
from mapper.sql import compiled, composed

_FILTERS = ("city", "bbox")


class CityFeature(FeatureSerializer):
    """A city; in lists its geometry is null and its box says where it is."""

    id = serializers.SlugField(source="slug")
    boundary = GeometryField(precision=COORDINATE_DECIMALS)
    url = serializers.SerializerMethodField()
    notice = KnownText()
    devices = serializers.SerializerMethodField(help_text="as the default download has them")

    class Meta:
        model = City
        geo_field = "boundary"
        geometry_type = "MultiPolygon"
        auto_bbox = True
        id_field = "id"
        fields = (
            "id",
            "boundary",
            "url",
            "country",
            "code",
            "name",
            "population",
            "area_km2",
            "notice",
            "devices",
        )

    def get_url(self, city: City) -> str:
        """Return the address of the page."""
        return f"{settings.SITE_URL}/cities/{city.slug}/"

    def get_devices(self, city: City) -> int:
        """Count the devices of the default download."""
        public = Device.objects.public().filter(city=city)
        return public.filter(verification__in=DEFAULT_VERIFICATION).count()


def _slug(text: str) -> str:
    """Return a slug; raise ValueError for what is none."""
    try:
        validate_slug(text)
    except ValidationError as error:
        raise ValueError(text) from error
    return text


class CityList(APIView):
    """Cities, in pages."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="cities",
        parameters=schema.filters(*_FILTERS),
        responses={
            (200, "application/geo+json"): CityFeature(many=True),
            **schema.BAD_REQUEST,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """List cities, in the order of their slugs; boundaries are in the detail view."""
        selected = narrowed(request, _FILTERS)
        page = Page.parse(request, key=_slug)
        rows: QuerySet[Any, Any] = City.objects.all()
        if selected.city is not None:
            rows = rows.filter(pk=selected.city.pk)
        if selected.bbox is not None:
            rows = rows.filter(in_bbox(selected.bbox, "boundary"))
        cities = page.of(rows, key="slug").values("id")
        query = composed("api", "cities", {"site_url": settings.SITE_URL}, cities=compiled(cities))
        return feature_collection(request, page, sql_features(query))


class CityDetail(APIView):
    """One city."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="city",
        responses={(200, "application/geo+json"): CityFeature, **schema.NOT_FOUND},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Show a city with its boundary."""
        city = City.objects.filter(slug=slug).first()
        if city is None:
            raise NotFound(_("There is no city at this address. See the list at /cities/."))
        return Response(CityFeature(city).data, headers=HEADERS)
