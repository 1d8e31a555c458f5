"""The way in: /api/v1/ names the collections and where they are described."""

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapper.api.features import HEADERS

_ADDRESSES = {
    "devices": "api_devices",
    "events": "api_events",
    "sightings": "api_sightings",
    "cities": "api_cities",
    "documents": "api_documents",
    "openapi": "schema",
    "documentation": "api_docs",
    "downloads": "data",
}


class Root(APIView):
    """The addresses of the API."""

    renderer_classes = [JSONRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Name every collection and the two descriptions."""
        addresses = {key: settings.SITE_URL + reverse(name) for key, name in _ADDRESSES.items()}
        return Response(addresses, headers=HEADERS)
