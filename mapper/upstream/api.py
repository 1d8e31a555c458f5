"""OSM's editing API 0.6 for one account: what is asked, and what each refusal means.

Whatever leaves open if something was done is `OutcomeUnknown`; nothing may be sent again then
before it was looked up. Sources: wiki API_v0.6, openstreetmap-website, cgimap.
"""

import enum
import re
from typing import Any

import httpx

from geo.bbox import BBox
from geo.errors import OsmChangeError
from geo.osm_change import (
    Action,
    OsmElement,
    Uploaded,
    read_change,
    read_diff,
    read_element,
    write_changeset,
)
from mapper.errors import Unavailable
from mapper.osm.outbound import Connected, check_address, open_client

_MOST_BYTES = 20_000_000
# As many as one answer is asked for.
_AT_ONCE = 100
# What to wait where the server does not say: edit limits count by the hour.
_PAUSE_S = 3600


class Why(enum.Enum):
    """What a refusal means to whoever sends."""

    VERSION = "another version is there"
    CLOSED = "the changeset is closed"
    GONE = "the object is deleted"
    STILL_USED = "another object uses it"
    UNKNOWN_TOKEN = "the token is not known"  # noqa: S105 - a meaning, no secret
    FORBIDDEN = "the account may not edit"
    PAUSE = "too much, too fast"
    MISSING = "there is no such thing"
    NOT_UNDERSTOOD = "the request is wrong"


class EditRefused(Unavailable):
    """The API said no, and did nothing of what was asked."""

    code = "osm-api"

    def __init__(self, why: Why, text: str, *, retry_after_s: int = 0):
        """Keep what it means, and the server's words."""
        # A stranger's words, on one line.
        words = " ".join("".join(c if c.isprintable() else " " for c in text[:400]).split())
        super().__init__(
            f"OpenStreetMap refuses: {why.value} ({words[:200]}).", retry_after_s=retry_after_s
        )
        self.why = why
        self.text = text[:500]


class OutcomeUnknown(Unavailable):
    """No answer, or none that can be understood: what was asked may have been done."""

    code = "osm-api"


