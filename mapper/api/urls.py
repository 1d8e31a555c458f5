"""The addresses of the API."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.http import conditional_page
from django.views.generic import RedirectView
from rest_framework.views import APIView

from mapper.api import docs, schema  # noqa: F401 - the schema's extensions register themselves
from mapper.api.v1.challenge import Challenge
from mapper.api.v1.cities import CityDetail, CityList
from mapper.api.v1.devices import DeviceDetail, DeviceList
from mapper.api.v1.documents import DocumentDetail, DocumentList
from mapper.api.v1.events import EventDetail, EventList
from mapper.api.v1.photos import PhotoUpload
from mapper.api.v1.root import Root
from mapper.api.v1.sealed import SealedPhoto, SealedReport, SealingKeyDetail
from mapper.api.v1.sightings import SightingUpload
from mapper.api.v1.sightings_list import SightingDetail, SightingList


def _read(view: type[APIView]) -> Callable[..., Any]:
    """Return a view for reading, with an ETag of what it answers."""
    return conditional_page(view.as_view())


urlpatterns: list[URLPattern] = [
    path("", RedirectView.as_view(pattern_name="api_root"), name="api"),
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.page, name="api_docs"),
    path("docs/start.js", docs.start, name="api_docs_start"),
    path("v1/", _read(Root), name="api_root"),
    path("v1/devices/", _read(DeviceList), name="api_devices"),
    path("v1/devices/<uuid:id>/", _read(DeviceDetail), name="api_device"),
    path("v1/events/", _read(EventList), name="api_events"),
    path("v1/events/<uuid:id>/", _read(EventDetail), name="api_event"),
    path("v1/sightings/", _read(SightingList), name="api_sightings"),
    path("v1/sightings/<uuid:id>/", _read(SightingDetail), name="api_sighting"),
    path("v1/cities/", _read(CityList), name="api_cities"),
    path("v1/cities/<slug:slug>/", _read(CityDetail), name="api_city"),
    path("v1/documents/", _read(DocumentList), name="api_documents"),
    path("v1/documents/<uuid:id>/", _read(DocumentDetail), name="api_document"),
    path("v1/challenge", Challenge.as_view(), name="api_challenge"),
    # A phone's uploads: the id is its own, and no slash ends the address.
    path("v1/sightings/<uuid:phone_id>", SightingUpload.as_view(), name="api_sighting_upload"),
    path("v1/photos/<uuid:phone_id>", PhotoUpload.as_view(), name="api_photo_upload"),
    path("v1/sealed/sightings/<uuid:phone_id>", SealedReport.as_view(), name="api_sealed_report"),
    path("v1/sealed/photos/<uuid:phone_id>", SealedPhoto.as_view(), name="api_sealed_photo"),
    path("v1/sealed/key", _read(SealingKeyDetail), name="api_sealing_key"),
]
