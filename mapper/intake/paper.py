"""Takes the notes of a paper sheet: rows typed in at once, each an ordinary report of its own.

Nothing joins the rows of one post. Each has a random id from the form, so that sending it again
changes nothing; they are taken in a shuffled order, each in a transaction of its own, and their
hours of arrival are scattered over the day before.
"""

import datetime
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import GeoError
from geo.grid_reference import parse_grid_reference
from geo.tiles import Tile
from geo.walk_sheets import parse_sheet_code, sheet_code
from mapper.errors import Conflict
from mapper.geo_words import in_words
from mapper.intake import phone
from mapper.intake.report import TERMS, ReportErrors, parse_report
from mapper.sightings.days import this_month
from mapper.sightings.models import Device, Sighting
from mapper.sightings.sheet_numbers import LEAST_DIGITS, devices_of_number
from mapper.trust.models import Obstacle

ROWS = 10
MOST_ROWS = 20
FIELDS = ("ref", "what", "direction", "mount", "note")
MOST_CHARACTERS = 500
THERE, GONE, MISSING = "there", "gone", "missing"
# The rows of one hour's typing are spread among those of a day.
_SCATTER_S = 86_400
_random = secrets.SystemRandom()


@dataclass(slots=True)
class PaperRow:
    """One line of the form: what was typed, what is wrong with it, or what became of it."""

    values: dict[str, str]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    errors: dict[str, str] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    is_taken: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was typed in it."""
        return not any(self.values.values())

    @property
    def error(self) -> str:
        """Return what is wrong in one text."""
        return " ".join(dict.fromkeys(self.errors.values()))


@dataclass(slots=True)
class PaperForm:
    """The form of one sheet."""

    sheet: Tile
    rows: list[PaperRow]
    seen_on: str
    party: str = ""
    is_prudent: bool = True
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """Return the sheet's code."""
        return sheet_code(self.sheet)

    @property
    def filled(self) -> list[PaperRow]:
        """Return the rows in which something was typed."""
        return [row for row in self.rows if not row.is_empty]

    @property
    def taken(self) -> list[PaperRow]:
        """Return the rows that became reports."""
        return [row for row in self.rows if row.is_taken]

    @property
    def wrong(self) -> list[PaperRow]:
        """Return the rows that have to be mended."""
        return [row for row in self.rows if row.errors]

    @property
    def open_rows(self) -> list[PaperRow]:
        """Return the rows to type in: those not taken, then empty ones."""
        left = [row for row in self.filled if not row.is_taken]
        return left + [empty_row() for _ in range(ROWS - len(left))]


def empty_row() -> PaperRow:
    """Return a row in which nothing is typed."""
    return PaperRow(dict.fromkeys(FIELDS, ""))


def empty_form(sheet: Tile, *, party: str = "") -> PaperForm:
    """Return the form of a sheet, of which nothing was typed yet."""
    rows = [empty_row() for _ in range(ROWS)]
    return PaperForm(sheet, rows, this_month(), party, bool(settings.PRUDENT_BY_DEFAULT))


def form_of_post(fields: Mapping[str, str], *, party: str = "") -> PaperForm:
    """Return what was typed; rows beyond the twentieth are refused, not lost silently."""
    sheet = parse_sheet_code(fields.get("sheet", ""))
    numbers = [number for number in range(MOST_ROWS + 1) if f"ref-{number}" in fields]
    rows = [
        PaperRow(
            {name: _typed(fields, f"{name}-{number}") for name in FIELDS},
            _id(fields.get(f"id-{number}", "")),
        )
        for number in numbers
    ]
    seen_on = _typed(fields, "seen_on")
    form = PaperForm(sheet, rows, seen_on, party, fields.get("prudent", "") == "1")
    if MOST_ROWS in numbers:
        form.errors["rows"] = _("At most %(most)s rows are taken at once.") % {"most": MOST_ROWS}
    if not form.filled:
        form.errors["rows"] = _("No row is filled in; write a number or a place in the first.")
    try:
        parse_report({"seen_on": seen_on})
    except ReportErrors as errors:
        form.errors["seen_on"] = str(errors)
    return form


