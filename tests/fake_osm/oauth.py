"""OAuth 2 with PKCE (RFC 7636), as OSM's website has it: codes, tokens, and taking them back."""

import base64
import hashlib
import json
import secrets
from urllib.parse import parse_qs, urlencode

from tests.fake_osm.answers import Answer, Refused


class OAuth:
    """Whoever asks for access is let in at once, as this world's one user."""

    def __init__(self, world):
        self.world = world
        self.codes = {}
        self.says_no = False

    def handle(self, method, path, query, body, _headers):
        form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        if method == "GET" and path == "/oauth2/authorize":
            return self._authorize(query)
        if method == "POST" and path == "/oauth2/token":
            return self._token(form)
        if method == "POST" and path == "/oauth2/revoke":
            self.world.tokens.pop(form.get("token", ""), None)
            return Answer(200, b"{}", "application/json")
        raise Refused(404, "Not Found")

    def _authorize(self, query):
        needed = ("client_id", "redirect_uri", "scope", "code_challenge", "state")
        if any(not query.get(name) for name in needed) or query.get("response_type") != "code":
            raise Refused(400, "invalid_request")
        if query.get("code_challenge_method") != "S256":
            raise Refused(400, "invalid_request: S256 is asked for")
        if self.says_no:
            said = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_hex(16)
            self.codes[code] = query
            said = {"code": code, "state": query["state"]}
        return Answer(302, headers={"Location": f"{query['redirect_uri']}?{urlencode(said)}"})

    def _token(self, form):
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        is_right = (
            asked is not None
            and form.get("grant_type") == "authorization_code"
            and asked["code_challenge"] == challenge.decode()
            and asked["redirect_uri"] == form.get("redirect_uri")
            and asked["client_id"] == form.get("client_id")
        )
        if not is_right:
            error = json.dumps({"error": "invalid_grant"}).encode()
            return Answer(400, error, "application/json")
        token = secrets.token_hex(20)
        self.world.tokens[token] = self.world.user
        said = {"access_token": token, "token_type": "Bearer", "scope": asked["scope"]}
        return Answer(200, json.dumps(said).encode(), "application/json")
