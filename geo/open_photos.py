"""Which picture of an open photo service is meant? OSM's tags, or a pasted address, to a link.

Panoramax, Mapillary and Wikimedia Commons. Tags: wiki.openstreetmap.org, Key:panoramax,
Key:mapillary, Key:wikimedia_commons, Key:image. What is found is a link for somebody to follow;
nothing here or elsewhere fetches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urlsplit

from geo.errors import OpenPhotoError, shown

Service = Literal["panoramax", "mapillary", "commons"]

MOST_PICTURES = 20
_MOST_CHARACTERS = 2000
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_MAPILLARY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# MediaWiki refuses these in titles; 240 bytes are its longest.
_COMMONS = re.compile(r"(?:File|Category):[^\x00-\x1f\x7f#<>\[\]|{}]{1,240}")
_PANORAMAX_HOSTS = ("panoramax.xyz", "panoramax.ign.fr", "panoramax.openstreetmap.fr")
_MAPILLARY_HOSTS = ("mapillary.com",)
_COMMONS_HOSTS = ("commons.wikimedia.org", "commons.m.wikimedia.org")
_COMMONS_FILES = "upload.wikimedia.org"
_TAG_KEYS = {"panoramax": "panoramax", "mapillary": "mapillary", "wikimedia_commons": "commons"}


@dataclass(frozen=True, slots=True)
class OpenPhoto:
    """One picture (or, on Commons, a category): a service, and its id there, checked.

    Raises OpenPhotoError where the id is none of the service's.
    """

    service: Service
    id: str

    def __post_init__(self) -> None:
        """Refuse an id that the service can't have."""
        patterns = {"panoramax": _UUID, "mapillary": _MAPILLARY, "commons": _COMMONS}
        if self.service not in patterns or not patterns[self.service].fullmatch(self.id):
            raise OpenPhotoError(f"{shown(self.id)} is no picture of {self.service}.")

    @property
    def title(self) -> str:
        """Return what it is called: a name on Commons, else the id."""
        return self.id.partition(":")[2].strip() if self.service == "commons" else self.id

    @property
    def url(self) -> str:
        """Return the page that shows it."""
        if self.service == "panoramax":
            return f"https://api.panoramax.xyz/#focus=pic&pic={self.id}"
        if self.service == "mapillary":
            return f"https://www.mapillary.com/app/?pKey={quote(self.id, safe='')}&focus=photo"
        return f"https://commons.wikimedia.org/wiki/{quote(self.id.replace(' ', '_'), safe=':/,')}"


def open_photos_of_tags(tags: Mapping[str, str]) -> tuple[OpenPhoto, ...]:
    """Return the pictures that an OSM object names, each once, in the order of its keys.

    Keys may have a suffix (`panoramax:0`), values may be lists (`;`). `image` counts where it is
    an address of one of the services. What is wrong is left out: tags are anybody's.

    Examples
    --------
    >>> [photo.url for photo in open_photos_of_tags({"mapillary": "123;456"})][1]
    'https://www.mapillary.com/app/?pKey=456&focus=photo'
    >>> open_photos_of_tags({"mapillary": "javascript:alert(1)"})
    ()
    """
    found: dict[OpenPhoto, None] = {}
    for key, value in sorted(tags.items()):
        for photo in _of_tag(key, str(value)):
            found.setdefault(photo)
            if len(found) == MOST_PICTURES:
                return tuple(found)
    return tuple(found)


def open_photo_of_address(address: str) -> OpenPhoto:
    """Return the picture that a pasted web address leads to.

    Raises
    ------
    OpenPhotoError
        When it is no https address of a picture of Panoramax, Mapillary or Wikimedia Commons.
    """
    text = address.strip()
    try:
        if len(text) > _MOST_CHARACTERS:
            raise ValueError("too long")
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("https", "http") or parts.username or parts.port:
            raise ValueError("no web address")
        photo = _at(host, parts.path, f"{parts.query}&{parts.fragment}")
    except ValueError:
        # urlsplit and OpenPhoto quote what they refuse; the one sentence below says it all.
        photo = None
    if photo is None:
        raise OpenPhotoError(
            f"{shown(text)} is no address of a picture of Panoramax, Mapillary or Wikimedia "
            "Commons; open the picture there and copy the address of its page."
        )
    return photo


def _of_tag(key: str, value: str) -> Iterator[OpenPhoto]:
    bare = key.partition(":")[0]
    for part in (part.strip() for part in value.split(";")):
        try:
            if bare in _TAG_KEYS and part:
                service = _TAG_KEYS[bare]
                # One service writes ids in capitals now and then.
                yield OpenPhoto(service, part.lower() if service == "panoramax" else part)  # type: ignore[arg-type]
            elif bare == "image" and part:
                yield open_photo_of_address(part)
        except OpenPhotoError:
            continue


def _at(host: str, path: str, parameters: str) -> OpenPhoto | None:
    """Return what lies at a place of one of the services."""
    if _is_of(host, _PANORAMAX_HOSTS):
        named = parse_qs(parameters).get("pic", []) or _UUID.findall(path.lower())
        return OpenPhoto("panoramax", named[0].lower()) if named else None
    if _is_of(host, _MAPILLARY_HOSTS):
        named = parse_qs(parameters).get("pKey", []) or re.findall(r"/map/im/([^/]+)", path)
        return OpenPhoto("mapillary", named[0]) if named else None
    title = ""
    if host in _COMMONS_HOSTS and path.startswith("/wiki/"):
        title = unquote(path.removeprefix("/wiki/"))
    elif host == _COMMONS_FILES and path.startswith("/wikipedia/commons/"):
        # .../a/ab/Name.jpg, or .../thumb/a/ab/Name.jpg/320px-Name.jpg
        steps = path.removeprefix("/wikipedia/commons/").removeprefix("thumb/").split("/")
        title = f"File:{unquote(steps[2])}" if len(steps) > 2 else ""
    return OpenPhoto("commons", title.replace("_", " ")) if title else None


def _is_of(host: str, hosts: tuple[str, ...]) -> bool:
    """Return whether a host is one of these or below one."""
    return any(host == one or host.endswith(f".{one}") for one in hosts)
