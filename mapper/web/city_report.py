"""What the page of a city says: figures as tables, statements with their notes, devices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Prefetch, Value, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mapper.documents.models import Citation, Document
from mapper.dossiers.figures import Figures, city_figures
from mapper.dossiers.markdown import render_markdown
from mapper.dossiers.models import Dossier, Snapshot
from mapper.dossiers.sentences import headline
from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.models import Device, Event
from mapper.sightings.publication import publish
from mapper.sightings.vocabulary import Kind, Status
from mapper.web.sentences import device_sentence

_DEVICES_A_PAGE = 50
_OPERATOR_TYPES: dict[str, Callable[[], str]] = {
    "public": lambda: _("public body"),
    "private": lambda: _("private"),
    "other": lambda: _("other"),
    "unknown": lambda: _("not known"),
}


@dataclass(frozen=True)
class Bar:
    """One row of a small table: words, number, and how long its bar is (of 100)."""

    label: str
    count: int
    width: int
    total: int = 0


@dataclass(frozen=True)
class Note:
    """A numbered note; its citation is None where the source is not public."""

    number: int
    citation: Citation | None


@dataclass(frozen=True)
class StatementWithNotes:
    """A statement of a dossier and its notes."""

    html: SafeString
    dated_on: str
    notes: list[Note]


class FigureTables:
    """The figures of a city as small tables with bars."""

    def __init__(self, figures: Figures):
        """Make the tables."""
        self.by_kind = bars([(str(Kind(word).label), n) for word, n in figures.by_kind])
        self.by_status = bars([(str(Status(word).label), n) for word, n in figures.by_status])
        self.by_operator_type = bars(
            [(_OPERATOR_TYPES[word](), n) for word, n in figures.by_operator_type]
        )
        self.by_year = bars([(str(year), n) for year, n in figures.by_year])


def bars(rows: Sequence[tuple[str, int]]) -> list[Bar]:
    """Return rows with bars in proportion to the largest, and the running total."""
    largest = max((count for _label, count in rows), default=1)
    made: list[Bar] = []
    running = 0
    for label, count in rows:
        running += count
        made.append(Bar(label, count, max(1, round(100 * count / largest)), running))
    return made


def open_report(city: City, page: int) -> dict[str, Any]:
    """Return what the dossier page shows; eleven queries, however much there is."""
    figures = city_figures(city=city, day=today())
    kept = Snapshot.objects.filter(city=city).order_by("-made_on").first()
    dossier = Dossier.objects.filter(city=city, is_public=True).first()
    documents = Document.objects.public().filter(cities=city)
    events = Event.objects.public().filter(city=city).order_by("-ends_at", "id")[:_DEVICES_A_PAGE]
    return {
        "figures": figures,
        "headline": headline(figures),
        "tables": FigureTables(figures),
        "snapshot": kept,
        "is_dated": kept is not None and Figures.from_dict(kept.figures).says_the_same(figures),
        "introduction": render_markdown(dossier.introduction) if dossier else "",
        "statements": statements_of(dossier) if dossier else [],
        "links": list(dossier.links.all()) if dossier else [],
        "documents": list(documents[:_DEVICES_A_PAGE]),
        "events": [publish(event) for event in events],
        "rows": device_rows(city, page, [word for word, _count in figures.by_kind]),
        "bbox": ",".join(str(round(side, 6)) for side in city.boundary.extent),
    }


def device_rows(city: City, page: int, kinds: Sequence[str]) -> Page[Any]:
    """Return one page of a city's devices with their sentences, in the order of these kinds."""
    devices = Device.objects.public().filter(city=city).exclude(kind=Kind.SPEED_CAMERA)
    places = [When(kind=kind, then=Value(place)) for place, kind in enumerate(kinds)]
    ordered = devices.order_by(
        Case(*places, default=Value(len(places))), "kind", "-last_seen", "id"
    )
    rows: Page[Any] = Paginator(ordered, _DEVICES_A_PAGE).get_page(page)
    rows.object_list = [(device, device_sentence(device)) for device in rows.object_list]
    return rows


def statements_of(dossier: Dossier) -> list[StatementWithNotes]:
    """Return a dossier's statements, their notes numbered through the page.

    A note whose document is not public keeps its number and says nothing of it.
    """
    cited = Citation.objects.select_related("document").order_by("document", "page", "id")
    found: list[StatementWithNotes] = []
    number = 0
    for statement in dossier.statements.prefetch_related(Prefetch("citations", queryset=cited)):
        notes: list[Note] = []
        for citation in statement.citations.all():
            number += 1
            notes.append(Note(number, citation if citation.document.is_public else None))
        found.append(StatementWithNotes(render_markdown(statement.text), statement.dated_on, notes))
    return found
