"""A local Overpass that answers as it is told, once per request."""

import gzip
import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

JSON = "application/json"
FREE = b"Connected as: 1\nRate limit: 2\n2 slots available now.\n"


class Reply:
    """One answer: status, body, headers; `drop` closes early, `pause_s` waits between bytes."""

    def __init__(self, body=b"", status=200, kind=JSON, *, headers=(), drop_at=None, pause_s=0.0):
        self.body, self.status, self.kind = body, status, kind
        self.headers, self.drop_at, self.pause_s = dict(headers), drop_at, pause_s


def _answer(**changes):
    said = {
        "version": 0.6,
        "osm3s": {"timestamp_osm_base": "2026-11-20T09:59:00Z"},
        "elements": [
            {
                "type": "node",
                "id": 1,
                "lat": 48.1,
                "lon": -1.7,
                "version": 1,
                "tags": {"man_made": "surveillance"},
            }
        ],
    }
    said = {key: value for key, value in (said | changes).items() if value is not None}
    return json.dumps(said).encode()


@dataclass
class Mode:
    """What a server does in one mode; `is_good` where the answer may be taken."""

    replies: list
    is_good: bool = False


_HTML = "text/html; charset=utf-8"
_ERROR = b'<p><strong style="color:#FF0000">Error</strong>: %s </p>'
# As in osm.md B5, measured of real servers and of overpy; each is an address of its own:
# /MODE/api/interpreter.
MODES = {
    "good": Mode([Reply(_answer())], is_good=True),
    "charset": Mode([Reply(_answer(), kind="application/json; charset=utf-8")], is_good=True),
    "gzip": Mode(
        [Reply(gzip.compress(_answer()), headers={"Content-Encoding": "gzip"})], is_good=True
    ),
    "duplicates": Mode([Reply(_answer(elements=2 * [{"type": "node", "id": 1}]))], is_good=True),
    "busy-once": Mode([Reply(b"", 429, _HTML), Reply(_answer())], is_good=True),
    "429": Mode([Reply(b"rate_limited", 429, _HTML)]),
    "429-retry-after": Mode([Reply(b"", 429, _HTML, headers={"Retry-After": "9000"})]),
    "504": Mode([Reply(_ERROR % b"runtime error: Dispatcher_Client::request", 504, _HTML)]),
    "503": Mode([Reply(b"", 503, _HTML)]),
    "500": Mode([Reply(b"", 500, _HTML)]),
    "400": Mode([Reply(_ERROR % b"line 1: parse error: Unknown type", 400, _HTML)]),
    "403": Mode([Reply(b"forbidden", 403, "text/plain")]),
    "redirect": Mode([Reply(b"", 301, _HTML, headers={"Location": "https://example.org/"})]),
    "busy-200": Mode([Reply(_ERROR % b"runtime error: rate_limited", 200, _HTML)]),
    "remark": Mode([Reply(_answer(remark='runtime error: Query timed out in "query" at line 1'))]),
    "remark-memory": Mode([Reply(_answer(elements=[], remark="runtime error: out of memory"))]),
    "cut": Mode([Reply(_answer(), drop_at=40)]),
    "cut-json": Mode([Reply(_answer()[:80])]),
    "empty": Mode([Reply(b"")]),
    "bad-utf-8": Mode([Reply(_answer().replace(b"surveillance", b"surveill\xffnce"))]),
    "not-json": Mode([Reply(b"<osm/>", 200, JSON)]),
    "xml": Mode([Reply(b"<osm/>", 200, "application/osm3s+xml")]),
    "no-elements": Mode([Reply(_answer(elements=None))]),
    "no-timestamp": Mode([Reply(_answer(osm3s=None))]),
    "odd-elements": Mode([Reply(_answer(elements=["node", 7]))]),
    "deep": Mode([Reply(b"[" * 50_000)]),
    "huge": Mode([Reply(b" " * 200_000 + _answer())]),
    "hang": Mode([Reply(_answer(), pause_s=60)]),
}


class FakeOverpass:
    """What was asked, and what is still to be answered; the last reply repeats."""

    def __init__(self):
        self.replies = list(MODES["good"].replies)
        self.status = Reply(FREE, kind="text/plain")
        self.queries = []
        self.agents = []
        self.url = ""
        self.done = threading.Event()
        self._modes = {name: list(mode.replies) for name, mode in MODES.items()}

    def next(self, path):
        mode = self._modes.get(path.split("/")[1])
        if mode:
            return mode.pop(0) if len(mode) > 1 else mode[0]
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._send(self.server.fake.status)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.fake.queries.append(parse_qs(body.decode())["data"][0])
        self.server.fake.agents.append(self.headers["User-Agent"])
        self._send(self.server.fake.next(self.path))

    def _send(self, reply):
        headers = {"Content-Type": reply.kind, "Content-Length": str(len(reply.body))}
        self.send_response(reply.status)
        for name, value in (headers | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self._send_body(reply)

    def _send_body(self, reply):
        body = reply.body if reply.drop_at is None else reply.body[: reply.drop_at]
        if not reply.pause_s:
            self.wfile.write(body)
            return
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            self.wfile.flush()
            if self.server.fake.done.wait(reply.pause_s):
                return

    def log_message(self, *_):
        pass


@contextmanager
def running(port=0):
    """Run a server until the block ends."""
    fake = FakeOverpass()
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.fake = fake
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}/api/interpreter"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.done.set()
        server.shutdown()
        server.server_close()
        thread.join()
