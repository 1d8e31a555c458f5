"""Logs in at OSM by OAuth 2 with PKCE (RFC 6749, 7636), asking for no more than edits need."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from mapper.errors import BadInput, Unavailable
from mapper.osm.outbound import check_address, open_client, user_agent

SCOPES = "read_prefs write_api"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send somebody, and what must be kept until they are back."""

    address: str
    state: str
    verifier: str


def begin(*, redirect_uri: str) -> Begun:
    """Return a fresh login; `verifier` stays with us, only its hash goes to OSM."""
    if not settings.OSM_CLIENT_ID:
        raise BadInput(_("OSM_CLIENT_ID is not set: register this instance at OpenStreetMap."))
    _check()
    verifier = secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    state = secrets.token_urlsafe(24)
    query = {
        "response_type": "code",
        "client_id": settings.OSM_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return Begun(f"{settings.OSM_WEB_URL}/oauth2/authorize?{urlencode(query)}", state, verifier)


def token_for(
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
    transport: httpx.BaseTransport | None = None,
) -> str:
    """Return the token that a code stands for."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": settings.OSM_CLIENT_ID,
        "code_verifier": verifier,
    }
    answer = _post("/oauth2/token", form, transport)
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        said = None
    token = said.get("access_token") if isinstance(said, dict) else None
    if answer.status_code != 200 or not isinstance(token, str) or not 0 < len(token) < 300:
        raise BadInput(
            _("OpenStreetMap did not confirm the login (HTTP %(status)d). Begin again.")
            % {"status": answer.status_code}
        )
    granted = str(said.get("scope", SCOPES)).split()
    if "write_api" not in granted:
        raise BadInput(_("This login may not edit the map: allow “modify the map”, then again."))
    return token


def revoke(*, token: str, transport: httpx.BaseTransport | None = None) -> None:
    """Make a token worthless at OSM; raises Unavailable where that is not sure."""
    answer = _post(
        "/oauth2/revoke", {"token": token, "client_id": settings.OSM_CLIENT_ID}, transport
    )
    if answer.status_code not in (200, 400, 401):
        raise Unavailable(
            _("OpenStreetMap does not answer (HTTP %(status)d), so the access still stands there.")
            % {"status": answer.status_code}
        )


def _post(path: str, form: dict[str, str], transport: httpx.BaseTransport | None) -> httpx.Response:
    _check()
    if settings.OSM_CLIENT_SECRET:
        form = form | {"client_secret": settings.OSM_CLIENT_SECRET}
    with open_client(
        settings.OSM_WEB_URL, user_agent=user_agent(), read_s=30, transport=transport
    ) as http:
        try:
            return http.post(f"{settings.OSM_WEB_URL}{path}", data=form)
        except httpx.HTTPError as error:
            raise Unavailable(
                _("OpenStreetMap can't be reached (%(fault)s). Try again in a minute.")
                % {"fault": type(error).__name__}
            ) from None


def _check() -> None:
    check_address(settings.OSM_WEB_URL, name="OSM_WEB_URL", example="https://www.openstreetmap.org")
