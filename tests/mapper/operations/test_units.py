"""The systemd units that we ship: systemd reads every line, and they run what `up` runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mapper.operations.management.commands.up import web_command

REPOSITORY = Path(__file__).resolve().parents[3]
UNITS = REPOSITORY / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
SYSTEMD = shutil.which("systemd-analyze")


def settings_of(unit):
    """Return a unit's lines by name, with what goes on over a line's end put together."""
    text = re.sub(r"\\\n\s*", "", unit.read_text(encoding="utf-8"))
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not on this machine")
def test_systemd_understands_every_line(tmp_path):
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/srv/contrechamp/.venv/bin/", "/bin/")
        # Only the programs are looked for, and the checkout need not be in /srv here.
        text = re.sub(r"/bin/(python|granian)\b", "/bin/sh", text)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    said = subprocess.run(
        [SYSTEMD, "verify", "--man=no", *sorted(tmp_path.glob("contrechamp-*"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")


def test_the_web_unit_runs_what_the_demo_runs():
    words = settings_of(UNITS / "contrechamp-web.service")["ExecStart"].split()
    ours = web_command(8000)
    folder = ours.index("--working-dir")
    assert words[0] == "/srv/contrechamp/.venv/bin/granian"
    assert words[1:] == ours[1:folder] + ours[folder + 2 :]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_each_service_may_do_little(unit):
    told = settings_of(unit)
    assert told["User"] == "contrechamp"
    assert told["UMask"] == "0077"
    assert told["LimitCORE"] == "0"
    assert told["CapabilityBoundingSet"] == ""
    assert told["ProtectSystem"] == "strict"
    assert told["ReadWritePaths"] == "/var/lib/contrechamp /run/contrechamp"
    assert told["SystemCallFilter"].startswith("@system-service")
