"""Events: /api/v1/events/."""

import json
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField

from mapper.api import schema
from mapper.api.collection import OWN_PARAMETERS, Page, feature_collection
from mapper.api.features import (
    COORDINATE_DECIMALS,
    HEADERS,
    RENDERERS,
    FeatureSerializer,
    KnownText,
)
from mapper.exports.dictionary import EVENT_COLUMNS, column_names
from mapper.exports.event_filter import NAMES, EventFilter
from mapper.exports.events import event_feature, with_documents
from mapper.sightings.lookup import find_event
from mapper.sightings.models import Event
from mapper.sightings.publication import PublishedEvent
from mapper.sightings.vocabulary import EventKind


class EventFeature(FeatureSerializer):
    """An event as it is published: the row of the downloads."""

    id = serializers.UUIDField(source="event.id")
    area = GeometryField(precision=COORDINATE_DECIMALS)
    url = serializers.SerializerMethodField()
    kind = serializers.CharField(source="event.kind")
    first_day = serializers.CharField()
    last_day = serializers.CharField()
    half = serializers.CharField()
    operator = KnownText(source="event.operator")
    operator_type = KnownText(source="event.operator_type")
    verification = serializers.CharField(source="event.verification")
    city_country = serializers.CharField(source="event.city.country", default=None, allow_null=True)
    city_code = serializers.CharField(source="event.city.code", default=None, allow_null=True)
    city_name = serializers.CharField(source="event.city.name", default=None, allow_null=True)
    documents = serializers.SerializerMethodField()
    updated_on = serializers.DateField(source="event.updated_on")

    class Meta:
        model = Event
        geo_field = "area"
        geometry_type = "MultiPolygon"
        id_field = "id"
        fields = ("area", *column_names(EVENT_COLUMNS, "geojson"))

    def get_url(self, published: PublishedEvent) -> str:
        """Return the address of the page."""
        return f"{settings.SITE_URL}/events/{published.event.id}/"

    def get_documents(self, published: PublishedEvent) -> int:
        """Count public documents."""
        cited = published.event.citations.filter(document__is_public=True)
        return cited.values("document").distinct().count()


class EventList(APIView):
    """Published events, in pages."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="events",
        parameters=schema.filters(*NAMES, kinds=EventKind.values),
        responses={
            (200, "application/geo+json"): EventFeature(many=True),
            **schema.BAD_REQUEST,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """List events, in the order of their ids."""
        selected = EventFilter.parse(request._request.GET, also=OWN_PARAMETERS)
        page = Page.parse(request, key=UUID)
        rows = selected.rows()
        if page.after is not None:
            rows = rows.filter(id__gt=page.after)
        # The box is met by what is published, which SQL does not know: so no LIMIT in it.
        shown = islice(selected.published(with_documents(rows)), page.limit + 1)
        features = [json.dumps(event_feature(one), ensure_ascii=False) for one in shown]
        return feature_collection(request, page, features)


class EventDetail(APIView):
    """One event."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="event",
        responses={
            (200, "application/geo+json"): EventFeature,
            **schema.NOT_FOUND,
            **schema.GONE,
        },
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Show an event, a day after it ended."""
        published: Any = find_event(id)
        return Response(EventFeature(published).data, headers=HEADERS)