class OsmEditor(Connected):
    """The API in one account's name; a context manager. Methods raise the two errors above."""

    def __init__(
        self,
        url: str,
        *,
        token: str,
        user_agent: str,
        transport: httpx.BaseTransport | None = None,
        read_s: float = 60.0,
    ) -> None:
        """Refuse an address that is not safe for a token."""
        check_address(url, name="OSM_API_URL", example="https://api.openstreetmap.org")
        self._base = f"{url.rstrip('/')}/api/0.6"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = open_client(
            url, user_agent=user_agent, read_s=read_s, headers=headers, transport=transport
        )

    def most_changes(self) -> int:
        """Return how many objects a changeset may hold now; 0 where the API takes no edits."""
        said = self._object("GET", "/capabilities.json", "api")
        status = said.get("status", {})
        if not isinstance(status, dict) or "online" not in (status.get("api"),):
            return 0
        changesets = said.get("changesets", {})
        return _number(changesets.get("maximum_elements") if isinstance(changesets, dict) else 0)

    def user(self) -> dict[str, Any]:
        """Return what the API says of the account: terms, blocks, messages."""
        return self._object("GET", "/user/details.json", "user")

    def create_changeset(self, tags: dict[str, str]) -> int:
        """Open a changeset; return its id."""
        answer = self._ask("PUT", "/changeset/create", body=write_changeset(tags))
        if not re.fullmatch(r"\s*[0-9]{1,18}\s*", answer.text):
            raise OutcomeUnknown("OpenStreetMap answers what is no number of a changeset.")
        return int(answer.text)

    def changeset(self, number: int) -> dict[str, Any]:
        """Return a changeset with its discussion."""
        path = f"/changeset/{number}.json"
        return self._object("GET", path, "changeset", {"include_discussion": "true"})

    def changesets(self, numbers: list[int]) -> list[dict[str, Any]]:
        """Return changesets by their numbers, at most 100, without their discussions."""
        query = {"changesets": ",".join(map(str, numbers))}
        return _objects(self._json("GET", "/changesets.json", query).get("changesets"))

    def open_changesets(self, user_id: int) -> list[dict[str, Any]]:
        """Return the open changesets of an account."""
        query = {"user": str(user_id), "open": "true"}
        found = self._json("GET", "/changesets.json", query).get("changesets")
        return _objects(found)

    def close(self, number: int) -> None:
        """Close a changeset: nothing can be added to it afterwards."""
        self._ask("PUT", f"/changeset/{number}/close")

    def upload(self, number: int, change: bytes) -> dict[tuple[str, int], Uploaded]:
        """Send an osmChange to an open changeset; return what became of each object."""
        answer = self._ask("POST", f"/changeset/{number}/upload", body=change)
        try:
            return read_diff(answer.content)
        except OsmChangeError as error:
            raise OutcomeUnknown(f"OpenStreetMap's answer can't be read: {error}") from None

    def download(self, number: int) -> list[tuple[Action, OsmElement]]:
        """Return what is in a changeset."""
        answer = self._ask("GET", f"/changeset/{number}/download")
        try:
            return read_change(answer.content)
        except OsmChangeError as error:
            raise OutcomeUnknown(f"OpenStreetMap's answer can't be read: {error}") from None

    def current(self, keys: list[tuple[str, int]]) -> dict[tuple[str, int], OsmElement]:
        """Return objects as they are now, deleted ones too; one that it does not know is missing.

        An object that was redacted, or never was, makes the API refuse a whole list.
        """
        found: dict[tuple[str, int], OsmElement] = {}
        for osm_type in ("node", "way", "relation"):
            ids = sorted({osm_id for kind, osm_id in keys if kind == osm_type})
            for start in range(0, len(ids), _AT_ONCE):
                found |= self._current(osm_type, ids[start : start + _AT_ONCE])
        return found

    def version(self, osm_type: str, osm_id: int, number: int) -> OsmElement | None:
        """Return an old version of an object; None where it was redacted, or never was."""
        try:
            said = self._json("GET", f"/{osm_type}/{osm_id}/{number}.json").get("elements")
        except EditRefused as refused:
            if refused.why in (Why.MISSING, Why.FORBIDDEN):
                return None
            raise
        found = [_element(one) for one in _objects(said)]
        return found[0] if found and found[0].is_visible else None

    def nodes_in(self, bbox: BBox) -> list[OsmElement]:
        """Return the nodes in a small box."""
        found = []
        for part in bbox.parts():
            query = {"bbox": ",".join(f"{edge:.7f}" for edge in part.as_tuple())}
            said = _objects(self._json("GET", "/map.json", query).get("elements"))
            found += [_element(one) for one in said if one.get("type") == "node"]
        return found

    def _current(self, osm_type: str, ids: list[int]) -> dict[tuple[str, int], OsmElement]:
        query = {f"{osm_type}s": ",".join(map(str, ids))}
        try:
            said = self._json("GET", f"/{osm_type}s.json", query).get("elements")
        except EditRefused as refused:
            if refused.why != Why.MISSING:
                raise
            if len(ids) == 1:
                return {}
            found: dict[tuple[str, int], OsmElement] = {}
            for osm_id in ids:
                found |= self._current(osm_type, [osm_id])
            return found
        elements = [_element(one) for one in _objects(said)]
        return {element.key: element for element in elements}

    def _object(
        self, method: str, path: str, name: str, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        said = self._json(method, path, query).get(name)
        if not isinstance(said, dict):
            raise OutcomeUnknown(f"OpenStreetMap's answer has no {name}.")
        return said

    def _json(self, method: str, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        answer = self._ask(method, path, query=query)
        try:
            said = answer.json()
        except (ValueError, RecursionError):
            raise OutcomeUnknown("OpenStreetMap answers what is no JSON.") from None
        if not isinstance(said, dict):
            raise OutcomeUnknown("OpenStreetMap answers what is no object.")
        return said

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> httpx.Response:
        headers = {} if body is None else {"Content-Type": "text/xml; charset=utf-8"}
        try:
            answer = self._http.request(
                method, f"{self._base}{path}", params=query, content=body, headers=headers
            )
        except httpx.HTTPError as error:
            raise OutcomeUnknown(
                f"OpenStreetMap gives no answer ({type(error).__name__})."
            ) from None
        if answer.status_code == 200 and len(answer.content) <= _MOST_BYTES:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> EditRefused | OutcomeUnknown:
    """Return what a status and its text mean."""
    status, text = answer.status_code, answer.text.strip()
    why = {
        400: Why.NOT_UNDERSTOOD,
        401: Why.UNKNOWN_TOKEN,
        403: Why.FORBIDDEN,
        404: Why.MISSING,
        409: Why.CLOSED if "closed" in text else Why.VERSION,
        410: Why.GONE,
        412: Why.STILL_USED,
        413: Why.NOT_UNDERSTOOD,
        429: Why.PAUSE,
        509: Why.PAUSE,
    }.get(status)
    if status == 409 and "closed" not in text and "ersion" not in text:
        # "The user doesn't own that changeset", "Changeset mismatch": nothing to wait for.
        why = Why.NOT_UNDERSTOOD
    if why is None:
        return OutcomeUnknown(f"OpenStreetMap answers HTTP {status}.")
    pause_s = _retry_after_s(answer) if why == Why.PAUSE else 0
    return EditRefused(why, text or f"HTTP {status}", retry_after_s=pause_s)


def _retry_after_s(answer: httpx.Response) -> int:
    said = answer.headers.get("Retry-After", "").strip()
    return min(int(said), 86_400) if re.fullmatch(r"[0-9]{1,6}", said) else _PAUSE_S


def _element(said: dict[str, Any]) -> OsmElement:
    try:
        return read_element(said)
    except OsmChangeError as error:
        raise OutcomeUnknown(f"OpenStreetMap's answer can't be read: {error}") from None


def _objects(said: object) -> list[dict[str, Any]]:
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise OutcomeUnknown("OpenStreetMap answers what is no list.")
    return said


def _number(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        raise OutcomeUnknown("OpenStreetMap answers what is no number.")
    return said
