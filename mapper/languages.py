"""Which languages does the site speak? French, English, and one a folder beside `locale/fr`.

A language is a folder and nothing else: `settings.LANGUAGES` is read from there. It needs no
settings of its own, so that settings may ask it.
"""

import gettext
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.http import escape_leading_slashes
from django.utils.translation import to_language, to_locale, trans_real

BARE: str = "fr"
SOURCE: str = "en"
_CATALOGUE = Path("LC_MESSAGES") / "django.po"
_FIRST_PART = re.compile(r"/([^/]*)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a folder is no language of the site yet, and what to do."""

    number: int
    what: str
    remedy: str


def known_languages(folder: Path) -> list[tuple[str, str]]:
    """Return code and own name of each language: the bare address's first, then English."""
    others = [to_language(found.name) for found in _folders(folder) if _is_usable(found)]
    codes = [BARE, SOURCE, *(code for code in others if code not in (BARE, SOURCE))]
    return [(code, name_of(code)) for code in codes]


def name_of(language: str) -> str:
    """Return what its own speakers call a language."""
    name: str = LANG_INFO[language]["name_local"]
    return name[:1].upper() + name[1:]


def faults(folder: Path) -> Iterator[Fault]:
    """Return what is wrong with the folders of languages."""
    for found in _folders(folder):
        yield from _faults_of(found)


def split_path(path: str) -> tuple[str, str]:
    """Return the language of a page's path, and the path that all languages share."""
    match = _FIRST_PART.fullmatch(path)
    if match and match[1] in _prefixed():
        # Two strokes would begin the address of another site.
        return match[1], escape_leading_slashes(match[2]) or "/"
    return BARE, path


def prefix_of(language: str) -> str:
    """Return what a language's addresses begin with."""
    return "" if language == BARE else f"/{language}"


def prefixes() -> list[str]:
    """Return what the addresses of each language begin with, the bare ones first."""
    return [prefix_of(code) for code, _ in settings.LANGUAGES]


def is_spoken(language: object) -> bool:
    """Return whether the site speaks a language."""
    return isinstance(language, str) and language in dict(settings.LANGUAGES)


def spoken_or_bare(language: object) -> str:
    """Return a language that was asked for, or that of the bare addresses where it is none."""
    return str(language) if is_spoken(language) else BARE


def direction_of(language: str) -> str:
    """Return which way a language is written, as `dir` says it."""
    return "rtl" if LANG_INFO.get(language, {}).get("bidi") else "ltr"


def plural_table(language: str) -> str:
    """Return the number of the plural form of 0 to 199, a figure each.

    Beyond, every rule that gettext knows of looks at the last two figures only.
    """
    return _table(language, tuple(map(str, settings.LOCALE_PATHS)))


@cache
def _table(language: str, folders: tuple[str, ...]) -> str:
    try:
        rule = gettext.translation("django", folders[0], [to_locale(language)]).plural  # type: ignore[attr-defined]
    except (OSError, IndexError):
        rule = int(True).__ne__
    return "".join(str(int(rule(number))) for number in range(200))


def fall_back_to_english() -> None:
    """Let what a language does not say yet be said in English.

    Django would say it in the language of the bare addresses, which fewer people read.
    """
    setattr(trans_real.DjangoTranslation, "_add_fallback", lambda *_: None)  # noqa: B010


def _prefixed() -> set[str]:
    return {code for code, _ in settings.LANGUAGES} - {BARE}


def _folders(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.is_dir() and not path.name.startswith((".", "_")))


def _is_usable(found: Path) -> bool:
    return not list(_faults_of(found))


def _faults_of(found: Path) -> Iterator[Fault]:
    code = to_language(found.name)
    source = found / _CATALOGUE
    compiled = source.with_suffix(".mo")
    if "name_local" not in LANG_INFO.get(code, {}) or to_locale(code) != found.name:
        yield Fault(
            20,
            f"{found} is no language that Django knows.",
            "Name the folder by a code of docs/translating.md, like ar or pt_BR, or take it away.",
        )
    elif not source.is_file():
        yield Fault(
            21,
            f"{found} has no {_CATALOGUE}.",
            f"Copy mapper/locale/walk.pot to {source} and translate it, or take the folder away.",
        )
    elif not compiled.is_file():
        yield Fault(
            22,
            f"{source} is not compiled.",
            f"Run: msgfmt --check --output-file={compiled} {source}",
        )
    else:
        yield from _reading(compiled, source)


def _reading(compiled: Path, source: Path) -> Iterator[Fault]:
    try:
        with compiled.open("rb") as file:
            gettext.GNUTranslations(file)
    except (OSError, ValueError, struct.error) as error:
        yield Fault(
            23,
            f"{compiled} can't be read: {error}.",
            f"Mend {source}, then run: msgfmt --check --output-file={compiled} {source}",
        )
