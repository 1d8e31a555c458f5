"""Devices: /api/v1/devices/."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField

from geo.direction import Arc, format_directions
from mapper.api import schema
from mapper.api.collection import OWN_PARAMETERS, Page, feature_collection, sql_features
from mapper.api.features import (
    COORDINATE_DECIMALS,
    HEADERS,
    RENDERERS,
    FeatureSerializer,
    KnownText,
)
from mapper.documents.models import Document
from mapper.exports.devices import features_query
from mapper.exports.dictionary import DEVICE_COLUMNS, column_names
from mapper.osm.models import Element
from mapper.photos.models import Photo
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.lookup import find_device
from mapper.sightings.models import Device, Sighting


class DeviceFeature(FeatureSerializer):
    """A device as a feature: the row of the downloads."""

    location = GeometryField(precision=COORDINATE_DECIMALS)
    url = serializers.SerializerMethodField()
    camera_type = KnownText()
    mount = KnownText()
    directions = serializers.SerializerMethodField()
    height_m = serializers.FloatField(allow_null=True)
    surveillance = KnownText()
    zone = KnownText()
    operator = serializers.SerializerMethodField()
    operator_type = KnownText()
    manufacturer = KnownText()
    model = KnownText()
    capabilities = serializers.SerializerMethodField()
    first_seen = KnownText()
    last_seen = KnownText()
    city_country = serializers.CharField(source="city.country", default=None, allow_null=True)
    city_code = serializers.CharField(source="city.code", default=None, allow_null=True)
    city_name = serializers.CharField(source="city.name", default=None, allow_null=True)
    sightings = serializers.SerializerMethodField()
    photos = serializers.SerializerMethodField()
    documents = serializers.SerializerMethodField()
    osm_type = serializers.CharField(source="element.osm_type", default=None, allow_null=True)
    osm_id = serializers.IntegerField(source="element.osm_id", default=None, allow_null=True)
    osm_version = serializers.IntegerField(source="element.version", default=None, allow_null=True)
    osm_tags = serializers.DictField(
        source="element.tags", child=serializers.CharField(), default=None, allow_null=True
    )

    class Meta:
        model = Device
        geo_field = "location"
        geometry_type = "Point"
        id_field = "id"
        fields = ("location", *column_names(DEVICE_COLUMNS, "geojson"))

    def to_representation(self, instance: Device) -> Any:
        """Look up the OSM object once for the fields that come from it; not of a private home."""
        elements = Element.objects.filter(claim__device=instance)
        if instance.is_private_home:
            elements = elements.none()
        instance.element = (  # type: ignore[attr-defined]  # read by the osm_ fields
            elements.order_by("-is_visible", "osm_type", "osm_id").first()
        )
        return super().to_representation(instance)

    def get_url(self, device: Device) -> str:
        """Return the address of the page."""
        return f"{settings.SITE_URL}/devices/{device.id}/"

    def get_directions(self, device: Device) -> list[str]:
        """Return where it looks, in OSM's grammar."""
        return [format_directions([Arc.from_dict(arc)]) for arc in device.directions]

    def get_operator(self, device: Device) -> str | None:
        """Return the organisation; a private home has none."""
        return None if device.is_private_home else device.operator or None

    def get_capabilities(self, device: Device) -> list[str]:
        """Return what a named source says it can do."""
        return list(device.capabilities.order_by("name").values_list("name", flat=True))

    def get_sightings(self, device: Device) -> int:
        """Count accepted reports."""
        return Sighting.objects.accepted().filter(claim__device=device).count()

    def get_photos(self, device: Device) -> int:
        """Count published photos; a private home has none."""
        if device.is_private_home:
            return 0
        return Photo.objects.public().filter(sighting__claim__device=device).count()

    def get_documents(self, device: Device) -> int:
        """Count public documents."""
        cited = Document.objects.filter(is_public=True, citations__claim__device=device)
        return cited.distinct().count()


class DeviceList(APIView):
    """Public devices, in pages."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="devices",
        parameters=schema.filters(),
        responses={
            (200, "application/geo+json"): DeviceFeature(many=True),
            **schema.BAD_REQUEST,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """List devices, in the order of their ids; takes the filters of /data/."""
        selected = DeviceFilter.parse(request._request.GET, also=OWN_PARAMETERS)
        page = Page.parse(request, key=UUID)
        devices = page.of(selected.apply(Device.objects.public()))
        return feature_collection(request, page, sql_features(features_query(devices)))


class DeviceDetail(APIView):
    """One device."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="device",
        responses={
            (200, "application/geo+json"): DeviceFeature,
            **schema.MOVED,
            **schema.NOT_FOUND,
            **schema.GONE,
        },
    )
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        """Show a device, whatever its verification; a merged one leads to the survivor."""
        found, has_moved = find_device(id)
        if has_moved:
            return HttpResponsePermanentRedirect(
                reverse("api_device", args=[found.id]), headers=HEADERS
            )
        return Response(DeviceFeature(found).data, headers=HEADERS)
