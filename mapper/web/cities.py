"""City dossiers: the list, one city as it is now, and its figures as they were on a day."""

import re
from datetime import date
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, re_path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mapper.dossiers.figures import Figures
from mapper.dossiers.models import Snapshot
from mapper.dossiers.sentences import headline
from mapper.errors import BadInput, NotFound
from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.models import Device
from mapper.web.caching import cached_page
from mapper.web.city_report import FigureTables, open_report
from mapper.web.paging import page_number

_CITIES_A_PAGE = 60
_MAX_SEARCH_CHARACTERS = 100
# French codes begin with the department: 35, 2A, 974.
_FRENCH_CODE = r"^[0-9][0-9AB][0-9]{3}$"
_DEPARTMENT = re.compile(r"97[0-9]|98[0-9]|[0-9][0-9AB]")


@cached_page
def cities(request: HttpRequest) -> HttpResponse:
    """List the cities, those with devices first."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:_MAX_SEARCH_CHARACTERS]
    department = request.GET.get("department", "").strip().upper()
    context = {
        "section": "cities",
        "q": words,
        "department": department,
        "departments": _departments(),
        "rows": _rows(request, _searched(words, department)),
    }
    return render(request, "cities/list.html", context)


def _searched(words: str, department: str) -> QuerySet[City]:
    """Return the cities whose name or code holds these words, in a department if one is given."""
    found: QuerySet[City] = City.objects.defer("boundary")
    if department:
        if not _DEPARTMENT.fullmatch(department):
            raise BadInput(
                _("department=%(value)s is no French department; write 35, 2A or 974.")
                % {"value": department[:20]}
            )
        found = found.filter(country="FR", code__regex=_FRENCH_CODE, code__startswith=department)
    if words:
        named = Q(name__icontains=words) | Q(code__iexact=words)
        if slugify(words):
            named |= Q(slug__contains=slugify(words))
        found = found.filter(named)
    return found


def _rows(request: HttpRequest, found: QuerySet[City]) -> Page[Any]:
    """Return one page of cities with the number of devices of each."""
    counted = Device.objects.counted().filter(city__isnull=False).order_by()
    # By slug: it is the name without capitals and accents, so that É stands with E.
    ordered = found.order_by(
        Case(When(id__in=counted.values("city"), then=Value(0)), default=Value(1)), "slug"
    )
    rows: Page[Any] = Paginator(ordered, _CITIES_A_PAGE).get_page(page_number(request))
    cities = list(rows.object_list)
    counts = dict(counted.filter(city__in=cities).values_list("city").annotate(count=Count("pk")))
    rows.object_list = [(city, counts.get(city.id, 0)) for city in cities]
    return rows


def _departments() -> list[tuple[str, int]]:
    """Return the French departments whose cities are here, with the number of cities."""
    overseas = Q(code__startswith="97") | Q(code__startswith="98")
    prefix = Case(When(overseas, then=Left("code", 3)), default=Left("code", 2))
    cities = City.objects.filter(country="FR", code__regex=_FRENCH_CODE)
    groups = cities.order_by().annotate(prefix=prefix).values_list("prefix")
    return sorted(groups.annotate(count=Count("pk")))


@cached_page
def city(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a city's dossier as it is now; a bare official code leads to it."""
    found = City.objects.filter(slug=slug).first()
    if found is None:
        return city_by_code(request, slug)
    context = {
        "section": "cities",
        "city": found,
        "site_url": settings.SITE_URL,
        **open_report(found, page_number(request)),
    }
    return render(request, "cities/dossier.html", context)


def city_by_code(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from an official code to the dossier; two countries may share one."""
    named = City.objects.filter(code__iexact=code.replace("\x00", ""))
    slugs = list(named.values_list("slug", flat=True)[:2])
    if not slugs:
        raise NotFound(_("There is no city with this name or code here."))
    if len(slugs) > 1:
        return redirect(f"{reverse('cities')}?q={code}")
    return HttpResponsePermanentRedirect(reverse("city", args=slugs))


@cached_page
def city_dated(request: HttpRequest, slug: str, day: str) -> HttpResponse:
    """Show the figures of a city as they were kept for a day; they never change."""
    found = City.objects.defer("boundary").filter(slug=slug).first()
    asked = _day(day)
    kept = (
        Snapshot.objects.filter(city=found, made_on__lte=asked).order_by("-made_on").first()
        if found is not None and asked is not None and asked <= today()
        else None
    )
    if found is None or kept is None:
        raise NotFound(_("No figures were kept for this city on this day."))
    if kept.made_on != asked:
        return redirect("city_dated", slug=slug, day=kept.made_on.isoformat())
    figures = Figures.from_dict(kept.figures)
    context = {
        "section": "cities",
        "city": found,
        "site_url": settings.SITE_URL,
        "snapshot": kept,
        "figures": figures,
        "headline": headline(figures),
        "tables": FigureTables(figures),
    }
    return render(request, "cities/dated.html", context)


def _day(text: str) -> date | None:
    """Return the day of an address; None where there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


urlpatterns: list[URLPattern] = [
    path("cities/", cities, name="cities"),
    path("cities/<slug:slug>/", city, name="city"),
    path("cities/<str:code>/", city_by_code, name="city_by_code"),
    re_path(
        r"^cities/(?P<slug>[-\w]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/$",
        city_dated,
        name="city_dated",
    ),
]
plain_urlpatterns: list[URLPattern] = []
