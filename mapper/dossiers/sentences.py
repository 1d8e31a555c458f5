"""The figures of a city in one sentence that can be read out, with right plurals."""

from collections.abc import Sequence

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geo.partial_date import is_partial_date, parse_partial_date
from mapper.dossiers.figures import Figures


def in_figures(number: float, decimal_pos: int | None = None) -> str:
    """Return a number as this language writes it, "1 284"."""
    return number_format(number, decimal_pos=decimal_pos, use_l10n=True, force_grouping=True)


def date_in_words(partial_date: str) -> str:
    """Return a date as far as it is known: "2024", "May 2024", "12 May 2024"."""
    if not is_partial_date(partial_date):
        return partial_date
    known = parse_partial_date(partial_date)
    if known.month is None:
        return str(known)
    return str(date_format(known.first_day, "F Y" if known.day is None else "j F Y"))


def headline(figures: Figures) -> SafeString:
    """Return the sentence, its numbers marked as strong."""
    parts = _parts(figures)
    if not parts:
        return format_html(_("{city}: no device is known yet."), city=figures.name)
    return format_html(
        _("{city}: {parts}."), city=figures.name, parts=_listed([part for part in parts if part])
    )


def _parts(figures: Figures) -> list[SafeString]:
    """Return what is known, surest first; what nobody knows is left out."""
    if figures.standing + figures.declared == 0:
        return []
    return [_verified(figures), _verified_earlier(figures), _from_osm(figures), _declared(figures)]


def _verified(figures: Figures) -> SafeString:
    """Say how many we saw ourselves of late."""
    since = date_in_words(figures.recent_since)
    count = figures.verified_recent
    if count == 0:
        return format_html(_("no device verified on the spot since {month}"), month=since)
    words = ngettext(
        "{count} device verified on the spot since {month}",
        "{count} devices verified on the spot since {month}",
        count,
    )
    return format_html(words, count=_strong(count), month=since)


def _verified_earlier(figures: Figures) -> SafeString:
    """Say how many we saw longer ago."""
    count = figures.verified_earlier
    words = ngettext("{count} verified earlier", "{count} verified earlier", count)
    return _counted(words, count)


def _from_osm(figures: Figures) -> SafeString:
    """Say how many only OpenStreetMap knows, and how old that is."""
    count = figures.osm_only
    if figures.osm_survey_year is None:
        words = ngettext(
            "{count} known from OpenStreetMap only (survey date unknown)",
            "{count} known from OpenStreetMap only (survey dates unknown)",
            count,
        )
        return _counted(words, count)
    words = ngettext(
        "{count} known from OpenStreetMap only (surveyed in {year})",
        "{count} known from OpenStreetMap only (median survey year {year})",
        count,
    )
    return _counted(words, count, year=str(figures.osm_survey_year))


def _declared(figures: Figures) -> SafeString:
    """Say how many nobody has seen, but a document declares."""
    count = figures.declared
    return _counted(ngettext("{count} on paper only", "{count} on paper only", count), count)


def _counted(words: str, count: int, **more: str) -> SafeString:
    """Return the words with their number; nothing where there is none."""
    return format_html(words, count=_strong(count), **more) if count else SafeString("")


def _strong(count: int) -> SafeString:
    """Return a number marked as strong."""
    return format_html("<strong>{}</strong>", in_figures(count))


def _listed(parts: Sequence[SafeString]) -> SafeString:
    """Return "a, b and c"."""
    if len(parts) == 1:
        return parts[0]
    first = format_html_join(", ", "{}", ((part,) for part in parts[:-1]))
    return format_html(_("{first} and {last}"), first=first, last=parts[-1])
