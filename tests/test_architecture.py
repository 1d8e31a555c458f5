"""The rules of the house that a machine can check; imports are import-linter's."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", ROOT / "frontend" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_PATH_IN_DOCS = re.compile(
    r"`((?:mapper|geo|frontend|fixtures|tests|docs|deploy|scripts)/[\w./-]*[\w/])`"
)
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "data", "info"}


def _modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("page", [page for page in DOCS if page.is_file()], ids=lambda p: p.name)
def test_docs_name_only_paths_that_exist(page):
    missing = [
        path
        for path in _PATH_IN_DOCS.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists() and not path.startswith("frontend/dist")
    ]
    assert missing == []


def test_no_module_has_a_name_that_says_nothing():
    assert [
        p for p in _modules("mapper", "geo") if p.stem in FORBIDDEN_NAMES and p.parent.name != "web"
    ] == []


def test_modules_stay_readable():
    long = {
        str(p.relative_to(ROOT)): n
        for p in _modules("mapper", "geo")
        if "migrations" not in p.parts
        and (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_every_module_says_what_question_it_answers():
    silent = [
        str(p.relative_to(ROOT))
        for p in _modules("mapper", "geo")
        if p.stat().st_size
        and "migrations" not in p.parts
        and "management" not in p.parts[:-1][-2:]
        and not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_business_logic_hides_in_signals():
    text = "".join(p.read_text(encoding="utf-8") for p in _modules("mapper"))
    assert "django.db.models.signals" not in text
    assert "@receiver" not in text


def test_every_command_is_documented():
    operating = "".join(p.read_text(encoding="utf-8") for p in DOCS if p.is_file())
    commands = {p.stem for p in (ROOT / "mapper").rglob("management/commands/*.py")} - {"__init__"}
    assert sorted(name for name in commands if name not in operating) == []


def test_doors_write_nothing_themselves():
    writes = re.compile(r"\.(save|delete|create|bulk_create|update_or_create)\(")
    doors = [p for p in _modules("mapper/api", "mapper/web") if p.name != "admin.py"]
    assert [
        str(p.relative_to(ROOT)) for p in doors if writes.search(p.read_text(encoding="utf-8"))
    ] == []


def test_our_models_have_no_sequence_in_public(django_user_model):
    public = [
        apps.get_model(name)
        for name in (
            "sightings.Device",
            "sightings.Sighting",
            "sightings.Claim",
            "sightings.Event",
            "photos.Photo",
            "documents.Document",
            "documents.Citation",
            "moderation.Decision",
        )
    ]
    assert all(model._meta.pk.get_internal_type() == "UUIDField" for model in public)
