"""What OSM's editing API holds and does, as openstreetmap-website and cgimap do it.

Objects have all their versions, changesets close, an upload is taken whole or not at all, and the
texts of refusals are the real ones. Nothing is written down: it lives as long as its process.
"""

import datetime
import re
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.fake_osm.answers import Answer, Refused
from tests.fake_osm.oauth import OAuth
from tests.fake_osm.uploading import apply
from tests.fake_osm.written import as_answer, as_json, as_xml, document, parsed, stamp, tags_of

TYPES = ("node", "way", "relation")
ME = "token-of-contrechamp"


@dataclass
class User:
    """Somebody with an account."""

    id: int
    name: str
    has_agreed: bool = True
    blocks: int = 0
    active_blocks: int = 0
    messages: int = 0
    unread: int = 0
    is_limited: bool = False


@dataclass
class Changeset:
    """What one user changes in one go."""

    id: int
    user: User
    tags: dict
    created_at: datetime.datetime
    closed_at: datetime.datetime | None = None
    changes: list = field(default_factory=list)
    comments: list = field(default_factory=list)


class World:
    """The whole database of one fake OpenStreetMap."""

    def __init__(self, *, first_id=1000):
        self.lock = threading.RLock()
        self.objects: dict[tuple[str, int], list[dict]] = {}
        self.changesets: dict[int, Changeset] = {}
        self.user = User(1, "Contrechamp")
        self.other = User(2, "Somebody else")
        self.tokens = {ME: self.user}
        self.oauth = OAuth(self)
        self.max_elements = 10_000
        self.is_online = True
        self.seconds = 0
        self.next_id = first_id
        self._next_changeset = 1
        self._next_comment = 1

    # --- what a test sets up -------------------------------------------------------------------
    def put(self, name, *, tags=None, lon=4.835, lat=45.764, version=1, visible=True, **more):
        """Let an object be there, with one version of somebody else's."""
        osm_type, osm_id = name.split("/")
        said = {"tags": dict(tags or {}), "nodes": [], "members": [], "changeset": 0} | more
        said |= {"version": version, "visible": visible, "user": self.other}
        if osm_type == "node":
            said |= {"lon": lon, "lat": lat}
        said["timestamp"] = self.now()
        self.objects[osm_type, int(osm_id)] = [said]

    def edit(self, name, **changes):
        """Let somebody else change an object: tags (None takes one out), lon, lat, visible."""
        osm_type, osm_id = name.split("/")
        versions = self.objects[osm_type, int(osm_id)]
        tags = dict(versions[-1]["tags"])
        for key, value in changes.pop("tags", {}).items():
            tags.pop(key, None)
            if value is not None:
                tags[key] = value
        versions.append(
            versions[-1]
            | {"tags": tags, "version": versions[-1]["version"] + 1, "user": self.other}
            | {"changeset": 0, "timestamp": self.now()}
            | changes
        )

    def now(self):
        """Return the time here; it stands still but for `pass_time`."""
        return datetime.datetime(2026, 11, 20, 10, tzinfo=datetime.UTC) + datetime.timedelta(
            seconds=self.seconds
        )

    def pass_time(self, seconds):
        """Let time pass: changesets close after an hour."""
        self.seconds += seconds

    def current(self, name):
        """Return the newest version of an object, or None."""
        osm_type, osm_id = name.split("/")
        versions = self.objects.get((osm_type, int(osm_id)))
        return versions[-1] if versions else None

    def comment(self, changeset_id, text="Please stop.", user=None):
        """Let somebody write under a changeset."""
        self.changesets[changeset_id].comments.append(
            {
                "id": self._next_comment,
                "visible": True,
                "date": stamp(self.now()),
                "uid": (user or self.other).id,
                "user": (user or self.other).name,
                "text": text,
            }
        )
        self._next_comment += 1

    def by_us(self):
        """Return every version that we wrote, as (name, version)."""
        return [
            (f"{osm_type}/{osm_id}", said)
            for (osm_type, osm_id), versions in self.objects.items()
            for said in versions
            if said["user"] is self.user
        ]

    # --- what a server does --------------------------------------------------------------------
    def handle(self, method, address, headers, body=b""):
        """Return the answer to a request."""
        parts = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        with self.lock:
            try:
                if parts.path.startswith("/oauth2/"):
                    return self.oauth.handle(method, parts.path, query, body, headers)
                return self._api(method, parts.path, query, headers, body)
            except Refused as refused:
                return refused.answer

    def _api(self, method, path, query, headers, body):
        for verb, pattern, action in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                return action(self, query, headers, body, *match.groups())
        raise Refused(404, "Not Found")

    def _who(self, headers):
        said = headers.get("Authorization") or headers.get("authorization") or ""
        user = self.tokens.get(said.removeprefix("Bearer "))
        if user is None:
            raise Refused(401, "Couldn't authenticate you")
        return user

    def _writer(self, headers):
        user = self._who(headers)
        if user.active_blocks:
            raise Refused(
                403,
                "Your access to the API has been blocked. Please log-in to the web interface to "
                "find out more.",
            )
        if not user.has_agreed:
            raise Refused(
                403,
                "You must agree to the contributor terms before you can edit. Please log in to the "
                "web interface to agree to them.",
            )
        if not self.is_online:
            raise Refused(503, "Database offline for maintenance")
        return user

    def capabilities(self, _query, _headers, _body):
        status = "online" if self.is_online else "readonly"
        said = {
            "version": "0.6",
            "api": {
                "version": {"minimum": "0.6", "maximum": "0.6"},
                "area": {"maximum": 0.25},
                "changesets": {"maximum_elements": self.max_elements},
                "timeout": {"seconds": 300},
                "status": {"database": status, "api": status, "gpx": "online"},
            },
        }
        return as_answer(said)

    def details(self, _query, headers, _body):
        user = self._who(headers)
        said = {
            "id": user.id,
            "display_name": user.name,
            "contributor_terms": {"agreed": user.has_agreed, "pd": False},
            "blocks": {"received": {"count": user.blocks, "active": user.active_blocks}},
            "messages": {"received": {"count": user.messages, "unread": user.unread}},
        }
        return as_answer({"version": "0.6", "user": said})

    def create_changeset(self, _query, headers, body):
        user = self._writer(headers)
        tags = tags_of(parsed(body).find("changeset"))
        found = Changeset(self._next_changeset, user, tags, self.now())
        self._next_changeset += 1
        self.changesets[found.id] = found
        return Answer(200, str(found.id).encode(), "text/plain")

    def show_changeset(self, query, _headers, _body, number):
        found = self._changeset(number)
        with_comments = query.get("include_discussion") == "true"
        return as_answer({"version": "0.6", "changeset": self._said(found, with_comments)})

    def list_changesets(self, query, _headers, _body):
        numbers = query.get("changesets", "")
        wanted = [
            self._said(found, False)
            for found in reversed(self.changesets.values())
            if str(found.user.id) == query.get("user", str(found.user.id))
            and (not numbers or str(found.id) in numbers.split(","))
            and (query.get("open") != "true" or self._is_open(found))
        ]
        return as_answer({"version": "0.6", "changesets": wanted[:100]})

    def close(self, _query, headers, _body, number):
        found = self._open_one(number, self._who(headers))
        found.closed_at = self.now()
        return Answer(200, b"", "text/plain")

    def download(self, _query, _headers, _body, number):
        found = self._changeset(number)
        parts = [
            f"<{action}>{as_xml(*key, said)}</{action}>" for action, key, said in found.changes
        ]
        return Answer(200, document("osmChange", "".join(parts)), "application/xml")

    def upload(self, _query, headers, body, number):
        user = self._writer(headers)
        if user.is_limited:
            raise Refused(
                429, "Upload has been blocked due to rate limiting. Please try again later."
            )
        found = self._open_one(number, user)
        blocks = list(parsed(body))
        if sum(len(block) for block in blocks) + len(found.changes) > self.max_elements:
            raise Refused(413, "Changeset too large.")
        kept = {key: list(versions) for key, versions in self.objects.items()}
        kept_changes, kept_id = list(found.changes), self.next_id
        try:
            results = [apply(self, found, block.tag, child) for block in blocks for child in block]
        except Refused:
            self.objects, found.changes, self.next_id = kept, kept_changes, kept_id
            raise
        return Answer(200, document("diffResult", "".join(results)), "application/xml")

    def show(self, _query, _headers, _body, osm_type, number):
        versions = self.objects.get((osm_type, int(number)))
        if versions is None:
            raise Refused(404, "")
        if not versions[-1]["visible"]:
            raise Refused(410, "")
        return as_answer({"version": "0.6", "elements": [as_json(osm_type, number, versions[-1])]})

    def show_version(self, _query, _headers, _body, osm_type, number, version):
        for said in self.objects.get((osm_type, int(number)), ()):
            if said["version"] == int(version):
                return as_answer({"version": "0.6", "elements": [as_json(osm_type, number, said)]})
        raise Refused(404, "")

    def show_several(self, query, _headers, _body, osm_type):
        ids = query.get(f"{osm_type}s", "")
        if not re.fullmatch(r"\d+(,\d+)*", ids):
            raise Refused(400, f"The parameter {osm_type}s is required, and must be of the form")
        found = [(key, self.objects.get((osm_type, int(key)))) for key in ids.split(",")]
        if any(versions is None for _, versions in found):
            raise Refused(404, "")
        said = [as_json(osm_type, key, versions[-1]) for key, versions in found]
        return as_answer({"version": "0.6", "elements": said})

    def map(self, query, _headers, _body):
        try:
            west, south, east, north = (float(text) for text in query["bbox"].split(","))
        except (KeyError, ValueError):
            raise Refused(400, "The parameter bbox is required") from None
        said = [
            as_json(*key, versions[-1])
            for key, versions in self.objects.items()
            if versions[-1]["visible"]
            and key[0] == "node"
            and west <= versions[-1]["lon"] <= east
            and south <= versions[-1]["lat"] <= north
        ]
        return as_answer({"version": "0.6", "elements": said})

    # --- parts ---------------------------------------------------------------------------------
    def _changeset(self, number):
        found = self.changesets.get(int(number))
        if found is None:
            raise Refused(404, "")
        return found

    def _is_open(self, found):
        is_idle = self.now() - found.created_at >= datetime.timedelta(hours=1)
        if found.closed_at is None and is_idle:
            found.closed_at = found.created_at + datetime.timedelta(hours=1)
        return found.closed_at is None

    def _open_one(self, number, user):
        found = self._changeset(number)
        if found.user is not user:
            raise Refused(409, "The user doesn't own that changeset")
        if not self._is_open(found):
            closed = found.closed_at.strftime("%Y-%m-%d %H:%M:%S UTC")
            raise Refused(409, f"The changeset {found.id} was closed at {closed}.")
        return found

    def _said(self, found, with_comments):
        is_open = self._is_open(found)
        said = {
            "id": found.id,
            "created_at": stamp(found.created_at),
            "open": is_open,
            "comments_count": len(found.comments),
            "changes_count": len(found.changes),
            "uid": found.user.id,
            "user": found.user.name,
            "tags": found.tags,
        }
        if not is_open:
            said["closed_at"] = stamp(found.closed_at)
        if with_comments:
            said["comments"] = found.comments
        return said


_API = "/api/0.6"
_ROUTES = [
    ("GET", rf"(?:{_API}|/api)/capabilities\.json", World.capabilities),
    ("GET", rf"{_API}/user/details\.json", World.details),
    ("PUT", rf"{_API}/changeset/create", World.create_changeset),
    ("GET", rf"{_API}/changeset/(\d+)\.json", World.show_changeset),
    ("GET", rf"{_API}/changesets\.json", World.list_changesets),
    ("PUT", rf"{_API}/changeset/(\d+)/close", World.close),
    ("POST", rf"{_API}/changeset/(\d+)/upload", World.upload),
    ("GET", rf"{_API}/changeset/(\d+)/download", World.download),
    ("GET", rf"{_API}/(node|way|relation)/(\d+)\.json", World.show),
    ("GET", rf"{_API}/(node|way|relation)/(\d+)/(\d+)\.json", World.show_version),
    ("GET", rf"{_API}/(node|way|relation)s\.json", World.show_several),
    ("GET", rf"{_API}/map\.json", World.map),
]
