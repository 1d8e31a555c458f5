"""Turns the results of `make trial` or `make bench` into a page that names commit and command."""

import os
import platform
import subprocess
import sys
from pathlib import Path

# The file is our own pytest's, written a moment ago.
from xml.etree import ElementTree

_TITLES = {"trial": "Long trials", "benchmark": "Benchmarks"}
_COMMANDS = {"trial": "make trial", "benchmark": "make bench"}


def page(marker: str, results: Path) -> str:
    """Return the Markdown page of one run."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    cases = list(ElementTree.parse(results).getroot().iter("testcase"))  # noqa: S314
    lines = [
        f"# {_TITLES[marker]}",
        "",
        f"Written by `{_COMMANDS[marker]}` at commit {commit or 'unknown'}, on {os.cpu_count()} "
        f"cores, Python {platform.python_version()}.",
        "",
    ]
    if not cases:
        return "\n".join([*lines, "Nothing carries this marker yet.", ""])
    lines += ["| what | outcome | seconds | figures |", "|---|---|---|---|"]
    lines += [_row(case) for case in cases]
    return "\n".join([*lines, ""])


def _row(case: ElementTree.Element) -> str:
    """Return one test as a row; its figures are what it gave to pytest's record_property."""
    outcome = next(
        (kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "passed"
    )
    figures = "; ".join(f"{item.get('name')} {item.get('value')}" for item in case.iter("property"))
    name = (case.get("name") or "").removeprefix("test_").replace("_", " ")
    return f"| {name} | {outcome} | {float(case.get('time') or 0):.1f} | {figures} |"


if __name__ == "__main__":
    kind, source, target = sys.argv[1:4]
    Path(target).write_text(page(kind, Path(source)), encoding="utf-8")
