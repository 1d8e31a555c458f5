"""What the resources have in common: GeoJSON features, and text that may be unknown."""

from typing import Any

from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from mapper.licence import LINK_HEADER

COORDINATE_DECIMALS = 7
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "max-age=60",
    "Link": LINK_HEADER,
}


class GeoJSONRenderer(JSONRenderer):
    """Writes GeoJSON under its own media type."""

    media_type = "application/geo+json"
    format = "geojson"


RENDERERS = [GeoJSONRenderer, JSONRenderer]


class KnownText(serializers.CharField):
    """Text of which the empty one says "unknown" and is null here."""

    def __init__(self, **options: Any):
        """Mark it as what may be null."""
        super().__init__(allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        """Return the text or null."""
        return super().to_representation(value) or None


class FeatureSerializer(GeoFeatureModelSerializer):  # type: ignore[misc]  # drf-gis has no types
    """A GeoJSON feature whose id is among its properties too, for tools that drop the other."""

    def get_properties(self, instance: Any, fields: Any) -> dict[str, Any]:
        """Return the properties, the id first."""
        identity = self.fields[self.Meta.id_field]
        value = identity.to_representation(identity.get_attribute(instance))
        return {self.Meta.id_field: value, **super().get_properties(instance, fields)}
