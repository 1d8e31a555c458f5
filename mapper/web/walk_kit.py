"""What a walk kit holds: the sheets of a quarter, their devices, streets and pictures."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from geo.bbox import BBox
from geo.geodesy import distance_m
from geo.grid_reference import grid_reference
from geo.position import LonLat
from geo.tiles import Tile, tile_bbox
from geo.walk_sheets import MOST_SHEETS, sheet_code, sheets_of
from mapper.basemap.kept_pictures import kept_pictures
from mapper.basemap.picture import png_of, webp_of
from mapper.basemap.sheet_picture import PNG_SCALE, draw_overview, draw_sheet, streets_of
from mapper.basemap.signs import Marker
from mapper.errors import BadInput
from mapper.sightings.models import Device
from mapper.sightings.sheet_numbers import NumberedDevice, numbered_devices
from mapper.web.sentences import device_sentence

LETTERS = "ABCDEFGHIJKLMNOP"
assert len(LETTERS) == MOST_SHEETS
# More numbers than this would cover the streets of the overview.
_MOST_NUMBERS = 60
_WORD = re.compile(r"[a-z0-9-]{0,32}")
# A quarter of central Paris drawn as SVG would be heavier than its pixels.
_MOST_SVG_BYTES = 70_000


@dataclass(frozen=True, slots=True)
class Line:
    """A device on the list: its number, where on the grid, what it is."""

    number: str
    cell: str
    sentence: str
    device: Device
    is_unseen: bool


@dataclass(frozen=True, slots=True)
class KitSheet:
    """A sheet: its letter in this kit, its code, its devices and streets."""

    letter: str
    code: str
    tile: Tile
    rows: Sequence[NumberedDevice]

    @property
    def lines(self) -> list[Line]:
        """Return the devices as the list shows them."""
        return [
            Line(
                row.number,
                grid_reference(self.tile, row.position),
                device_sentence(row.device),
                row.device,
                row.is_unseen,
            )
            for row in self.rows
        ]

    @property
    def unseen_count(self) -> int:
        """Return how many nobody has seen for two years."""
        return sum(row.is_unseen for row in self.rows)

    @property
    def streets(self) -> list[str]:
        """Return the names of its streets; none where there is no base map."""
        return streets_of(self.tile)


@dataclass(frozen=True, slots=True)
class Kit:
    """The sheets of a quarter."""

    bbox: BBox
    sheets: Sequence[KitSheet]

    @property
    def device_count(self) -> int:
        """Return how many devices there are to look at again."""
        return sum(len(sheet.rows) for sheet in self.sheets)

    @property
    def unseen_count(self) -> int:
        """Return how many of them nobody has seen for two years."""
        return sum(sheet.unseen_count for sheet in self.sheets)

    @property
    def size_m(self) -> tuple[int, int]:
        """Return how wide and high the sheets are together, to ten metres."""
        boxes = [tile_bbox(sheet.tile) for sheet in self.sheets]
        corner = LonLat(min(box.west for box in boxes), min(box.south for box in boxes))
        east = LonLat(max(box.east for box in boxes), corner.lat)
        north = LonLat(corner.lon, max(box.north for box in boxes))
        return round(distance_m(corner, east) / 10) * 10, round(distance_m(corner, north) / 10) * 10

    @property
    def overview_svg(self) -> str:
        """Return the map of all sheets as SVG; with numbers where they leave the streets bare."""
        rows = [row for sheet in self.sheets for row in sheet.rows]
        markers = markers_of(rows, with_numbers=len(rows) <= _MOST_NUMBERS)
        return draw_overview([(sheet.letter, sheet.tile) for sheet in self.sheets], markers)


def open_kit(bbox: BBox) -> Kit:
    """Return the kit of a quarter; one query."""
    tiles = sheets_of(bbox)
    rows = numbered_devices(tiles)
    return Kit(
        bbox,
        [
            KitSheet(letter, sheet_code(tile), tile, rows[tile])
            for letter, tile in zip(LETTERS, tiles, strict=False)
        ],
    )


def sheet_svg(tile: Tile, rows: Sequence[NumberedDevice]) -> str:
    """Return the map of one sheet as SVG."""
    return draw_sheet(tile, markers_of(rows, with_numbers=True))


def kept_png(svg: str) -> bytes:
    """Return a picture of public things as PNG, drawn once."""
    key = hashlib.sha256(svg.encode()).digest()
    return kept_pictures.get(key, lambda: png_of(svg, PNG_SCALE))


def inlined(svg: str) -> str:
    """Return a picture as an address that holds all of it."""
    data, kind = svg.encode(), "svg+xml"
    if len(data) > _MOST_SVG_BYTES:
        data, kind = webp_of(svg, PNG_SCALE), "webp"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def markers_of(rows: Sequence[NumberedDevice], *, with_numbers: bool) -> list[Marker]:
    """Return what is drawn of numbered devices, with the signs of the map."""
    return [
        Marker(
            position=row.position,
            kind=row.device.kind,
            camera_type=row.device.camera_type,
            state=(
                row.device.status
                if row.device.status in ("disused", "planned")
                else row.device.verification
            ),
            arcs=row.device.directions,
            number=row.number if with_numbers else "",
        )
        for row in rows
    ]


def notes_address(code: str, party: str) -> str:
    """Return the whole address at which the notes of a sheet are typed in."""
    query = {"sheet": code} | ({"party": party} if party else {})
    return f"{settings.SITE_URL}{reverse('walk_notes')}?{urlencode(query)}"


def qr_of(address: str) -> str:
    """Return an address as a QR code in a picture that needs no other address."""
    picture: str = segno.make(address, error="m").png_data_uri(scale=4, border=2)
    return picture


def party_word(request: HttpRequest) -> str:
    """Return the word of a cartopartie that an address or a form carries."""
    said = (request.POST if request.method == "POST" else request.GET).get("party", "").strip()
    if not _WORD.fullmatch(said):
        raise BadInput(_("The word of the cartopartie is damaged; copy the whole link again."))
    return said
