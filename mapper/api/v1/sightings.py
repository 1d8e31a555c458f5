"""Reports that a phone sends by itself: PUT /api/v1/sightings/{uuid}."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapper.errors import BadInput
from mapper.intake.anonymous import refuse_foreign
from mapper.intake.buckets import slow_reason
from mapper.intake.phone import put_report
from mapper.intake.proof_of_work import HEADER
from mapper.intake.report import FIELDS
from mapper.languages import BARE, is_spoken
from mapper.sightings import vocabulary as words

KNOWN_FIELDS = frozenset({*FIELDS, "receipt_hash", "language"})
PROOF = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="a solved challenge of /api/v1/challenge (see docs/api.md); without it, or with "
    "one that is wrong, late or used, the report is taken all the same and waits for a moderator",
)


class SightingUploadInput(serializers.Serializer[Any]):
    """What a report says; `mapper.intake.report` reads it, for the form and for phones alike."""

    lat = serializers.FloatField(required=False, help_text="WGS 84, degrees; with lon")
    lon = serializers.FloatField(required=False)
    kind = serializers.ChoiceField(words.Kind.choices, required=False)
    seen_on = serializers.CharField(required=False, help_text="2026-05-12; private until decided")
    direction = serializers.CharField(
        required=False, help_text="90, NE, 45-135, 0;180, 0-360 (all round) or unknown"
    )
    camera_type = serializers.ChoiceField(words.CameraType.choices, required=False)
    mount = serializers.ChoiceField(words.Mount.choices, required=False)
    operator_type = serializers.ChoiceField(words.OperatorType.choices, required=False)
    operator = serializers.CharField(required=False, help_text="for moderators only")
    note = serializers.CharField(required=False, help_text="for moderators only")
    device = serializers.UUIDField(required=False, help_text="the known device it confirms")
    presence = serializers.ChoiceField(words.Presence.choices, required=False)
    seen_how = serializers.ChoiceField(["on_site", "picture", "document"], required=False)
    photo_use = serializers.ChoiceField(["public", "moderators"], required=False)
    consent_osm = serializers.BooleanField(required=False)
    terms = serializers.CharField(required=False)
    prudent = serializers.BooleanField(
        required=False,
        help_text="nothing of it is public for 32 days; absent: as the instance does",
    )
    party = serializers.CharField(required=False, help_text="word of a cartopartie's link")
    language = serializers.ChoiceField([code for code, _name in settings.LANGUAGES], required=False)
    receipt_hash = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        help_text="SHA-256 of the phone's own code: twelve words of the French BIP-39 list, "
        "without accents, joined by single spaces. Absent: we make the code",
    )


class SightingUploadOutput(serializers.Serializer[Any]):
    """The report's receipt."""

    receipt = serializers.ListField(child=serializers.CharField(), help_text="twelve words")
    receipt_hash = serializers.CharField()


class ReportParser(JSONParser):
    """Reads JSON, and refuses what is nested deeper than Python can follow."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("The body is nested too deep; send one flat object.")) from None


class SightingUpload(APIView):
    """Takes one report under a UUID (version 4) that the phone made and keeps to itself."""

    parser_classes = [ReportParser]

    @extend_schema(
        operation_id="sighting_upload",
        request=SightingUploadInput,
        parameters=[PROOF],
        responses={
            201: SightingUploadOutput,
            200: OpenApiResponse(SightingUploadOutput, "The same body was taken before."),
            400: OpenApiResponse(description="A field can't be taken; `fields` says why."),
            409: OpenApiResponse(description="Another body came under this UUID."),
        },
    )
    def put(self, request: Request, phone_id: UUID) -> Response:
        """Take a report; the same body again changes nothing and gives the same receipt."""
        refuse_foreign(request._request)
        check_phone_id(phone_id)
        said = checked_body(request.data)
        reason = slow_reason(request._request)
        taken = put_report(
            phone_id=phone_id,
            said=said,
            language=str(said.get("language", BARE)),
            slow_reason=reason,
            proof=request.headers.get(HEADER, ""),
        )
        body = {"receipt": list(taken.code), "receipt_hash": taken.code_hash}
        headers = {"Cache-Control": "no-store"}
        return Response(body, status=201 if taken.is_new else 200, headers=headers)


def check_phone_id(phone_id: UUID) -> None:
    """Refuse an id that is not random: others tell a time or a network card."""
    if phone_id.version != 4:
        raise BadInput(_("The id is not a UUID of version 4; make a random one."), code="not-uuid4")


def checked_body(body: Any) -> dict[str, Any]:
    """Return the fields of a report; refuse what is not an object of known ones."""
    if not isinstance(body, dict):
        raise BadInput(_("The body is not a JSON object; send the fields of one report."))
    unknown = sorted(str(name)[:40] for name in body.keys() - KNOWN_FIELDS)
    if unknown:
        raise BadInput(
            _("Unknown field: %(unknown)s. The known ones are %(known)s.")
            % {"unknown": ", ".join(unknown[:5]), "known": ", ".join(sorted(KNOWN_FIELDS))},
            code="unknown-field",
        )
    if not is_spoken(body.get("language", BARE)):
        raise BadInput(
            _("The language is none of %(known)s; leave it out for fr.")
            % {"known": ", ".join(code for code, _name in settings.LANGUAGES)}
        )
    return body