def take_rows(form: PaperForm, *, language: str) -> None:
    """Take the rows that can be taken; note on the others what is wrong.

    Without an open cartopartie they go to the slow queue: nobody stood there with a phone.
    """
    rows = list(form.filled)
    _random.shuffle(rows)
    for row in rows:
        try:
            said = _said(form, row)
            taken = phone.put_report(
                phone_id=row.id, said=said, language=language, slow_reason=Obstacle.PAPER
            )
        except ReportErrors as errors:
            row.errors |= {_COLUMN.get(name, name): text for name, text in errors.fields.items()}
        except Conflict:
            row.errors["ref"] = _(
                "This row was taken before, with other words. Leave it empty, and write what is "
                "new in another row."
            )
        else:
            row.is_taken, row.code = True, taken.code
            if taken.is_new:
                _scatter(taken.sighting)


# Where the form has the field in which a report's error lies.
_COLUMN = {"place": "ref", "device": "ref", "kind": "what", "camera_type": "what", "note": "note"}


def _said(form: PaperForm, row: PaperRow) -> dict[str, Any]:
    """Return a row as the fields of a report."""
    what, typed = row.values["what"], row.values["ref"]
    place = _device(form.sheet, typed) if typed.isdigit() else _place(form.sheet, typed)
    is_known = "device" in place
    if what in (THERE, GONE, MISSING) and not is_known:
        raise ReportErrors(
            {"ref": _("Still there, gone or not found: of which one? Write its number.")}
        )
    if not what:
        raise ReportErrors(
            {
                "what": _("Say whether it is still there.")
                if is_known
                else _("Say what it is; “I don't know” is an answer.")
            }
        )
    return {
        **place,
        **_what(what),
        "direction": row.values["direction"],
        "mount": row.values["mount"],
        "note": _note(what, row.values["note"]),
        "seen_on": form.seen_on,
        "seen_how": "on_site",
        "terms": TERMS,
        "prudent": "1" if form.is_prudent else "0",
        "party": form.party,
    }


def _what(what: str) -> dict[str, str]:
    if what in (THERE, GONE, MISSING):
        return {"presence": "there" if what == THERE else "gone"}
    kind, _stroke, camera_type = what.partition("/")
    return {"kind": kind, "camera_type": camera_type}


def _note(what: str, note: str) -> str:
    """Return the note for the moderators: not found is less than gone, and they must know it."""
    words = _("Looked for and not found.")
    return f"{words} {note}".strip() if what == MISSING else note


def _place(sheet: Tile, typed: str) -> dict[str, str]:
    if not typed:
        raise ReportErrors({"ref": _("Write its number on the sheet, or its place like C4.7.")})
    try:
        position = parse_grid_reference(sheet, typed)
    except GeoError as error:
        raise ReportErrors({"ref": in_words(error)}) from None
    return {"lon": f"{position.lon:.6f}", "lat": f"{position.lat:.6f}"}


def _device(sheet: Tile, number: str) -> dict[str, str]:
    found = _devices(sheet, number)
    if not found:
        raise ReportErrors(
            {
                "ref": _("No device of this sheet has the number %(number)s.")
                % {"number": number[:12]}
            }
        )
    if len(found) > 1:
        raise ReportErrors(
            {
                "ref": _(
                    "Several devices begin with %(number)s by now; look on the sheet as it is "
                    "today, and write one digit more."
                )
                % {"number": number[:12]}
            }
        )
    return {"device": str(found[0].id)}


def _devices(sheet: Tile, number: str) -> Sequence[Device]:
    return devices_of_number(sheet, number) if len(number) >= LEAST_DIGITS else ()


def _scatter(sighting: Sighting) -> None:
    """Let a report have come at some moment of the day before, unlike its neighbours on paper."""
    ago = datetime.timedelta(seconds=_random.uniform(0, _SCATTER_S))
    Sighting.objects.filter(pk=sighting.pk).update(arrived_at=timezone.now() - ago)


def _typed(fields: Mapping[str, str], name: str) -> str:
    return str(fields.get(name, "")).replace("\0", "").strip()[:MOST_CHARACTERS]


def _id(text: str) -> uuid.UUID:
    """Return the id that the form gave a row; a new one where a hand wrote the post.

    Ids of other versions than 4 tell a time or a network card.
    """
    try:
        given = uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()
    return given if given.version == 4 else uuid.uuid4()
