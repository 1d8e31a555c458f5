"""Draws a map on the server: for pages without JavaScript, where SVG may be off, and for print.

SVG from the base map's own tiles, made a PNG by resvg. Without a base map the ground is plain,
with a grid, and says so.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import resvg_py
import shapely
from django.utils.translation import gettext as _
from PIL import Image

from geo.position import LonLat
from mapper.basemap.ground import COLOURS, draw_ground
from mapper.basemap.labels import draw_labels
from mapper.basemap.numbers import place_numbers
from mapper.basemap.palette import reduced
from mapper.basemap.signs import (
    INK,
    PAPER,
    SIGN_PX,
    Cluster,
    Marker,
    draw_cluster,
    draw_cones,
    draw_marker,
    draw_pin,
)
from mapper.basemap.view import MapView

ATTRIBUTION = "© OpenStreetMap"
_FONT = Path(__file__).parent / "fonts" / "map-labels.ttf"
_FONT_FAMILY = "Map Labels"
_GRID_PX = 64
_SCALE_BAR_MAX_PX = 100
_WEBP_QUALITY = 55


@dataclass(frozen=True, slots=True)
class Content:
    """What stands on the ground of a picture."""

    markers: Sequence[Marker] = ()
    clusters: Sequence[Cluster] = ()
    pin: LonLat | None = None
    # SVG between the names and the signs, such as a grid; over all, such as its margins; and how
    # wide these are, so that the scale and the credit stand on the map.
    lines: str = ""
    frame: str = ""
    inset_px: int = 0


def position_at(  # noqa: PLR0917 - a tap is two numbers on a picture of four
    center: LonLat, zoom: float, width_px: int, height_px: int, x: float, y: float
) -> LonLat:
    """Return the position of a pixel of a picture: what a tap on it meant."""
    return MapView(center, zoom, width_px, height_px).position_at(x, y)


def pixel_of(
    center: LonLat, zoom: float, width_px: int, height_px: int, position: LonLat
) -> tuple[float, float]:
    """Return the pixel of a position in a picture."""
    return MapView(center, zoom, width_px, height_px).pixel_of(position)


def draw_png(view: MapView, content: Content) -> bytes:
    """Return the picture as PNG with a palette."""
    return png_of(draw_svg(view, content))


def png_of(svg: str, scale: float = 1) -> bytes:
    """Return a picture that was drawn as SVG as PNG with a palette."""
    packed = io.BytesIO()
    reduced(image_of(svg, scale)).save(packed, "PNG")
    return packed.getvalue()


def webp_of(svg: str, scale: float = 1) -> bytes:
    """Return a picture that was drawn as SVG as WebP: a third of the bytes, a little softer."""
    packed = io.BytesIO()
    image_of(svg, scale).save(packed, "WEBP", quality=_WEBP_QUALITY)
    return packed.getvalue()


def image_of(svg: str, scale: float = 1) -> Image.Image:
    """Return a picture that was drawn as SVG in pixels, so many for each of its own."""
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=[str(_FONT)],
        font_family=_FONT_FAMILY,
        skip_system_fonts=True,
        zoom=scale,
    )
    with Image.open(io.BytesIO(bytes(drawn))) as picture:
        return picture.convert("RGB")


def draw_svg(view: MapView, content: Content) -> str:
    """Return the picture as SVG; its letters are those of map-labels.ttf."""
    ground = draw_ground(view)
    width, height = view.width_px, view.height_px
    inset = content.inset_px
    # The scale bar and the credit.
    corners = [
        shapely.box(0, height - inset - 30, inset + 120, height),
        shapely.box(width - inset - 110, height - inset - 22, width, height),
    ]
    numbers = place_numbers(view, content.markers, corners)
    taken = [_place_of(view, marker.position) for marker in content.markers]
    taken += [_place_of(view, cluster.position) for cluster in content.clusters]
    taken += [*corners, *(number.box for number in numbers)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{_FONT_FAMILY}, sans-serif">',
        f'<rect width="{width}" height="{height}" fill="{COLOURS["ground"]}"/>',
        _grid(view, inset) if ground is None else ground.svg,
        draw_cones(view, content.markers),
        "" if ground is None else draw_labels(view, ground.names, taken),
        content.lines,
        *(draw_cluster(view, cluster) for cluster in content.clusters),
        *(draw_marker(view, marker) for marker in content.markers),
        *(number.svg for number in numbers),
        "" if content.pin is None else draw_pin(view, content.pin),
        content.frame,
        f'<g transform="translate({inset} {-inset})">{_scale_bar(view)}</g>',
        f'<g transform="translate({-inset} {-inset})">{_attribution(view)}</g>',
        "</svg>",
    ]
    return "".join(parts)


def _place_of(view: MapView, position: LonLat) -> shapely.Polygon:
    x, y = view.pixel_of(position)
    return shapely.box(x - SIGN_PX / 2, y - SIGN_PX / 2, x + SIGN_PX / 2, y + SIGN_PX / 2)


def _grid(view: MapView, inset_px: int) -> str:
    """Return the plain ground: a grid, and the words that say that there is no base map here."""
    lines = [f"M{x} 0V{view.height_px}" for x in range(_GRID_PX, view.width_px, _GRID_PX)]
    lines += [f"M0 {y}H{view.width_px}" for y in range(_GRID_PX, view.height_px, _GRID_PX)]
    words = escape(_("No base map here, only what is recorded"))
    return (
        f'<path d="{"".join(lines)}" stroke="{COLOURS["road-edge"]}" fill="none"/>'
        f'<text x="{view.width_px / 2}" y="{inset_px + 22}" font-size="13" text-anchor="middle" '
        f'fill="{COLOURS["label"]}" stroke="{COLOURS["ground"]}" stroke-width="4" '
        f'paint-order="stroke">{words}</text>'
    )


def _attribution(view: MapView) -> str:
    """Return the credit that OpenStreetMap's licence asks for, in the corner where it is known."""
    width = len(ATTRIBUTION) * 6.2 + 10
    x, y = view.width_px - width, view.height_px - 18
    return (
        f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="18" fill="{PAPER}"/>'
        f'<text x="{x + width / 2:.1f}" y="{y + 13}" font-size="11" text-anchor="middle" '
        f'fill="{INK}">{ATTRIBUTION}</text>'
    )


def _scale_bar(view: MapView) -> str:
    """Return a bar of a round length at the picture's middle."""
    lengths_m = [step * 10**power for power in range(7) for step in (1, 2, 5)]
    per_px = view.meters_per_px
    length_m = max([one for one in lengths_m if one / per_px <= _SCALE_BAR_MAX_PX] or [1])
    width = length_m / per_px
    text = f"{length_m} m" if length_m < 1000 else f"{length_m // 1000} km"
    y = view.height_px - 8
    return (
        f'<rect x="4" y="{y - 18}" width="{max(width, 40) + 12:.0f}" height="24" fill="{PAPER}" '
        f'fill-opacity="0.8"/><path d="M10 {y - 4}v4h{width:.1f}v-4" fill="none" '
        f'stroke="{INK}" stroke-width="1.5"/>'
        f'<text x="10" y="{y - 6}" font-size="11" fill="{INK}">{text}</text>'
    )
