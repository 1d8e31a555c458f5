"""What OpenAPI says of features, lists and filters; drf-spectacular has no types."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent, build_array_type, build_object_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from mapper.licence import ATTRIBUTION, LICENSE
from mapper.sightings.filters import CHOICES, NAMES
from mapper.sightings.vocabulary import Kind

_PARTIAL_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$"

_MEANINGS = {
    "kind": "Kinds.",
    "operator_type": "Who runs it.",
    "status": "Where it is in its life.",
    "verification": "How sure we are. Default: verified,osm_only.",
    "city": "Slug or official code of a city.",
    "bbox": "west,south,east,north in degrees; west above east crosses the antimeridian.",
    "seen_since": "Last seen in or after a year, month or day: 2024, 2024-05, 2024-05-12.",
    "changed_since": "Changed here on or after a year, month or day.",
}


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="urn:problem-type:contrechamp: and the code.")
    title = serializers.CharField(help_text="The code in words: French, as all data addresses.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong, and what to do.")
    code = serializers.CharField(help_text="Stable, for programs.")


PROBLEM_TYPE = "application/problem+json"
BAD_REQUEST = {(400, PROBLEM_TYPE): OpenApiResponse(ProblemSerializer, "It can't be read.")}
NOT_FOUND = {(404, PROBLEM_TYPE): OpenApiResponse(ProblemSerializer, "There is none.")}
GONE = {(410, PROBLEM_TYPE): OpenApiResponse(ProblemSerializer, "It was; the reason in words.")}
MOVED = {301: OpenApiResponse(None, "It was merged: Location names the survivor.")}


def filters(*names: str, kinds: Sequence[str] = Kind.values) -> list[OpenApiParameter]:
    """Return the parameters of a list: its filters, and those that turn pages."""
    shown = [_filter(name, kinds) for name in (names or NAMES)]
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    return [
        *shown,
        OpenApiParameter("limit", limit, description="How many at most."),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="Where to go on; see `next`."),
    ]


class FeatureExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Describes a feature as it is written; the one of drf-spectacular leaves the id out."""

    target_class = "mapper.api.features.FeatureSerializer"
    match_subclasses = True
    priority = 1

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the schema of a feature."""
        meta = self.target.Meta
        properties = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        description = properties.pop("description", None)
        if meta.geo_field:
            properties["properties"].pop(meta.geo_field, None)
            if meta.geo_field in properties.get("required", []):
                properties["required"].remove(meta.geo_field)
        members: dict[str, Any] = {
            "type": _only("Feature"),
            "id": {"type": "string"},
            "geometry": _geometry(getattr(meta, "geometry_type", None)),
            "properties": properties,
        }
        if meta.auto_bbox:
            members["bbox"] = build_array_type({"type": "number"}, min_length=4, max_length=4)
        required = ["type", "id", "geometry", "properties"]
        schema: dict[str, Any] = build_object_type(
            properties=members, required=required, description=description
        )
        return schema


class FeatureListExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Describes a list with the members that we add to it."""

    target_class = "rest_framework_gis.serializers.GeoFeatureModelListSerializer"
    priority = 1

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Return the reference to the schema of a list."""
        feature = auto_schema.resolve_serializer(self.target.child, direction)
        members = {
            "type": _only("FeatureCollection"),
            "license": _only(LICENSE),
            "attribution": {"type": "string", "example": ATTRIBUTION},
            "next": {"type": "string", "format": "uri", "nullable": True},
            "features": build_array_type(feature.ref),
        }
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=f"{feature.name}List",
            type=ResolvedComponent.SCHEMA,
            object=self.target.child,
            schema=build_object_type(properties=members, required=list(members)),
        )
        auto_schema.registry.register_on_missing(component)
        return component.ref


def _filter(name: str, kinds: Sequence[str]) -> OpenApiParameter:
    choices = CHOICES | {"kind": kinds}
    words: dict[str, Any] = {"type": "string"}
    if name in choices:
        words = {"type": "array", "items": {"type": "string", "enum": list(choices[name])}}
    elif name == "bbox":
        number = {"type": "number", "minimum": -180, "maximum": 180}
        words = {"type": "array", "items": number, "minItems": 4, "maxItems": 4}
    elif name.endswith("_since"):
        words = {"type": "string", "pattern": _PARTIAL_DATE}
    # Lists in an address are joined by commas.
    is_list = words["type"] == "array"
    return OpenApiParameter(
        name,
        words,
        description=_MEANINGS[name],
        style="form" if is_list else None,
        explode=False if is_list else None,
    )


def _only(value: str) -> dict[str, Any]:
    """Return the schema of a text with one value; as an enum it would get a name of its own."""
    return {"type": "string", "pattern": f"^{value}$", "example": value}


def _geometry(kind: str | None) -> dict[str, Any]:
    if kind is None:
        return {"type": "object", "nullable": True}
    position = build_array_type({"type": "number"}, min_length=2, max_length=2)
    polygons = build_array_type(build_array_type(build_array_type(position)))
    schema: dict[str, Any] = build_object_type(
        properties={
            "type": _only(kind),
            "coordinates": position if kind == "Point" else polygons,
        },
        required=["type", "coordinates"],
    )
    if kind != "Point":
        schema["nullable"] = True
    return schema
