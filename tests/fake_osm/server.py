"""The fake over HTTP, for other processes and for trying by hand: `make fake-osm`."""

import argparse
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.fake_osm.answers import Answer
from tests.fake_osm.overpass import MODES, running
from tests.fake_osm.world import ME, World


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        server = self.server
        server.asked.append((self.command, self.path, self.headers["User-Agent"]))
        if server.status:
            answer = Answer(server.status, server.body)
        else:
            answer = server.world.handle(self.command, self.path, self.headers, body)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """A world behind an address; `status` and `body` answer everything, if set."""

    daemon_threads = True

    def __init__(self, world, port=0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.world = world
        self.asked = []
        self.status = 0
        self.body = b""

    def handle_error(self, request, client_address):
        """Let a client go that was killed."""

    @property
    def url(self):
        """Return what OSM_API_URL is to be."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(world=None):
    """Run a server until the block ends."""
    server = Server(world or World())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main():
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    port = parser.parse_args().port
    server = Server(World(), port)
    server.world.put("node/1", tags={"man_made": "surveillance", "surveillance:type": "camera"})
    print(f"A fake OpenStreetMap answers at {server.url}; the token {ME} may edit. Ctrl-C ends it.")
    print(f"OSM_API_URL={server.url} OSM_WEB_URL={server.url}", flush=True)
    with running(port + 1) as overpass, suppress(KeyboardInterrupt):
        print(f"OVERPASS_URL={overpass.url} (modes: {' '.join(sorted(MODES))}")
        print(f"  each at http://127.0.0.1:{port + 1}/MODE/api/interpreter)", flush=True)
        server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
