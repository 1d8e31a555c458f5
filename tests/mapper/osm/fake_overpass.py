"""A local Overpass that answers as it is told, once per request."""

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

JSON = "application/json"
FREE = b"Connected as: 1\nRate limit: 2\n2 slots available now.\n"


class Reply:
    """One answer: status, body, headers; `drop` closes early, `pause_s` waits between bytes."""

    def __init__(self, body=b"", status=200, kind=JSON, *, headers=(), drop_at=None, pause_s=0.0):
        self.body, self.status, self.kind = body, status, kind
        self.headers, self.drop_at, self.pause_s = dict(headers), drop_at, pause_s


class FakeOverpass:
    """What was asked, and what is still to be answered; the last reply repeats."""

    def __init__(self):
        self.replies = []
        self.status = Reply(FREE, kind="text/plain")
        self.queries = []
        self.agents = []
        self.url = ""
        self.done = threading.Event()

    def next(self):
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._send(self.server.fake.status)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.fake.queries.append(parse_qs(body.decode())["data"][0])
        self.server.fake.agents.append(self.headers["User-Agent"])
        self._send(self.server.fake.next())

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
def running():
    """Run a server until the block ends."""
    fake = FakeOverpass()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
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
