"""Documents: /api/v1/documents/."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapper.api import schema
from mapper.api.collection import Page, feature_collection, sql_features
from mapper.api.features import HEADERS, RENDERERS, FeatureSerializer, KnownText
from mapper.api.narrowed import narrowed
from mapper.documents.models import Document
from mapper.errors import Gone, NotFound
from mapper.sql import compiled, composed

_FILTERS = ("city",)


class DocumentFeature(FeatureSerializer):
    """A public document; it has no place, so its geometry is null."""

    url = serializers.SerializerMethodField()
    file_url = serializers.SerializerMethodField()
    dated_on = KnownText()
    cities = serializers.SerializerMethodField(help_text="official codes")
    source_url = KnownText()
    licence = KnownText()
    notice = KnownText()

    class Meta:
        model = Document
        geo_field = None
        id_field = "id"
        fields = (
            "id",
            "url",
            "file_url",
            "title",
            "type",
            "language",
            "dated_on",
            "cities",
            "source_url",
            "licence",
            "page_count",
            "notice",
        )

    def get_url(self, document: Document) -> str:
        """Return the address of the page."""
        return f"{settings.SITE_URL}/documents/{document.slug}/"

    def get_file_url(self, document: Document) -> str:
        """Return the address of the clean copy."""
        return f"{settings.SITE_URL}/documents/{document.slug}/file.pdf"

    def get_cities(self, document: Document) -> list[str]:
        """Return the codes of the cities it concerns."""
        concerned = document.cities.order_by("country", "code")
        return list(concerned.values_list("code", flat=True))


class DocumentList(APIView):
    """Public documents, in pages."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="documents",
        parameters=schema.filters(*_FILTERS),
        responses={
            (200, "application/geo+json"): DocumentFeature(many=True),
            **schema.BAD_REQUEST,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """List public documents, in the order of their ids."""
        selected = narrowed(request, _FILTERS)
        page = Page.parse(request, key=UUID)
        rows: QuerySet[Any, Any] = Document.objects.filter(is_public=True)
        if selected.city is not None:
            rows = rows.filter(cities=selected.city)
        documents = page.of(rows).values("id")
        query = composed(
            "api",
            "documents",
            {"site_url": settings.SITE_URL},
            documents=compiled(documents),
        )
        return feature_collection(request, page, sql_features(query))


class DocumentDetail(APIView):
    """One document."""

    renderer_classes = RENDERERS

    @extend_schema(
        operation_id="document",
        responses={
            (200, "application/geo+json"): DocumentFeature,
            **schema.NOT_FOUND,
            **schema.GONE,
        },
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Show a public document."""
        document = Document.objects.filter(id=id).first()
        if document is not None and document.withdrawal is not None:
            raise Gone(_("This document was withdrawn: %(reason)s") % {"reason": document.notice})
        if document is None or not document.is_public:
            raise NotFound(_("There is no public document with this id."))
        return Response(DocumentFeature(document).data, headers=HEADERS)
