"""Asks OSM's editing API what became of a few objects, by their ids.

That API is for editing: bulk reads belong elsewhere (operations.osmfoundation.org/policies/api).
It is asked about what another source lacks and may be deleted, and about no more than MOST_IDS.
"""

from typing import Any

import httpx

from mapper.errors import BadInput, Unavailable
from mapper.osm.objects import OsmObject, RefusedObject, made_object
from mapper.osm.outbound import Connected, check_address, open_client

MOST_IDS = 1_000
_AT_ONCE = 100
_MOST_BYTES = 10_000_000


class OsmApiFailure(Unavailable):
    """The API did not say what it was asked; nothing follows from that."""

    code = "osm-api"


class OsmApi(Connected):
    """One API, asked one question at a time. Used as a context manager."""

    def __init__(self, url: str, *, user_agent: str) -> None:
        """Refuse an address that is not safe."""
        check_address(url, name="OSM_API_URL", example="https://api.openstreetmap.org")
        self._base = f"{url.rstrip('/')}/api/0.6"
        self._http = open_client(url, user_agent=user_agent, headers={"Accept": "application/json"})

    def deleted(self, osm_type: str, ids: list[int]) -> list[OsmObject]:
        """Return those of these objects that are deleted, or raise OsmApiFailure.

        An object that the API does not know at all (404) is no deletion: that happens to what was
        redacted or never was.
        """
        if len(ids) > MOST_IDS:
            raise BadInput(f"{len(ids)} objects are more than the editing API is to be asked for.")
        found = []
        for start in range(0, len(ids), _AT_ONCE):
            found += self._of_some(osm_type, ids[start : start + _AT_ONCE])
        return found

    def _of_some(self, osm_type: str, ids: list[int]) -> list[OsmObject]:
        said = self._get(f"{osm_type}s.json", {f"{osm_type}s": ",".join(map(str, ids))})
        if said is not None:
            return [
                _deleted(osm_type, element)
                for element in said
                if element.get("visible") is False and element.get("id") in ids
            ]
        if len(ids) == 1:
            return []
        # One that it does not know makes it refuse them all.
        return [found for osm_id in ids for found in self._of_some(osm_type, [osm_id])]

    def _get(self, path: str, query: dict[str, str]) -> list[dict[str, Any]] | None:
        """Return the elements of an answer; None for 404."""
        try:
            answer = self._http.get(f"{self._base}/{path}", params=query)
        except httpx.HTTPError as error:
            raise OsmApiFailure(
                f"OpenStreetMap's API can't be reached ({type(error).__name__})."
            ) from None
        if answer.status_code == 404:
            return None
        if answer.status_code != 200 or len(answer.content) > _MOST_BYTES:
            raise OsmApiFailure(f"OpenStreetMap's API answers HTTP {answer.status_code}.")
        try:
            elements = answer.json()["elements"]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise OsmApiFailure("OpenStreetMap's API answers what is no list of objects.") from None
        if not isinstance(elements, list) or not all(isinstance(e, dict) for e in elements):
            raise OsmApiFailure("OpenStreetMap's API answers what is no list of objects.")
        return elements


def _deleted(osm_type: str, said: dict[str, Any]) -> OsmObject:
    found = made_object(
        osm_type=osm_type,
        osm_id=said.get("id"),
        version=said.get("version"),
        timestamp=said.get("timestamp"),
        tags={},
        is_visible=False,
        changeset=said.get("changeset"),
    )
    if isinstance(found, RefusedObject) or not found.version:
        raise OsmApiFailure("OpenStreetMap's API answers an object without a version.")
    return found
