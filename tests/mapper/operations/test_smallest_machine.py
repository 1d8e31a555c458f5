"""The demo takes an afternoon's reports at once within the memory of the smallest machine."""

import http.client
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import psycopg
import pytest
from PIL import Image

from mapper.environment import memory_folder
from mapper.intake.report import TERMS
from tests.memory import Meter
from tests.pictures import phone_photo, segment

REPOSITORY = Path(__file__).resolve().parents[3]
REPORTS, AT_ONCE, PHOTOS = 60, 4, 6
# The machine has 4 GB: the rest is for the system, the page cache and the nightly backup.
MOST_BYTES = 2_500_000_000
PAGES = ("/", "/en/", "/report/", "/cities/", "/data/devices.geojson", "/api/v1/devices/")
TILES = ("/tiles/devices/0/0/0.mvt", "/tiles/devices/14/9326/4742.mvt")
SERVED = {200, 204}
BOUNDARY = "one-part-after-another"


@dataclass
class Demo:
    """A running `up`: its process, where it answers, and where its data and uploads lie."""

    process: subprocess.Popen[bytes]
    port: int
    root: Path
    spool: Path
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    def ask(self, method: str, path: str, body: bytes | None = None) -> int:
        """Return the status of one answer, read to its end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"} if body else {}
            connection.request(method, path, body=body, headers=kind)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def is_well(self) -> bool:
        """Return whether it answers that nothing fails."""
        assert self.process.poll() is None, "it ended by itself"
        try:
            return self.ask("GET", "/healthz") == 200
        except OSError:
            return False

    def photos(self) -> Counter[str]:
        """Return how many photos there are by state, and jobs that failed."""
        noted = (self.root / "embedded.env").read_text(encoding="utf-8").splitlines()
        url = dict(line.split("=", 1) for line in noted)["DATABASE_URL"]
        with psycopg.connect(url.replace("postgis:", "postgresql:", 1)) as connection:
            found = Counter(
                dict(connection.execute("SELECT state, count(*) FROM photos_photo GROUP BY state"))
            )
            jobs = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"
            found["failed"] += connection.execute(jobs).fetchone()[0]
        return found


def until(is_so, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.fixture
def demo(tmp_path):
    """Run the demo, on a cluster of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root, spool = tmp_path / "root", Path(tempfile.mkdtemp(dir=memory_folder()))
    others = ("DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEY", "SITE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in others}
    environment |= {"DATA_ROOT": str(root), "SPOOL_DIR": str(spool), "DEMO": "1"}
    command = [sys.executable, "manage.py", "up", "--port", str(port)]
    started = Demo(subprocess.Popen(command, cwd=REPOSITORY, env=environment), port, root, spool)
    try:
        until(started.is_well, within_s=300)
        yield started
    finally:
        started.process.send_signal(signal.SIGINT)
        started.process.wait(60)
        pointer = root / "cluster.folder"  # As root it lies outside.
        if pointer.is_file():
            shutil.rmtree(pointer.read_text(encoding="utf-8").strip())
        shutil.rmtree(spool)


@pytest.fixture(scope="module")
def photos():
    """Return photos of 12 megapixels and some 3 MB: like a phone's, they have grain."""
    random = numpy.random.default_rng(7)
    sky = numpy.linspace(60, 200, 3024, dtype=numpy.float32)[:, None, None]
    made = []
    for _ in range(PHOTOS):
        grain = sky + 7 * random.standard_normal((3024, 4032, 3), dtype=numpy.float32)
        image = Image.fromarray(grain.clip(0, 255).astype(numpy.uint8))
        made.append(phone_photo(image, lon=24.9407, lat=60.1715, accuracy_m=5, orientation=6))
    return made


def report(photos: list[bytes], number: int) -> bytes:
    """Return the body of one report; no two have the same bytes."""
    fields = {"kind": "camera", "photo_use": "moderators", "terms": TERMS}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for photo in photos:
        own = photo[:2] + segment(0xFE, f"report {number}".encode()) + photo[2:]
        head = 'Content-Disposition: form-data; name="photo"; filename="a.jpg"'
        told = f"--{BOUNDARY}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
        parts.append(told + own + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@pytest.mark.trial
def test_sixty_reports_of_six_large_photos_fit_the_smallest_machine(demo, photos, record_property):
    at_rest = sum(Meter(demo.process.pid, demo.spool).now().values())
    before = demo.photos()
    is_over = threading.Event()

    def read(paths):
        for path in itertools.cycle(paths):
            if is_over.is_set():
                return
            demo.statuses[path, demo.ask("GET", path)] += 1

    def post(number):
        return demo.ask("POST", "/report/", report(photos, number))

    with (
        Meter(demo.process.pid, demo.spool) as meter,
        ThreadPoolExecutor(2) as readers,
        ThreadPoolExecutor(AT_ONCE) as walkers,
    ):
        reading = [readers.submit(read, paths) for paths in (PAGES, TILES)]
        started = time.monotonic()
        try:
            answers = Counter(walkers.map(post, range(REPORTS)))
            posted_s = time.monotonic() - started
            until(lambda: not demo.photos()["received"], within_s=1200)
        finally:
            is_over.set()
        for reader in reading:
            reader.result()
    record_property("at rest MB", round(at_rest / 1e6))
    record_property("peak MB", round(meter.peak_bytes / 1e6))
    record_property("at the peak MB", {k: round(v / 1e6) for k, v in meter.at_the_peak.items()})
    record_property("photos MB", round(sum(map(len, photos)) / PHOTOS / 1e6, 1))
    record_property("posted in s", round(posted_s))
    record_property("reads", sum(demo.statuses.values()))
    assert answers == {201: REPORTS}
    assert {status for _, status in demo.statuses} <= SERVED, demo.statuses
    after = demo.photos()
    assert after["failed"] == before["failed"] == 0
    assert after["awaiting_review"] - before["awaiting_review"] == REPORTS * PHOTOS
    assert demo.is_well()
    assert meter.peak_bytes < MOST_BYTES
