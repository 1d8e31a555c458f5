"""Write mapper/locale/walk.pot: every string of the walker's road, for who brings a new language.

What belongs to the road is said once, here (docs/decisions/0022-strings-of-the-road.md); the
strings are read from the sources themselves.
"""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "mapper" / "locale" / "walk.pot"
MOST_STRINGS = 120

# The page /report/ and what becomes of it, with scripts and without.
_TEMPLATES = (
    "report.html",
    "parts/photos.html",
    "parts/place.html",
    "parts/direction.html",
    "parts/types.html",
    "parts/kinds.html",
    "parts/runs.html",
    "parts/errors.html",
    "parts/outbox_views.html",
)
# Of what no step asks for only what stands above the fold; inside it is the form for receipts too.
_FOLDED = "parts/more.html"
# The choices of the form, and the names of what is found in photos.
_VOCABULARY = {
    "mapper/web/report.py": ("_KINDS", "_TYPES", "_OPERATORS", "_DIRECTIONS"),
    "mapper/photos/removed_names.py": ("_CAMERA", "_WRITTEN", "_OTHER", "REMOVED_NAMES"),
}
# All that these scripts say, and of others the functions that they take from there.
_SCRIPTS = ("report", "outbox")
# A page of its own: what waits, one by one, and erasing all.
_OTHER_PAGES = ("queue_page.ts",)

_SAY = re.compile(
    r'\bsay(?P<count>_count)?\(\s*(?P<one>"(?:[^"\\]|\\.)+")(?:,\s*(?P<many>"(?:[^"\\]|\\.)+"))?'
)
_SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
_IMPORT = re.compile(r'import \{([^}]*)\} from "\.\./(\w+)/(\w+)"')
_FUNCTION = re.compile(r"^(?:export )?function (\w+)\(.*?^\}", re.MULTILINE | re.DOTALL)
_KEYWORDS = ("gettext_lazy", "_", "pgettext:1c,2", "npgettext:1c,2,3")
_HEAD = """\
# Every string of the walker's road. To bring a new language: docs/translating.md.
# Made by scripts/walk_strings.py; a test holds it equal to what the sources say.
msgid ""
msgstr ""
"Project-Id-Version: Contrechamp\\n"
"Language: \\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\\n"
"""


def catalogue() -> str:
    """Return the template of a catalogue, each string with the files that say it."""
    with TemporaryDirectory() as folder:
        names = [_put(Path(folder), name, code) for name, code in _sources()]
        keywords = [f"--keyword={keyword}" for keyword in _KEYWORDS]
        command = ["xgettext", "--language=Python", "--from-code=UTF-8", "--add-location=file"]
        command += ["--output=-", *keywords, *names]
        found = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    _head, _, entries = found.stdout.decode().partition("\n\n")
    return _HEAD + "\n" + re.sub(r"(\.(?:html|py|ts))\.py\b", r"\1", entries)


def strings(text: str) -> list[str]:
    """Return the msgids of a catalogue, without its head; one with a plural is one string."""
    joined = text.replace('"\n"', "")
    found = re.findall(r'^msgid (".*")$', joined, re.MULTILINE)
    return [msgid for one in found if (msgid := str(ast.literal_eval(one)))]


def _put(folder: Path, name: str, code: str) -> str:
    path = folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, encoding="utf-8")
    return f"{name}.py"


def _sources() -> Iterator[tuple[str, str]]:
    """Return each file's name, and as Python what of it is the road's."""
    yield from _templates()
    for name, wanted in _VOCABULARY.items():
        yield name, _assignments(ROOT / name, wanted)
    scripts = ROOT / "frontend" / "src"
    taken: dict[Path, set[str]] = {}
    for folder in _SCRIPTS:
        for path in sorted((scripts / folder).glob("*.ts")):
            if path.name.endswith(".test.ts") or path.name in _OTHER_PAGES:
                continue
            source = path.read_text(encoding="utf-8")
            yield str(path.relative_to(ROOT)), _said(source)
            for names, other, module in _IMPORT.findall(source):
                if other not in _SCRIPTS:
                    wanted_here = {name.split()[-1] for name in names.split(",") if name.strip()}
                    taken.setdefault(scripts / other / f"{module}.ts", set()).update(wanted_here)
    for path, functions in sorted(taken.items()):
        yield str(path.relative_to(ROOT)), _said(_bodies(path, functions))


def _templates() -> Iterator[tuple[str, str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mapper.settings")
    from django.utils.translation.template import templatize

    for name in _TEMPLATES:
        path = f"mapper/templates/intake/{name}"
        yield path, templatize((ROOT / path).read_text(encoding="utf-8"), origin=path)
    path = f"mapper/templates/intake/{_FOLDED}"
    source = (ROOT / path).read_text(encoding="utf-8")
    yield path, templatize("\n".join(_SUMMARY.findall(source)), origin=path)


def _assignments(path: Path, wanted: tuple[str, ...]) -> str:
    """Return the source of a module's own names."""
    source = path.read_text(encoding="utf-8")
    found = {
        target.id: ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return "\n".join(found[name] for name in wanted)


def _said(source: str) -> str:
    """Return what a script says, as Python says it."""
    calls = [(match["one"], match["many"]) for match in _SAY.finditer(source)]
    # A string of TypeScript between quotation marks is one of JSON, and of Python.
    said = [(json.loads(one), json.loads(many) if many else None) for one, many in calls]
    return "\n".join(
        f"gettext({one!r})" if many is None else f"ngettext({one!r}, {many!r}, 2)"
        for one, many in said
    )


def _bodies(path: Path, wanted: set[str]) -> str:
    """Return the source of functions, and of those of the same file that they call."""
    functions = {
        match[1]: match[0] for match in _FUNCTION.finditer(path.read_text(encoding="utf-8"))
    }
    reached: set[str] = set()
    waiting = wanted & functions.keys()
    while waiting:
        name = waiting.pop()
        reached.add(name)
        called = {other for other in functions if re.search(rf"\b{other}\b", functions[name])}
        waiting |= called - reached
    return "\n".join(functions[name] for name in sorted(reached))


if __name__ == "__main__":
    written = catalogue()
    CATALOGUE.write_text(written, encoding="utf-8")
    count = len(strings(written))
    print(f"{CATALOGUE.relative_to(ROOT)}: {count} strings of at most {MOST_STRINGS}")
    sys.exit(2 if count > MOST_STRINGS else 0)
