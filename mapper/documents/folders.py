"""Takes in a folder of PDFs that a CSV index describes, file by file.

Index: UTF-8, columns `file,title,type,date,cities,source_url,licence` and, if wanted, `language`;
city codes are joined by `;`.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Q
from django.utils.text import slugify

from geo.errors import GeoError
from mapper.documents.actions import add_document, digest_of
from mapper.documents.models import Document, DocumentType
from mapper.documents.pdf import MAX_BYTES
from mapper.errors import BadInput, Refusal, TooLarge
from mapper.input_files import printable_name, readable_file
from mapper.places.models import City

_REQUIRED = ("file", "title")
_COLUMNS = (*_REQUIRED, "type", "date", "cities", "source_url", "licence", "language")
_INDEX_NAMES = ("index.csv", "documents.csv")
_MAX_INDEX_BYTES = 50_000_000
# What French town halls call them, beside our own words.
_TYPE_WORDS = {
    "": "other",
    "deliberation": "council_vote",
    "council-vote": "council_vote",
    "contrat": "contract",
    "marche": "contract",
    "marche-public": "contract",
    "arrete": "order",
    "arrete-prefectoral": "order",
    "prefects-order": "order",
    "jugement": "ruling",
    "decision-de-justice": "ruling",
    "court-ruling": "ruling",
    "reponse": "answer",
    "answer-to-a-request": "answer",
    "rapport": "report",
    "autre": "other",
    "other-document": "other",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `taken`, `known` (it was there already) or `refused`."""

    name: str
    state: str
    reason: str = ""


def read_index(folder: Path) -> list[dict[str, str]]:
    """Return the rows of a folder's index; raise BadInput where the index as a whole is unfit."""
    path = readable_file(_index_of(folder))
    try:
        if path.stat().st_size > _MAX_INDEX_BYTES:
            raise BadInput(f"{path} is larger than {_MAX_INDEX_BYTES // 1_000_000} MB; split it.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8; save it as CSV UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from None
    if "\x00" in text:
        raise BadInput(f"{path} is not CSV: it holds NUL characters.")
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        _check_header(path, [name.strip() for name in reader.fieldnames or []])
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        rows = [_row(path, reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise BadInput(f"{path} is not CSV: {error}.") from None
    if not rows:
        raise BadInput(f"{path} has no rows; write one line for each file to take.")
    return rows


def find_cities(codes: str) -> list[City]:
    """Return the cities of codes (or slugs) that are joined by `;`."""
    return [_city(code) for code in codes.split(";") if code.strip()]


def take_folder(
    folder: Path, rows: Sequence[dict[str, str]], *, is_public: bool
) -> Iterator[Outcome]:
    """Take each row's file in or say why not; one file's fault never stops the others."""
    for row in rows:
        name = row["file"] or "(no file name)"
        try:
            yield Outcome(name, _take_row(folder, row, is_public=is_public))
        except (Refusal, GeoError) as refusal:
            yield Outcome(name, "refused", str(refusal))


def unlisted_files(folder: Path, rows: Sequence[dict[str, str]]) -> list[str]:
    """Return the PDFs of a folder that its index does not name."""
    named = {row["file"] for row in rows}
    found = (printable_name(path.relative_to(folder)) for path in folder.rglob("*.pdf"))
    return sorted(name for name in found if name not in named)


def _take_row(folder: Path, row: dict[str, str], *, is_public: bool) -> str:
    """Take one row's file in; return its state."""
    data = _file_bytes(folder, row["file"])
    cities = find_cities(row["cities"])
    known = Document.objects.filter(sha256=digest_of(data)).first()
    if known is not None and known.withdrawal is not None:
        raise BadInput(f"It was withdrawn from this site ({known.notice}).")
    add_document(
        data=data,
        title=row["title"],
        type=_type(row["type"]),
        dated_on=row["date"],
        cities=cities,
        source_url=row["source_url"],
        licence=row["licence"],
        language=row["language"] or "fr",
        is_public=is_public,
    )
    return "taken" if known is None else "known"


def _index_of(folder: Path) -> Path:
    """Return the one CSV file of a folder."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    for path in found:
        if path.name.lower() in _INDEX_NAMES:
            return path
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise BadInput(f"{folder} must hold one CSV index (index.csv); found: {names}.")
    return found[0]


def _check_header(path: Path, header: Sequence[str]) -> None:
    """Refuse an index whose columns are not the known ones."""
    unknown = [name for name in header if name not in _COLUMNS]
    missing = [name for name in _REQUIRED if name not in header]
    if unknown or missing or len(set(header)) != len(header):
        raise BadInput(
            f"{path}: the first line must name columns among {','.join(_COLUMNS)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(unknown)[:200]}" if unknown else "")
            + "."
        )


def _row(path: Path, line: int, row: dict[str | None, str | list[str] | None]) -> dict[str, str]:
    """Return a row with every column, empty where the index has none."""
    if None in row:
        raise BadInput(f"{path}, line {line}: more cells than columns; quote cells with commas.")
    return {name: str(row.get(name) or "").strip() for name in _COLUMNS}


def _file_bytes(folder: Path, name: str) -> bytes:
    """Return the bytes of a file of the folder; nothing outside it is ever opened."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise BadInput(f"{name} is outside the folder; only files inside it are taken.")
        if not path.is_file():
            raise BadInput(f"There is no file {name} in the folder; check the name.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TooLarge(
                f"The file has {size // 1_000_000} MB; at most {MAX_BYTES // 1_000_000} are taken."
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not one a file can have"
        raise BadInput(f"It can't be opened: {reason}.") from None


def _type(word: str) -> str:
    """Return our word for a type of document; an unknown word stays, to be refused by name."""
    if word in DocumentType.values:
        return word
    return _TYPE_WORDS.get(slugify(word), slugify(word).replace("-", "_") if word else "other")


def _city(text: str) -> City:
    """Return the city of a code or a slug."""
    text = text.strip()
    found = list(City.objects.filter(Q(code=text) | Q(slug=text)).defer("boundary")[:2])
    if not found:
        raise BadInput(f"There is no city {text[:60]} here; run import_cities first.")
    if len(found) > 1:
        slugs = ", ".join(city.slug for city in found)
        raise BadInput(f"Code {text} is used in more than one country; write a slug: {slugs}.")
    return found[0]
