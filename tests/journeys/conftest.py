"""A real Chromium before a real server; every request that leaves the origin is written down."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    Response,
    sync_playwright,
)

from mapper.operations import demo

# Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

JOURNEYS = Path(__file__).resolve().parent
CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    # In a bare chroot /dev/shm may not be ours to write to.
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """A page in a context of its own, with what it asked for and what went wrong."""

    page: Page
    context: BrowserContext
    origin: str
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a path; return the status."""
        response = self.page.goto(self.origin + path, wait_until="load")
        assert response is not None
        return response.status

    def follow(self, target: str | Locator, **click: Any) -> Response:
        """Click on what leads to another page; return the answer once that page is whole.

        A click alone returns before the new page has a body, so that what is read next may be of
        the old page, or of none.
        """
        locator = self.page.locator(target) if isinstance(target, str) else target
        with self.page.expect_navigation(wait_until="load") as navigation:
            locator.click(**click)
        return navigation.value

    def axe(self) -> list[str]:
        """Return what axe finds serious or critical."""
        self.page.wait_for_load_state("load")
        # Evaluated, not added as a script tag: the page's CSP would refuse it, rightly.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await axe.run(document)).violations")
        return [
            f"{v['id']}: {v['help']} ({v['nodes'][0]['target']})"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]

    def picture(self, name: str) -> None:
        """Keep a picture of the page for people, where somebody asks for them (SCREENSHOTS)."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    def overflow_px(self) -> int:
        """Return by how much the page is wider than its window."""
        self.page.wait_for_load_state("load")
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


def pytest_collection_modifyitems(items):
    """Run a journey that failed once more before it counts.

    A browser, a server and a database share two cores with the other half of the tests: one that
    was starved says nothing of the product. The summary counts what was run again. A trial counts
    at once: what fails now and then is what it looks for.
    """
    for item in items:
        if item.path.parent == JOURNEYS and item.get_closest_marker("trial") is None:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def _static_folder(tmp_path_factory) -> None:
    """Give the server of the session a static folder: it starts before a test has its own."""
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Start Playwright for one module: its event loop must not be there for other tests."""
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing; `make test` installs it")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start Chromium for one module."""
    browser = playwright.chromium.launch(
        executable_path=str(CHROMIUM), args=FLAGS, ignore_default_args=["--headless"]
    )
    yield browser
    browser.close()


@pytest.fixture
def small_demo(settings, monkeypatch):
    """Load the demo's streets, papers and a dozen of its sightings: enough for most journeys."""
    settings.IS_DEMO = True
    dozen = demo.made_up_sightings()[:12]
    monkeypatch.setattr(demo, "made_up_sightings", lambda: dozen)
    call_command("load_demo", verbosity=0)


@pytest.fixture
def visit(chromium, live_server, settings):
    """Return a function that opens a fresh visitor: size, theme, JavaScript, offline use."""
    settings.SITE_URL = live_server.url
    opened: list[BrowserContext] = []

    def start(*, size=None, javascript=True, dark=False, offline=False) -> Visit:
        context = chromium.new_context(
            viewport=size or DESKTOP,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            locale="fr-FR",
            # A page that the worker kept would hide what the server says now.
            service_workers="allow" if offline else "block",
        )
        opened.append(context)
        page = context.new_page()
        visitor = Visit(page, context, live_server.url)
        page.on("request", lambda r: _note_foreign(visitor, r.url))
        page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        page.on(
            "console",
            lambda m: (
                visitor.faults.append(m.text)
                if m.type == "error" and "status of 4" not in m.text
                else None
            ),
        )
        return visitor

    yield start
    for context in opened:
        context.close()
    _await_answers()


def _await_answers(longest_s: float = 10.0) -> None:
    """Wait until the server is done with what browsers left: it would write into the next test."""
    end = time.monotonic() + longest_s
    while time.monotonic() < end:
        if not any("process_request_thread" in thread.name for thread in threading.enumerate()):
            return
        time.sleep(0.02)


def _note_foreign(visitor: Visit, url: str) -> None:
    if not url.startswith((visitor.origin, "data:", "blob:")):
        visitor.foreign.append(url)
