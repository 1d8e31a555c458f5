"""What each column of the downloads means: the one table behind docs/data.md and the data page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mapper.licence import ATTRIBUTION, LICENSE, LICENSE_URL


@dataclass(frozen=True)
class Column:
    """One property of GeoJSON and one column of CSV; `only` names the format that alone has it."""

    name: str
    type: str
    meaning: str | Promise
    only: str = ""
    since: str = "0.1.0"

    @property
    def type_in_words(self) -> str:
        """Return the type as the data page says it."""
        return str(_TYPES.get(self.type, self.type))


# A row's `type` is for programs and docs, its words for readers of the page.
_TYPES = {
    "text": _("text"),
    "number": _("number"),
    "integer": _("whole number"),
    "date": _("date"),
    "partial date": _("date, as far as it is known"),
    "list of text": _("list of texts"),
    "object": _("object"),
}


def _columns(*rows: tuple[Any, ...]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


_PLACE = _columns(
    ("city_country", "text", _("Country of the city it stands in, ISO 3166-1.")),
    ("city_code", "text", _("Official code of the city, in France the INSEE code.")),
    ("city_name", "text", _("Name of the city.")),
)
_UPDATED = Column("updated_on", "date", _("Day on which this row last changed here."))
_LICENSE = Column("license", "text", _("Licence of the data."), only="csv")

DEVICE_COLUMNS: Sequence[Column] = (
    *_columns(
        ("id", "uuid", _("Permanent id; never used again. A merged device leads to the survivor.")),
        ("url", "text", _("Page of the device, with its evidence.")),
        ("lon", "number", _("Longitude in degrees, WGS 84, 7 decimals."), "csv"),
        ("lat", "number", _("Latitude in degrees, WGS 84, 7 decimals."), "csv"),
        (
            "kind",
            "text",
            _(
                "unknown, camera, alpr (plate reader), acoustic, drone (a base), guard, sensor, "
                "speed_camera or other. Never guessed."
            ),
        ),
        ("camera_type", "text", _("As OSM's camera:type: fixed, dome, panning and others.")),
        ("mount", "text", _("As OSM's camera:mount: pole, wall, ceiling and others.")),
        (
            "directions",
            "list of text",
            _(
                "Where it looks, degrees clockwise from true north: a bearing (45) or a clockwise "
                "range (180-270); 0-360 is all round. Joined by ; it is OSM's camera:direction."
            ),
        ),
        ("height_m", "number", _("Height above the ground in metres.")),
        ("surveillance", "text", _("As OSM's surveillance: public, outdoor, indoor and others.")),
        ("zone", "text", _("As OSM's surveillance:zone: town, traffic, parking and others.")),
        ("operator", "text", _("Organisation that runs it; empty for a private home.")),
        ("operator_type", "text", _("As OSM's operator:type: public, private and others.")),
        ("manufacturer", "text", _("Who made it; only with a named source.")),
        ("model", "text", _("Its model; only with a named source.")),
        (
            "capabilities",
            "list of text",
            _(
                "face_recognition, behaviour_analysis, plate_reading, audio, loudspeaker, thermal, "
                "zoom; only with a named source."
            ),
        ),
        ("status", "text", _("planned, active, disused or removed.")),
        (
            "verification",
            "text",
            _(
                "verified (a moderator, on evidence from the spot), osm_only (OpenStreetMap alone) "
                "or declared (paper alone; not in the default download)."
            ),
        ),
        ("sources", "list of text", _("Where the evidence comes from: walker, osm, document.")),
        (
            "first_seen",
            "partial date",
            _("First date of the evidence: a year, month or day; from walkers at most a month."),
        ),
        ("last_seen", "partial date", _("Last date at which it was seen there, as first_seen.")),
    ),
    *_PLACE,
    *_columns(
        ("sightings", "integer", _("Accepted reports of walkers.")),
        ("photos", "integer", _("Published photos.")),
        ("documents", "integer", _("Public documents that mention it.")),
        ("osm_type", "text", _("Type of its OSM object: node, way or relation.")),
        ("osm_id", "integer", _("Id of its OSM object.")),
        ("osm_version", "integer", _("Version of the OSM object that we hold.")),
        (
            "osm_tags",
            "object",
            _("Raw tags of the OSM object, never altered; in CSV as one JSON text."),
        ),
    ),
    _UPDATED,
    _LICENSE,
)

EVENT_COLUMNS: Sequence[Column] = (
    *_columns(
        ("id", "uuid", _("Permanent id.")),
        ("url", "text", _("Page of the event.")),
        ("lon", "number", _("Longitude of the middle of the area, WGS 84."), "csv"),
        ("lat", "number", _("Latitude of the middle of the area, WGS 84."), "csv"),
        ("kind", "text", _("drone_flight, mobile_unit, trailer or other.")),
        ("first_day", "date", _("Day on which it began, in Paris time.")),
        ("last_day", "date", _("Day on which it ended.")),
        ("half", "text", _("morning, afternoon or day; never the hour.")),
        ("operator", "text", _("Organisation that ran it.")),
        ("operator_type", "text", _("public, private or unknown.")),
        ("verification", "text", _("As for devices.")),
    ),
    *_PLACE,
    *_columns(("documents", "integer", _("Public documents that mention it."))),
    _UPDATED,
    Column(
        "area",
        "text",
        _("The published area as WKT, at least 500 m around; the geometry of GeoJSON."),
        only="csv",
    ),
    _LICENSE,
)


def column_names(columns: Sequence[Column], format_: str) -> list[str]:
    """Return the names of the columns that a format has, in their order."""
    return [column.name for column in columns if column.only in ("", format_)]


def as_markdown() -> str:
    """Return docs/data.md."""
    return "\n".join(
        [
            "# Data dictionary",
            "",
            "Made by `python manage.py describe_data -o docs/data.md`; a test holds it equal to "
            "`mapper/exports/dictionary.py`.",
            "",
            *_INTRODUCTION,
            "",
            "## `/data/devices.<format>`, `/data/cities/<slug>/devices.<format>`",
            "",
            *_table(DEVICE_COLUMNS),
            "",
            "## `/data/events.<format>`",
            "",
            "An event is published a day after it ended, as a day, a half-day and an area of at "
            "least 500 m whose middle is not its place.",
            "",
            *_table(EVENT_COLUMNS),
            "",
        ]
    )


def _table(columns: Sequence[Column]) -> list[str]:
    """Return the columns as a Markdown table."""
    lines = ["| column | type | meaning | formats | since |", "|---|---|---|---|---|"]
    for column in columns:
        formats = column.only or "all"
        lines.append(
            f"| `{column.name}` | {column.type} | {column.meaning} | {formats} | {column.since} |"
        )
    return lines


_INTRODUCTION = (
    f"Licence: [{LICENSE}]({LICENSE_URL}), also in a `Link` header of each answer. "
    f"Attribution: {ATTRIBUTION}.",
    "",
    "Formats: `geojson` (RFC 7946, WGS 84, lon lat, 7 decimals) and `csv` (UTF-8, comma, header "
    "line). Rows are in the order of their ids: the same data gives the same bytes.",
    "",
    "- An unknown value is `null` in GeoJSON and an empty cell in CSV; lists are `;`-joined in "
    "CSV.",
    "- In CSV an apostrophe stands before a text that begins with `=`, `+`, `-` or `@`, also in "
    "their full-width forms, or with a tab or an end of line, so that no spreadsheet runs it; not "
    "before numbers, and never in `osm_tags`.",
    "- Top members of GeoJSON: `license`, `attribution`, `data_date` (day of the last change "
    "among the rows).",
    "- Filters: `kind operator_type status verification city bbox seen_since changed_since`; "
    "values of one filter are joined by commas; `bbox=west,south,east,north` in degrees, west "
    "above east crosses the antimeridian. Without a filter: `verification=verified,osm_only`. "
    "Devices that nobody has checked are in no download. An unknown filter is a 400 that names "
    "the known ones.",
    "- Whole files answer `Range`, and `If-None-Match` with the ETag of their content. Filtered "
    "ones are streamed, two at a time; beyond that 503 with `Retry-After`.",
)
