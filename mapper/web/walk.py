"""The walk kit at /walk/: choose a quarter, print its sheets, or take them along as one file.

Nothing is kept of it: a quarter is a box in the address, to eleven metres, and no more.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox
from geo.walk_sheets import (
    MOST_SHEETS,
    SHEET_ZOOM,
    bbox_of_sheets,
    parse_sheet_code,
    quarter_of,
    quarter_text,
)
from mapper.errors import BadInput
from mapper.languages import spoken_or_bare
from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.sheet_numbers import numbered_devices
from mapper.web.caching import cached_page
from mapper.web.walk_kit import (
    Kit,
    inlined,
    kept_png,
    notes_address,
    open_kit,
    party_word,
    qr_of,
    sheet_svg,
)

# A cell of the chooser without JavaScript: two by two sheets, as many make a small party.
_CELL_ZOOM = SHEET_ZOOM - 1
_CELLS = 5
_STEP = _CELLS - 1
_AT = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")
_FRANCE = LonLat(2.35, 46.6)
_NEW_LINES = range(1, 11)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the chooser: its name, the quarter that it is, and what is known there."""

    name: str
    bbox: str
    count: int
    unseen: int


@require_safe
@cached_page
def walk(request: HttpRequest) -> HttpResponse:
    """Show the chooser: a map, and a grid of cells that needs no script."""
    party = party_word(request)
    said = request.GET.get("city", "").replace("\0", "").strip()[:200]
    city = _city(said)
    middle = _middle(request.GET.get("at", ""), city)
    context = {
        "section": "cities",
        "city": city,
        "said": said,
        "is_unknown": bool(said) and city is None,
        "party": party,
        "extra": _extra(city, party),
        "cells": _cells(middle),
        "grid_bbox": _bbox(_grid(middle)),
        # Closer than the grid: a map can be moved.
        "map_bbox": _bbox([Tile(_CELL_ZOOM, middle.x + step, middle.y + step) for step in (-1, 1)]),
        "moves": _moves(middle),
        "most_sheets": MOST_SHEETS,
        "sheet_zoom": SHEET_ZOOM,
    }
    return render(
        request, "walk/choose.html", context, status=404 if context["is_unknown"] else 200
    )


@require_safe
@cached_page
def walk_kit(request: HttpRequest) -> HttpResponse:
    """Show the sheets of a quarter, to print or to take along."""
    party = party_word(request)
    said = request.GET.get("bbox", "")
    bbox = quarter_of(said)
    if said != quarter_text(bbox):
        # No finer place than this stands in a history or a log.
        return HttpResponseRedirect(
            f"{reverse('walk_kit')}?{_query(quarter_text(bbox), request, party)}"
        )
    kit = open_kit(bbox)
    query = _query(quarter_text(bbox), request, party)
    context = {
        **_kit_context(kit, request, party),
        "section": "cities",
        "file_url": f"{reverse('walk_kit_file')}?{query}",
        "overview_url": f"{reverse('walk_overview')}?{urlencode({'bbox': quarter_text(bbox)})}",
        "new_lines": _NEW_LINES,
    }
    return render(request, "walk/kit.html", context)


@require_safe
@cached_page
def walk_kit_file(request: HttpRequest) -> HttpResponse:
    """Answer the kit as one page that asks for nothing, to be saved on a phone."""
    party = party_word(request)
    kit = open_kit(quarter_of(request.GET.get("bbox", "")))
    context = {
        **_kit_context(kit, request, party),
        "overview": inlined(kit.overview_svg),
        "maps": [(sheet, inlined(sheet_svg(sheet.tile, sheet.rows))) for sheet in kit.sheets],
    }
    page = render_to_string("walk/offline.html", context, request)
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    name = f"contrechamp-{kit.sheets[0].code.lower()}.html"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@cached_page
def walk_sheet_picture(request: HttpRequest, code: str) -> HttpResponse:
    """Answer the map of one sheet as PNG."""
    tile = parse_sheet_code(code)
    with translation.override(spoken_or_bare(request.GET.get("lang"))):
        svg = sheet_svg(tile, numbered_devices([tile])[tile])
    return HttpResponse(kept_png(svg), content_type="image/png")


@require_safe
@cached_page
def walk_overview(request: HttpRequest) -> HttpResponse:
    """Answer the map of a quarter as PNG, its sheets framed."""
    kit = open_kit(quarter_of(request.GET.get("bbox", "")))
    with translation.override(spoken_or_bare(request.GET.get("lang"))):
        svg = kit.overview_svg
    return HttpResponse(kept_png(svg), content_type="image/png")


