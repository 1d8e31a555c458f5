"""Reports from a real Firefox, also one that trusts pages less."""

import json
import shutil
import subprocess

from tests.conftest import REPOSITORY

# Coarse clocks and a canvas of noise; and what Tor Browser's level "safer" takes away beside.
RESISTING = {"privacy.resistFingerprinting": True}
SAFER = RESISTING | {
    "javascript.options.ion": False,
    "javascript.options.baselinejit": False,
    "javascript.options.native_regexp": False,
    "javascript.options.wasm": False,
}


def report_from_firefox(origin, photo, *, lon, lat, preferences):
    """Send one report with a photo; return what the page said and could do."""
    node = shutil.which("node") or str(REPOSITORY / ".venv" / "bin" / "node")
    script = REPOSITORY / "tests" / "journeys" / "firefox_report.mjs"
    ran = subprocess.run(
        [node, script, origin, photo, str(lon), str(lat), json.dumps(preferences)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=REPOSITORY,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
