"""A folder of numbered change files over HTTP, as OSM servers have it; files fail on demand."""

import gzip
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STAMP = "2026-05-12T{hour:02}\\:{minute:02}\\:00Z"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder, and answers first with what `trouble` holds for a path."""

    trouble: dict[str, list[int]] = {}
    asked: list[str] = []
    # What is said of files beside: how they are encoded, and when to come back.
    encoded: list[str] = []
    retry_after: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        statuses = self.trouble.get(self.path, [])
        if statuses:
            self.send_error(statuses.pop(0))
        else:
            super().do_GET()

    def end_headers(self):
        if self.encoded and self.path.endswith(".gz"):
            self.send_header("Content-Encoding", self.encoded[0])
        if self.retry_after:
            self.send_header("Retry-After", self.retry_after[0])
        super().end_headers()

    def log_message(self, format, *args):
        pass


class Published:
    """What a server publishes: `publish` adds a number, `state` says which is the newest."""

    def __init__(self, folder: Path, first: int = 999):
        """Begin with an empty number."""
        self.folder, self.newest = folder, first - 1
        self.trouble: dict[str, list[int]] = {}
        self.asked: list[str] = []
        self.encoded: list[str] = []
        self.retry_after: list[str] = []
        self.url = ""
        self.publish("")

    def path(self, sequence: int, suffix: str) -> Path:
        text = f"{sequence:09}"
        return self.folder / text[:3] / text[3:6] / f"{text[6:]}.{suffix}"

    def publish(self, changes: str, *, sequence: int | None = None) -> int:
        """Write the next change file; `changes` is what stands between its tags."""
        sequence = self.newest + 1 if sequence is None else sequence
        file = self.path(sequence, "osc.gz")
        file.parent.mkdir(parents=True, exist_ok=True)
        body = f'<?xml version="1.0"?><osmChange version="0.6">{changes}</osmChange>'
        file.write_bytes(gzip.compress(body.encode(), mtime=0))
        self.path(sequence, "state.txt").write_text(self.state(sequence))
        self.newest = max(self.newest, sequence)
        (self.folder / "state.txt").write_text(self.state(self.newest))
        return sequence

    def state(self, sequence: int) -> str:
        hour, minute = divmod(sequence % 1440, 60)
        stamp = STAMP.format(hour=hour, minute=minute)
        return f"#Tue May 12 10:00:00 UTC 2026\nsequenceNumber={sequence}\ntimestamp={stamp}\n"


def camera(osm_id, version, *, lon=-1.65, lat=48.15, act="modify", tags=None, visible=True):
    """Return a change of one node; None for `tags` is a surveillance camera."""
    tags = {"man_made": "surveillance"} if tags is None else tags
    inner = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    place = f' lon="{lon}" lat="{lat}"' if act != "delete" else ""
    return (
        f'<{act}><node id="{osm_id}" version="{version}" timestamp="2026-05-12T10:00:00Z"'
        f' user="NOBODY" uid="9" changeset="7"{place}>{inner}</node></{act}>'
    )


@contextmanager
def serving(folder: Path, **options):
    """Serve an empty folder; yield what is published in it."""
    published = Published(folder, **options)
    names = ("trouble", "asked", "encoded", "retry_after")
    handler = type("Handler", (Quiet,), {name: getattr(published, name) for name in names})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    published.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield published
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