def _kit_context(kit: Kit, request: HttpRequest, party: str) -> dict[str, Any]:
    city = _city(request.GET.get("city", "").replace("\0", "").strip()[:200])
    across_m, down_m = kit.size_m
    return {
        "kit": kit,
        "city": city,
        "party": party,
        "across_m": across_m,
        "down_m": down_m,
        "sheets": [
            (sheet, address, qr_of(address))
            for sheet in kit.sheets
            for address in [notes_address(sheet.code, party)]
        ],
        "made_in": today().strftime("%Y-%m"),
    }


def _query(bbox: str, request: HttpRequest, party: str) -> str:
    city = request.GET.get("city", "").replace("\0", "").strip()[:200]
    said = {"bbox": bbox, "city": city, "party": party}
    return urlencode({name: value for name, value in said.items() if value}, safe=",")


def _extra(city: City | None, party: str) -> str:
    """Return what every link of the chooser carries on."""
    said = {"city": city.slug if city else "", "party": party}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"&{query}" if query else ""


def _city(said: str) -> City | None:
    """Return the city of a slug, a code or a name; the only one there is where none is said."""
    if not said:
        towns = list(City.objects.all()[:2])
        return towns[0] if len(towns) == 1 else None
    named = City.objects.filter(name__iexact=said).order_by("-population", "code")
    return City.objects.named(said) or named.first()


def _middle(said: str, city: City | None) -> Tile:
    """Return the cell in the middle of the chooser's grid."""
    if said:
        match = _AT.fullmatch(said)
        last = 2**_CELL_ZOOM - 1
        if match is None or max(int(match[1]), int(match[2])) > last:
            raise BadInput(_("This part of the map is not known; choose the quarter anew."))
        return _inside(Tile(_CELL_ZOOM, int(match[1]), int(match[2])))
    if city is None:
        return _inside(tile_at(_FRANCE, _CELL_ZOOM))
    west, south, east, north = city.boundary.extent
    return _inside(tile_at(LonLat((west + east) / 2, (south + north) / 2), _CELL_ZOOM))


def _inside(cell: Tile) -> Tile:
    """Return the nearest cell whose grid lies on the map."""
    half, last = _CELLS // 2, 2**_CELL_ZOOM - 1
    x, y = (min(max(at, half), last - half) for at in (cell.x, cell.y))
    return Tile(_CELL_ZOOM, x, y)


def _grid(middle: Tile) -> list[Tile]:
    half = _CELLS // 2
    steps = range(-half, half + 1)
    return [Tile(_CELL_ZOOM, middle.x + x, middle.y + y) for y in steps for x in steps]


def _cells(middle: Tile) -> list[Cell]:
    """Return the cells row by row; one query."""
    grid = _grid(middle)
    known = numbered_devices(grid)
    return [
        Cell(
            name=f"{'ABCDE'[at % _CELLS]}{at // _CELLS + 1}",
            bbox=quarter_text(tile_bbox(cell)),
            count=len(known[cell]),
            unseen=sum(row.is_unseen for row in known[cell]),
        )
        for at, cell in enumerate(grid)
    ]


def _bbox(cells: list[Tile]) -> str:
    """Return the box from the first cell to the last."""
    return ",".join(f"{side:.6f}" for side in bbox_of_sheets(cells[0], cells[-1]).as_tuple())


def _moves(middle: Tile) -> list[tuple[str, str, str]]:
    """Return the links that move the grid: a name, the words, the cell that comes to the middle."""
    steps = (
        ("north", _("North"), 0, -_STEP),
        ("west", _("West"), -_STEP, 0),
        ("east", _("East"), _STEP, 0),
        ("south", _("South"), 0, _STEP),
    )
    last = 2**_CELL_ZOOM - 1
    moves = []
    for name, words, right, down in steps:
        x, y = (min(max(at, 0), last) for at in (middle.x + right, middle.y + down))
        moves.append((name, words, f"{x}/{y}"))
    return moves


urlpatterns: list[URLPattern] = [
    path("walk/", walk, name="walk"),
    path("walk/kit/", walk_kit, name="walk_kit"),
    path("walk/kit/offline.html", walk_kit_file, name="walk_kit_file"),
]
plain_urlpatterns: list[URLPattern] = [
    path("walk/sheets/<str:code>.png", walk_sheet_picture, name="walk_sheet_picture"),
    path("walk/overview.png", walk_overview, name="walk_overview"),
]
