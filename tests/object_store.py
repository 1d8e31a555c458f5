"""An S3-compatible store that really stores: s3rver, behind a door that asks for keys.

s3rver (MIT, of npm) keeps objects on a disk and checks signatures, and serves whoever signs nothing
too, as a public bucket does; the door in front refuses those, as a private one does.
"""

import http.client
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.conftest import REPOSITORY

KEYS = {"access_key": "S3RVER", "secret_key": "S3RVER", "region_name": "us-east-1"}
_SERVER = REPOSITORY / "node_modules" / "s3rver" / "bin" / "s3rver.js"


class _Door(BaseHTTPRequestHandler):
    """Passes on what is signed, refuses the rest; answers nobody while the store is down."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        """Say nothing."""

    def pass_on(self):
        """Answer one request."""
        store = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if store.is_down:
            self.answer(503, {}, b"")
        elif "Authorization" not in self.headers and "X-Amz-Signature" not in self.path:
            self.answer(403, {}, b"<Error><Code>AccessDenied</Code></Error>")
        else:
            self.answer(*store.ask(self.command, self.path, body, self.headers))

    def answer(self, status, headers, body):
        """Write an answer."""
        self.send_response(status)
        for name, value in headers.items():
            if name not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = headers.get("content-length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on  # noqa: N815 - as http.server asks


class Store:
    """A store with its buckets at `url`; at `open_url` it serves whoever asks."""

    def __init__(self, folder: Path, buckets: tuple[str, ...]):
        self.folder, self.is_down = folder, False
        node = shutil.which("node") or str(REPOSITORY / ".venv" / "bin" / "node")
        wanted = [word for name in buckets for word in ("--configure-bucket", name)]
        self._process = subprocess.Popen(
            [node, str(_SERVER), "-d", str(folder), "-p", "0", "-a", "127.0.0.1",
             "--no-vhost-buckets", *wanted],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        said = next(line for line in self._process.stdout if "listening on" in line)
        self._port = int(said.strip().rpartition(":")[2])
        self.open_url = f"http://127.0.0.1:{self._port}"
        self._door = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
        self._door.store = self
        threading.Thread(target=self._door.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._door.server_port}"

    def ask(self, method, path, body, headers):
        """Return what the store itself answers: status, headers, body."""
        kept = {k: v for k, v in headers.items() if k.lower() not in ("expect", "connection")}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body, kept)
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, data
        finally:
            connection.close()

    def options(self, bucket: str) -> dict[str, str]:
        """Return the options of a bucket as `environment.buckets` gives them."""
        return {"bucket_name": bucket, "endpoint_url": self.url, **KEYS}

    def held(self, bucket: str) -> set[str]:
        """Return the names of what lies in a bucket, from its disk."""
        return {
            path.name.removesuffix("._S3rver_object")
            for path in (self.folder / bucket).rglob("*._S3rver_object")
        }

    def end(self) -> None:
        """Stop both."""
        self._door.shutdown()
        self._door.server_close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
