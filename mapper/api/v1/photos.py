"""Photos that a phone sends by itself: PUT /api/v1/photos/{uuid}?sighting={uuid}."""

from collections.abc import Mapping
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapper.api.v1.sightings import check_phone_id
from mapper.errors import BadInput, TooLarge
from mapper.intake.anonymous import refuse_foreign
from mapper.intake.buckets import is_over, photo_limit
from mapper.intake.phone import put_photo


class PictureParser(BaseParser):
    """Reads a body as it is, and no more of it than a photo may have."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        """Return the bytes under "photo"."""
        data = bytes(stream.read(settings.MAX_PHOTO_BYTES + 1))
        if len(data) > settings.MAX_PHOTO_BYTES:
            raise TooLarge(_("The photo has more than 20 MB; make it smaller."))
        return {"photo": data}


class PhotoUpload(APIView):
    """Takes one photo of an open report, under a UUID (version 4) that the phone made."""

    parser_classes = [PictureParser]

    @extend_schema(
        operation_id="photo_upload",
        request={"image/*": OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter("sighting", OpenApiTypes.UUID, required=True),
            OpenApiParameter(
                "Receipt-Hash",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                required=True,
                description="the receipt_hash of the report",
            ),
        ],
        responses={
            201: OpenApiResponse(description="Taken."),
            200: OpenApiResponse(description="The same photo was taken before."),
            400: OpenApiResponse(description="It is no picture that is taken."),
            404: OpenApiResponse(description="There is no such report with this receipt."),
            409: OpenApiResponse(description="Decided, full, or another body under this UUID."),
        },
    )
    def put(self, request: Request, phone_id: UUID) -> Response:
        """Take a photo; the same body again changes nothing."""
        refuse_foreign(request._request)
        check_phone_id(phone_id)
        # Slow or not is said by the report; here only what is far too much is refused.
        is_over(request._request, photo_limit())
        photo, is_new = put_photo(
            phone_id=phone_id,
            sighting_id=read_sighting_id(request),
            code_hash=request.headers.get("Receipt-Hash", ""),
            data=cast(dict[str, bytes], request.data).get("photo", b""),
        )
        # Names of what was found in it; the values stay with the moderators.
        headers = {"Cache-Control": "no-store"}
        return Response({"removed": photo.removed}, status=201 if is_new else 200, headers=headers)


def read_sighting_id(request: Request) -> UUID:
    """Return which report a photo belongs to."""
    try:
        return UUID(request.query_params.get("sighting", ""))
    except ValueError:
        raise BadInput(
            _("?sighting= is not a UUID; give the one under which the report was sent.")
        ) from None
