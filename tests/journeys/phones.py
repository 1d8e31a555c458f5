"""A phone that can be cut off, killed and opened: a browser with a profile of its own."""

import os
import signal
from pathlib import Path

from tests.journeys.conftest import CHROMIUM, FLAGS, PHONE

SEND = 'button[name="photo_use"][value="public"]'


class Phone:
    """Chromium with a profile that outlives it."""

    def __init__(self, playwright, profile: Path, origin: str):
        """Keep where it lives; `open` starts it."""
        self._playwright = playwright
        self.profile = profile
        self.origin = origin
        self.faults: list[str] = []

    def open(self) -> None:
        """Start the browser."""
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=str(CHROMIUM),
            args=FLAGS,
            ignore_default_args=["--headless"],
            viewport=PHONE,
            locale="fr-FR",
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def close(self) -> None:
        """End it as a user does."""
        self.context.close()

    def kill(self) -> None:
        """End it as an empty battery does: the browser and all its processes at once."""
        with self.context.expect_event("close"):
            for number in _processes_of(self.profile):
                os.kill(number, signal.SIGKILL)

    def fill_report(self, *, photos=(), lat: float, lon: float, note: str) -> None:
        """Fill the form that is open."""
        said = {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}", "note": note}
        self.page.evaluate(
            """said => { for (const [name, value] of Object.entries(said))
                 document.querySelector(`[name="${name}"]`).value = value; }""",
            said,
        )
        if photos:
            self.page.set_input_files("#photo-choose", photos)
        skip_to_send(self.page)

    def words(self) -> list[str]:
        """Return the words of the code that is shown."""
        return self.page.locator("#code li").all_inner_texts()

    def install(self) -> None:
        """Open the form once and wait until the phone has it for good."""
        self.page.goto(f"{self.origin}/report/")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def skip_to_send(page) -> None:
    """Go to the last step as the browser's "forward" would: those between have own journeys."""
    page.evaluate(
        """() => { const state = { step: "send" }; history.pushState(state, "");
             dispatchEvent(new PopStateEvent("popstate", { state })); }"""
    )
    page.locator("[data-summary] .summary__more").wait_for()


def _processes_of(profile: Path) -> list[int]:
    """Return the browser that runs with a profile; the path is this test's own."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            said = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in said.split(b"\0"):
            found.append(int(folder.name))
    return found
