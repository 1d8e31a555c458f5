"""Draws devices on a map picture: the same signs as the pages, cones, clusters, the pin.

The shapes are read from the pages' own sprite (parts/signs.html), so that there is one of each.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.template.loader import render_to_string

from geo.coverage import view_sector
from geo.direction import Arc
from geo.errors import GeoError
from geo.position import LonLat
from mapper.basemap.view import MapView

WATCH, INK, QUIET, PAPER = "#8c0019", "#1b1a17", "#544f48", "#fbfaf7"
# 22 percent of `watch` on paper.
PALE = "#e3c9c6"
SIGN_PX = 22
CONE_M = 32.0
CONE_OPACITY = 0.18
_CONES_FROM_ZOOM, _CONES_OF_FEW_FROM_ZOOM, _FEW = 17, 16, 60

_SYMBOL = re.compile(r'<symbol id="(?P<name>[\w-]+)"[^>]*>(?P<body>.*?)</symbol>', re.DOTALL)
_CLASS = re.compile(r'class="(sign-\w+)"')


@dataclass(frozen=True, slots=True)
class Marker:
    """A device to draw; `state` is a word of verification, or removed, disused, planned."""

    position: LonLat
    kind: str = "unknown"
    camera_type: str = ""
    state: str = "osm_only"
    arcs: Sequence[Mapping[str, float]] = field(default_factory=tuple)
    is_old: bool = False
    # What a printed list calls it.
    number: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Several devices that stand too near to be drawn apart."""

    position: LonLat
    count: int


def draw_cones(view: MapView, markers: Sequence[Marker]) -> str:
    """Return the view cones, where the picture is near enough for them."""
    is_near = view.zoom >= _CONES_FROM_ZOOM
    is_near_enough = view.zoom >= _CONES_OF_FEW_FROM_ZOOM and len(markers) <= _FEW
    if not (is_near or is_near_enough):
        return ""
    return "".join(_cone(view, marker.position, arc) for marker in markers for arc in marker.arcs)


def _cone(view: MapView, position: LonLat, value: Mapping[str, float]) -> str:
    try:
        sector = view_sector(position, Arc.from_dict(dict(value)), CONE_M)
    except GeoError:
        return ""
    rings = [sector.exterior] if hasattr(sector, "exterior") else []
    data = "".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*view.pixel_of(LonLat(*at))) for at in ring.coords)
        for ring in rings
    )
    return f'<path fill="{WATCH}" fill-opacity="{CONE_OPACITY}" d="{data}Z"/>' if data else ""


def draw_marker(view: MapView, marker: Marker) -> str:
    """Return one device's sign, its middle on its place."""
    x, y = view.pixel_of(marker.position)
    body, half = _sign(_symbol_name(marker), marker.state), SIGN_PX / 2
    opacity = ' opacity="0.55"' if marker.is_old else ""
    return (
        f'<g transform="translate({x - half:.1f} {y - half:.1f}) scale({SIGN_PX / 24:.4f})"'
        f"{opacity}>{body}</g>"
    )


def draw_cluster(view: MapView, cluster: Cluster) -> str:
    """Return a ring that grows with the logarithm of its count."""
    x, y = view.pixel_of(cluster.position)
    radius = 10 + 5 * math.log10(cluster.count)
    text = str(cluster.count) if cluster.count < 10_000 else f"{cluster.count // 1000}k"
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{PAPER}" stroke="{WATCH}" '
        f'stroke-width="2.5"/><text x="{x:.1f}" y="{y + 4:.1f}" font-size="12" '
        f'text-anchor="middle" fill="{WATCH}">{text}</text>'
    )


def draw_pin(view: MapView, position: LonLat) -> str:
    """Return the pin, its point on the place."""
    x, y = view.pixel_of(position)
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><path d="M0 0C-3-9-11-13-11-22a11 11 0 1 1 22 '
        f'0C11-13 3-9 0 0Z" fill="{INK}" stroke="{PAPER}" stroke-width="2"/>'
        f'<circle cy="-22" r="4" fill="{PAPER}"/></g>'
    )


def _symbol_name(marker: Marker) -> str:
    if marker.kind == "camera" and marker.camera_type in ("dome", "panning"):
        return f"sign-{marker.camera_type}"
    return f"sign-{marker.kind}"


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    """Return the bodies of the sprite's symbols by name."""
    sprite = render_to_string("parts/signs.html")
    return {found["name"]: found["body"] for found in _SYMBOL.finditer(sprite)}


@lru_cache(maxsize=256)
def _sign(name: str, state: str) -> str:
    """Return a sign as SVG with its colours written in."""
    symbols = _symbols()
    body = _coloured(symbols.get(name, symbols["sign-unknown"]), state)
    if state in ("declared", "planned"):
        frame = _coloured(symbols["sign-frame"], state)
        body = f'{frame}<g transform="translate(5 5) scale({14 / 24:.4f})">{body}</g>'
    if state == "removed":
        body += _coloured(symbols["sign-struck"], state)
    return body


def _coloured(body: str, state: str) -> str:
    """Replace the sprite's classes by colours, as signs.css and components.css state them."""
    edge = QUIET if state in ("removed", "disused") else WATCH
    fill = {"verified": WATCH, "osm_only": PALE}.get(state, PAPER)
    detail = PAPER if state == "verified" else edge
    line = 'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    looks = {
        "sign-halo": f'fill="{PAPER}" stroke="{PAPER}" stroke-width="5" stroke-linejoin="round"',
        "sign-body": f'fill="{fill}" stroke="{edge}" stroke-width="2" stroke-linejoin="round"',
        "sign-dot": f'fill="{detail}"',
        "sign-stroke": f'fill="none" stroke="{detail}" {line}',
        "sign-line": f'fill="none" stroke="{edge}" {line}',
        "sign-frame": (
            f'fill="{PAPER}" stroke="{edge}" stroke-width="1.75" stroke-dasharray="3.5 2.75"'
        ),
    }
    return _CLASS.sub(lambda found: looks.get(found[1], ""), body)
