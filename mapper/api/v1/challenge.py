"""What a phone has to work on before it sends a report: GET /api/v1/challenge."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mapper.api.schema import PROBLEM_TYPE, ProblemSerializer
from mapper.errors import NotFound
from mapper.intake.proof_of_work import new_challenge

_NONE = OpenApiResponse(ProblemSerializer, "This instance asks for no proof of work.")


class ChallengeParametersOutput(serializers.Serializer[Any]):
    """What is to be found out: the counter whose key begins with `keyPrefix`."""

    algorithm = serializers.CharField(help_text="PBKDF2/SHA-256")
    cost = serializers.IntegerField(help_text="iterations of one try")
    keyLength = serializers.IntegerField(help_text="bytes of the key")  # noqa: N815 - altcha's names
    keyPrefix = serializers.CharField(help_text="hexadecimal; what the key begins with")  # noqa: N815
    keySignature = serializers.CharField(help_text="of the whole key")  # noqa: N815
    nonce = serializers.CharField(help_text="hexadecimal; with the counter it is the password")
    salt = serializers.CharField(help_text="hexadecimal")
    expiresAt = serializers.IntegerField(help_text="seconds since 1970, by our clock")  # noqa: N815


class ChallengeOutput(serializers.Serializer[Any]):
    """A challenge of altcha, version 2."""

    parameters = ChallengeParametersOutput()
    signature = serializers.CharField()


class Challenge(APIView):
    """Gives a challenge; nothing is asked and nothing is kept of who asks for it."""

    @extend_schema(
        operation_id="challenge", responses={200: ChallengeOutput, (404, PROBLEM_TYPE): _NONE}
    )
    def get(self, request: Request) -> Response:
        """Give a challenge for one report; solved, it goes into the header Proof-Of-Work."""
        if not settings.REQUIRE_PROOF:
            raise NotFound(_("No proof of work is asked for here; send the report without one."))
        return Response(new_challenge(), headers={"Cache-Control": "no-store"})
