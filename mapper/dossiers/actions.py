"""Writes of dossiers: statements, links, introductions, and the figures of a day."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from geo.partial_date import parse_partial_date
from mapper.accounts.limits import require_cities
from mapper.accounts.models import User
from mapper.documents.models import Citation
from mapper.dossiers.figures import Figures, city_figures, figures_by_city
from mapper.dossiers.models import Dossier, Link, LinkKind, Snapshot, Statement
from mapper.errors import BadInput
from mapper.places.models import City
from mapper.sightings.days import today

_MAX_TEXT_CHARACTERS = 20_000


def dossier_of(*, city: City) -> Dossier:
    """Return a city's dossier, made where there is none yet."""
    return Dossier.objects.get_or_create(city=city)[0]


@transaction.atomic
def introduce(*, city: City, text: str) -> Dossier:
    """Set the introduction of a dossier (Markdown)."""
    dossier = dossier_of(city=city)
    dossier.introduction = _checked_text(text, may_be_empty=True)
    dossier.save(update_fields=["introduction"])
    return dossier


@transaction.atomic
def add_statement(
    *, city: City, text: str, dated_on: str = "", citations: Sequence[Citation] = ()
) -> Statement:
    """Add a statement (Markdown) at the end of a city's dossier, with what says so."""
    dossier = Dossier.objects.select_for_update().get(id=dossier_of(city=city).id)
    last = dossier.statements.aggregate(last=Max("position"))["last"]
    statement = Statement.objects.create(
        dossier=dossier,
        position=0 if last is None else last + 1,
        dated_on=str(parse_partial_date(dated_on)) if dated_on else "",
        text=_checked_text(text),
    )
    statement.citations.set(citations)
    return statement


@transaction.atomic
def save_dossier(*, dossier: Dossier, editor: User | None = None) -> Dossier:
    """Save a dossier that an editor changed: its introduction, and whether strangers see it."""
    before = Dossier.objects.select_related("city").filter(id=dossier.id).first()
    require_cities(editor=editor, cities=[row.city for row in (before, dossier) if row])
    dossier.introduction = _checked_text(dossier.introduction, may_be_empty=True)
    dossier.save()
    return dossier


@transaction.atomic
def save_statement(*, statement: Statement, editor: User | None = None) -> Statement:
    """Save a statement that an editor wrote or changed; the caller sets its citations."""
    require_cities(editor=editor, cities=[statement.dossier.city])
    statement.text = _checked_text(statement.text)
    if statement.dated_on:
        statement.dated_on = str(parse_partial_date(statement.dated_on))
    statement.save()
    return statement


def remove_statement(*, statement: Statement, editor: User | None = None) -> None:
    """Take a statement out; its citations stay in their documents."""
    require_cities(editor=editor, cities=[statement.dossier.city])
    statement.delete()


@transaction.atomic
def save_link(*, link: Link, editor: User | None = None) -> Link:
    """Save a link that an editor wrote or changed; a link of another scheme may run something."""
    require_cities(editor=editor, cities=[link.dossier.city])
    check_web_address(link.url)
    link.title = " ".join(link.title.split())[:200] or link.url[:200]
    link.save()
    return link


def remove_link(*, link: Link, editor: User | None = None) -> None:
    """Take a link out."""
    require_cities(editor=editor, cities=[link.dossier.city])
    link.delete()


@transaction.atomic
def add_link(*, city: City, kind: str, title: str, url: str) -> Link:
    """Add a way out: a forum topic, a pad, an Uwazi entity, a site."""
    if kind not in LinkKind.values:
        raise BadInput(
            _("%(value)s is no kind of link. Choose among: %(known)s.")
            % {"value": kind[:60], "known": " ".join(LinkKind.values)}
        )
    check_web_address(url)
    title = " ".join(title.split())[:200] or url[:200]
    return Link.objects.create(dossier=dossier_of(city=city), kind=kind, title=title, url=url)


@transaction.atomic
def snapshot_city(*, city: City, day: date | None = None) -> Snapshot | None:
    """Keep the figures of a city for a day, if they changed; return the snapshot that was made.

    A day's figures are kept once and never changed: what was printed stays true.
    """
    day = day or today()
    return _keep(city.id, city_figures(city=city, day=day), day, _last_snapshots([city.id]))


@transaction.atomic
def snapshot_cities(*, day: date | None = None) -> int:
    """Keep the figures of all cities for a day where they changed; return how many were kept."""
    day = day or today()
    found = figures_by_city(day=day)
    # A city that lost its last device has no figures of its own any more, but had some.
    emptied = City.objects.defer("boundary").filter(snapshots__isnull=False).exclude(id__in=found)
    for city in emptied.distinct():
        found[city.id] = city_figures(city=city, day=day)
    last = _last_snapshots(list(found))
    kept = [_keep(key, figures, day, last) for key, figures in found.items()]
    return sum(snapshot is not None for snapshot in kept)


def check_web_address(url: str) -> None:
    """Refuse what is not a web address."""
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        raise BadInput(
            _("%(value)s is not a web address; write it with https://.") % {"value": url[:100]}
        ) from None


def _last_snapshots(city_ids: Sequence[int]) -> dict[int, Snapshot]:
    """Return the newest snapshot of each city that has one."""
    newest = Snapshot.objects.filter(city__in=city_ids).order_by("city_id", "-made_on")
    return {snapshot.city_id: snapshot for snapshot in newest.distinct("city_id")}


def _keep(city_id: int, figures: Figures, day: date, last: dict[int, Snapshot]) -> Snapshot | None:
    """Keep figures unless the last ones say the same, or are of this day or a later one."""
    before = last.get(city_id)
    if before is None and figures.known == 0:
        return None
    if before is not None and (
        before.made_on >= day or Figures.from_dict(before.figures).says_the_same(figures)
    ):
        return None
    snapshot, is_new = Snapshot.objects.get_or_create(
        city_id=city_id, made_on=day, defaults={"figures": figures.as_dict()}
    )
    return snapshot if is_new else None


def _checked_text(text: str, *, may_be_empty: bool = False) -> str:
    """Return a Markdown text that can be kept."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text and not may_be_empty:
        raise BadInput(_("The statement is empty; write what is known."))
    if len(text) > _MAX_TEXT_CHARACTERS:
        raise BadInput(
            _("The text has %(length)d characters; at most %(most)d fit.")
            % {"length": len(text), "most": _MAX_TEXT_CHARACTERS}
        )
    return text
