"""docs/operating.md names every variable that is read, and none that is not."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
READ = re.compile(
    r"(?:environment\.|\b)(?:text|words|flag|one_of|whole_number|folder)\(\s*\"([A-Z0-9_]+)\""
)
ROW = re.compile(r"^\| (`[A-Z0-9_`, ]+`) \|", re.MULTILINE)


def read_variables():
    found = {f"PUBLISHER_{name}" for name in ("NAME", "ADDRESS", "EMAIL", "DIRECTOR", "HOST")}
    for path in (ROOT / "mapper").rglob("*.py"):
        found |= set(READ.findall(path.read_text(encoding="utf-8")))
    return found


def documented_variables():
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    return {name for row in ROW.findall(page) for name in re.findall(r"[A-Z0-9_]+", row)}


def test_each_variable_that_is_read_is_documented():
    assert read_variables() - documented_variables() == set()


def test_each_documented_variable_is_read():
    assert documented_variables() - read_variables() == set()


def test_the_sample_environment_holds_no_other_variable():
    text = (ROOT / "deploy" / "contrechamp" / "environment").read_text(encoding="utf-8")
    known = documented_variables() | {"SECRET_KEY_FILE"}
    named = re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)
    assert [name for name in named if name not in known] == []
