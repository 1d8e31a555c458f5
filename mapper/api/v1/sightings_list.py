"""Accepted sightings, for reading: /api/v1/sightings/. Nothing private is in them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField

from mapper.api import schema
from mapper.api.collection import OWN_PARAMETERS, Page, feature_collection, sql_features
from mapper.api.features import (
    COORDINATE_DECIMALS,
    HEADERS,
    RENDERERS,
    FeatureSerializer,
    KnownText,
)
from mapper.errors import Gone, NotFound
from mapper.photos.models import Photo
from mapper.sightings.filters import DeviceFilter
from mapper.sightings.models import Device, Sighting
from mapper.sightings.querysets import SightingQuerySet
from mapper.sql import compiled, composed


class SightingFeature(FeatureSerializer):
    """An accepted sighting, where its device stands."""

    location = GeometryField(source="claim.device.location", precision=COORDINATE_DECIMALS)
    device = serializers.UUIDField(source="claim.device_id")
    device_url = serializers.SerializerMethodField()
    seen = KnownText(source="claim.seen_to", help_text="never finer than a month")
    presence = serializers.CharField(source="claim.presence", help_text="there or gone")
    kind = serializers.SerializerMethodField()
    photos = serializers.SerializerMethodField(help_text="addresses of published photos")

    class Meta:
        model = Sighting
        geo_field = "location"
        geometry_type = "Point"
        id_field = "id"
        fields = (
            "id",
            "location",
            "device",
            "device_url",
            "seen",
            "presence",
            "kind",
            "photos",
        )

    def get_device_url(self, sighting: Any) -> str:
        """Return the address of the device's page."""
        return f"{settings.SITE_URL}/devices/{sighting.claim.device_id}/"

    def get_kind(self, sighting: Any) -> str:
        """Return what kind of device was seen."""
        return str(sighting.claim.attributes.get("kind", "unknown"))

    def get_photos(self, sighting: Any) -> list[str]:
        """Return the addresses of published photos; a private home has none."""
        if sighting.claim.device.is_private_home:
            return []
        names = Photo.objects.public().filter(sighting=sighting).order_by("public_name")
        return [
            f"{settings.SITE_URL}/photos/{name}"
            for name in names.values_list("public_name", flat=True)
        ]


class SightingList(APIView):
    """Accepted sightings, in pages."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="sightings",
        parameters=schema.filters(),
        responses={
            (200, "application/geo+json"): SightingFeature(many=True),
            **schema.BAD_REQUEST,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """List accepted sightings; the filters are those of their devices."""
        selected = DeviceFilter.parse(request._request.GET, also=OWN_PARAMETERS)
        page = Page.parse(request, key=UUID)
        devices = selected.apply(Device.objects.public())
        sightings = page.of(_public(devices)).values("id")
        query = composed(
            "api",
            "sightings",
            {"site_url": settings.SITE_URL},
            sightings=compiled(sightings),
        )
        return feature_collection(request, page, sql_features(query))


class SightingDetail(APIView):
    """One accepted sighting, by its public id; a phone's own id of it leads nowhere."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="sighting",
        responses={
            (200, "application/geo+json"): SightingFeature,
            **schema.NOT_FOUND,
            **schema.GONE,
        },
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Show an accepted sighting."""
        found = _public(Device.objects.public()).filter(id=id)
        sighting = found.select_related("claim__device").first()
        if sighting is None:
            if Sighting.objects.filter(id=id, state="withdrawn").exists():
                raise Gone(_("This sighting was withdrawn by the person who made it."))
            raise NotFound(_("There is no accepted sighting with this id."))
        return Response(SightingFeature(sighting).data, headers=HEADERS)


def _public(devices: Any) -> SightingQuerySet:
    """Return the accepted sightings of devices that a stranger may see."""
    return Sighting.objects.accepted().filter(claim__device__in=devices.values("id"))
