"""Reports and photos that a phone sealed to this server: PUT /api/v1/sealed/….

Inside an envelope is what the plain address of the same name takes (`mapper.api.v1.sightings`,
`mapper.api.v1.photos`); from there on both go the same way.
"""

from collections.abc import Mapping
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapper.api.v1.photos import read_sighting_id
from mapper.api.v1.sightings import KNOWN_FIELDS, PROOF, check_phone_id
from mapper.errors import BadInput, TooLarge
from mapper.intake.anonymous import refuse_foreign
from mapper.intake.buckets import is_over, photo_limit, slow_reason
from mapper.intake.phone import put_photo, put_report
from mapper.intake.proof_of_work import HEADER
from mapper.intake.sealing import (
    MOST_HEAD_BYTES,
    OVERHEAD_BYTES,
    Opened,
    info_of_photo,
    info_of_report,
    open_envelope,
)
from mapper.intake.sealing_keys import current_key
from mapper.languages import spoken_or_bare
from mapper.photos.removed_names import in_words

_NO_STORE = {"Cache-Control": "no-store"}
_ENVELOPE = {"application/octet-stream": OpenApiTypes.BINARY}


class EnvelopeParser(BaseParser):
    """Reads a body as it is, and no more of it than a sealed photo may have."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        """Return the bytes under "envelope"."""
        most = settings.MAX_PHOTO_BYTES + MOST_HEAD_BYTES + OVERHEAD_BYTES
        envelope = bytes(stream.read(most + 1))
        if len(envelope) > most:
            raise TooLarge(_("The photo has more than 20 MB; make it smaller."))
        return {"envelope": envelope}


class SealingKeyOutput(serializers.Serializer[Any]):
    """What a phone seals to."""

    id = serializers.CharField(help_text="16 hexadecimal digits")
    suite = serializers.CharField(help_text="RFC 9180: KEM, KDF, AEAD")
    public_key = serializers.CharField(help_text="the uncompressed point in base64url")


class SealedReportOutput(serializers.Serializer[Any]):
    """The report has arrived."""

    taken = serializers.ChoiceField(["report"])


class SealedPhotoOutput(serializers.Serializer[Any]):
    """The photo has arrived."""

    taken = serializers.ChoiceField(["photo"])
    removed = serializers.ListField(
        child=serializers.CharField(), help_text="names of what was found in its file"
    )


class SealingKeyDetail(APIView):
    """Gives the public key; pages carry it too."""

    @extend_schema(operation_id="sealing_key", responses=SealingKeyOutput)
    def get(self, request: Request) -> Response:
        """Give the key that phones seal to now; older ones still open what was sealed to them."""
        key = current_key()
        suite = "DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM"
        body = {"id": key.id.hex(), "suite": suite, "public_key": key.public_text}
        return Response(body, headers={"Cache-Control": "max-age=60"})


class SealedReport(APIView):
    """Takes one sealed report, under a UUID (version 4) that the phone made."""

    parser_classes = [EnvelopeParser]

    @extend_schema(
        operation_id="sealed_sighting_upload",
        request=_ENVELOPE,
        parameters=[PROOF],
        responses={
            201: SealedReportOutput,
            200: OpenApiResponse(SealedReportOutput, "The same report was taken before."),
            400: OpenApiResponse(description="It can't be opened, or a field can't be taken."),
            409: OpenApiResponse(description="Another body came under this UUID."),
        },
    )
    def put(self, request: Request, phone_id: UUID) -> Response:
        """Take a report; the same one again, however it is sealed, changes nothing."""
        refuse_foreign(request._request)
        check_phone_id(phone_id)
        reason = slow_reason(request._request)
        opened = open_envelope(_envelope(request), info=info_of_report(phone_id))
        # A sealed report can't be mended: what an older or newer app says beside is left out.
        said = {name: value for name, value in opened.head.items() if name in KNOWN_FIELDS}
        language = said["language"] = _language(opened)
        with translation.override(language):
            _check_hash(opened)
            taken = put_report(
                phone_id=phone_id,
                said=said,
                language=language,
                slow_reason=reason,
                proof=request.headers.get(HEADER, ""),
            )
        return Response({"taken": "report"}, status=201 if taken.is_new else 200, headers=_NO_STORE)


class SealedPhoto(APIView):
    """Takes one sealed photo of an open report, under a UUID (version 4) that the phone made."""

    parser_classes = [EnvelopeParser]

    @extend_schema(
        operation_id="sealed_photo_upload",
        request=_ENVELOPE,
        parameters=[OpenApiParameter("sighting", OpenApiTypes.UUID, required=True)],
        responses={
            201: SealedPhotoOutput,
            200: OpenApiResponse(SealedPhotoOutput, "The same photo was taken before."),
            400: OpenApiResponse(description="It can't be opened, or is no picture we take."),
            404: OpenApiResponse(description="There is no such report with this receipt."),
            409: OpenApiResponse(description="Decided, full, or another body under this UUID."),
        },
    )
    def put(self, request: Request, phone_id: UUID) -> Response:
        """Take a photo; the same one again, however it is sealed, changes nothing."""
        refuse_foreign(request._request)
        check_phone_id(phone_id)
        # Slow or not is said by the report; here only what is far too much is refused.
        is_over(request._request, photo_limit())
        sighting_id = read_sighting_id(request)
        opened = open_envelope(_envelope(request), info=info_of_photo(phone_id, sighting_id))
        with translation.override(_language(opened)):
            photo, is_new = put_photo(
                phone_id=phone_id,
                sighting_id=sighting_id,
                code_hash=_check_hash(opened),
                data=opened.picture,
            )
            body = {"taken": "photo", "removed": in_words(photo.removed)}
        return Response(body, status=201 if is_new else 200, headers=_NO_STORE)


def _envelope(request: Request) -> bytes:
    return cast(dict[str, bytes], request.data).get("envelope", b"")


def _language(opened: Opened) -> str:
    return spoken_or_bare(opened.head.get("language"))


def _check_hash(opened: Opened) -> str:
    """Return the hash of the code; a sealed report has one of its own, made on the phone."""
    said = opened.head.get("receipt_hash")
    if not isinstance(said, str):
        raise BadInput(
            _("The envelope has no receipt_hash; make the code on the phone."), code="no-receipt"
        )
    return said
