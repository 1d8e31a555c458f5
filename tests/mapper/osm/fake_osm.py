"""A small OSM API 0.6: objects with versions, deleted ones too, read several at a time."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class FakeOsm:
    """What the server holds: (type, id) -> its newest version as JSON; and what was asked."""

    objects: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    status: int = 0
    body: bytes = b""
    url: str = ""

    def put(self, name, version, *, visible=True):
        osm_type, osm_id = name.split("/")
        self.objects[osm_type, int(osm_id)] = {
            "type": osm_type,
            "id": int(osm_id),
            "version": version,
            "timestamp": "2026-11-19T10:00:00Z",
            "changeset": 7,
            "user": "NOBODY",
            "uid": 9,
        } | ({} if visible else {"visible": False})

    def answer(self, path):
        """Return status and body, as API 0.6 does: one unknown id makes it 404 for all."""
        parts = urlsplit(path)
        name = parts.path.removeprefix("/api/0.6/").removesuffix(".json")
        ids = [int(text) for text in parse_qs(parts.query).get(name, [""])[0].split(",") if text]
        if name not in ("nodes", "ways", "relations") or not ids:
            return 400, b"The parameter is required"
        found = [self.objects.get((name[:-1], osm_id)) for osm_id in ids]
        if None in found:
            return 404, b""
        return 200, json.dumps({"version": "0.6", "elements": found}).encode()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        fake = self.server.fake
        fake.asked.append((self.path, self.headers["User-Agent"]))
        status, body = (fake.status, fake.body) if fake.status else fake.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    """Run a server until the block ends."""
    fake = FakeOsm()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.fake = fake
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
