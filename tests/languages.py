"""A language that nobody speaks, made from the catalogue of the walker's road as a folder is."""

import re
import shutil
import subprocess
from pathlib import Path

from mapper.languages import known_languages
from scripts.walk_strings import CATALOGUE

# Arabic letters, so that a browser lays the text out from right to left.
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابصدعفغهيجكلمنوپقرستثڤذخئز")
_KEPT = re.compile(r"\{\w+\}|%\(\w+\)[sd]|&\w+;")
ARABIC_PLURALS = (
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
    "n%100>=11 && n%100<=99 ? 4 : 5;"
)
FORMS = ("صفر", "واحد", "اثنان", "قليل", "كثير", "آخر")


def pseudo(text: str) -> str:
    """Return a text in the language: Arabic letters, placeholders as they are."""
    kept = _KEPT.findall(text)
    parts = [part.lower().translate(_LETTERS) for part in _KEPT.split(text)]
    return "".join(part + hole for part, hole in zip(parts, [*kept, ""], strict=True))


def add_language(settings, folder: Path, code: str = "ar") -> Path:
    """Add a folder to a copy of those that there are, and let the site read it."""
    locale = folder / "locale"
    if not locale.exists():
        shutil.copytree(CATALOGUE.parent, locale)
    target = locale / code / "LC_MESSAGES" / "django.po"
    target.parent.mkdir(parents=True)
    target.write_text(_translated(CATALOGUE.read_text(encoding="utf-8"), code), encoding="utf-8")
    compiled = str(target.with_suffix(".mo"))
    subprocess.run(["msgfmt", "--check", "-o", compiled, str(target)], check=True)
    read_languages(settings, locale)
    return target


def read_languages(settings, locale: Path) -> None:
    """Let the site read its languages from a folder, as it does when it starts."""
    settings.LOCALE_PATHS = [locale]
    settings.LANGUAGES = known_languages(locale)


def _translated(catalogue: str, code: str) -> str:
    head, *entries = catalogue.split("\n\n")
    rule = "nplurals=INTEGER; plural=EXPRESSION;"
    head = head.replace(rule, ARABIC_PLURALS).replace('"Language: \\n"', f'"Language: {code}\\n"')
    return "\n\n".join([head, *map(_entry, entries)]) + "\n"


def _entry(entry: str) -> str:
    texts = dict(re.findall(r'^(msgid|msgid_plural) (".*")$', entry.replace('"\n"', ""), re.M))
    said = pseudo(texts["msgid"])
    if "msgid_plural" not in texts:
        return entry.replace('msgstr ""', f"msgstr {said}")
    forms = [f'msgstr[{number}] "{name} {said[1:]}' for number, name in enumerate(FORMS)]
    return entry.partition("msgstr[0]")[0] + "\n".join(forms)
