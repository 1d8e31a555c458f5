"""What OSM and we say of a device, in words for the moderators' pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geo.direction import Arc, format_octants
from geo.geodesy import distance_m
from geo.osm_evidence import Difference
from geo.osm_tags import device_attributes
from geo.position import LonLat
from mapper.sightings.facts import position_of
from mapper.upstream.candidates import Suggestion
from mapper.upstream.composing import place_in
from mapper.upstream.models import PLACE, Action, Proposal

_LABELS = {
    "kind": gettext_lazy("Kind"),
    "camera_type": gettext_lazy("Camera type"),
    "mount": gettext_lazy("Mount"),
    "directions": gettext_lazy("Looks"),
    "tilt_down_deg": gettext_lazy("Tilt, degrees below the horizon"),
    "height_m": gettext_lazy("Height, metres"),
    "surveillance": gettext_lazy("What is watched"),
    "zone": gettext_lazy("Watched zone"),
    "operator": gettext_lazy("Operator"),
    "operator_type": gettext_lazy("Run by"),
    "manufacturer": gettext_lazy("Manufacturer"),
    "model": gettext_lazy("Model"),
    "status": gettext_lazy("Status"),
    PLACE: gettext_lazy("Place"),
}
# It goes along, and nobody has to decide about it.
_SILENT = "last_seen"


@dataclass(frozen=True, slots=True)
class Row:
    """One field as a table shows it."""

    field: str
    label: str
    base: str
    ours: str
    theirs: str
    is_ticked: bool = False
    is_conflict: bool = False


def value_in_words(field: str, value: object) -> str:
    """Return a value as OSM writes it; empty for "not said"."""
    if value in (None, "", [], ()):
        return ""
    if field == "directions" and isinstance(value, list | tuple):
        return format_octants(arc if isinstance(arc, Arc) else Arc.from_dict(arc) for arc in value)
    if isinstance(value, LonLat):
        return f"{value.lat:.5f}, {value.lon:.5f}"
    return str(value)


def row_of(difference: Difference) -> Row:
    """Return one difference as a table shows it."""
    return Row(
        difference.field,
        str(_LABELS[difference.field]),
        "",
        value_in_words(difference.field, difference.ours),
        value_in_words(difference.field, difference.theirs),
        is_ticked=difference.is_new,
    )


def rows_of(suggestion: Suggestion) -> list[Row]:
    """Return what a suggestion would change; what replaces nobody's word is ticked."""
    rows = [row_of(difference) for difference in suggestion.fields]
    element = suggestion.element
    if suggestion.place is not None and element is not None:
        rows.append(_move(position_of(element.location), suggestion.place))
    return rows


def conflict_rows(proposal: Proposal) -> list[Row]:
    """Return base, ours and theirs of each field of a proposal; of a take-back there are none."""
    if proposal.action == Action.REVERT:
        return []
    base, theirs = proposal.base, proposal.theirs or {}
    before, now = _said(base.get("tags", {})), _said(theirs.get("tags", {}))
    rows = [
        Row(
            name,
            str(_LABELS.get(name, name)),
            value_in_words(name, before.get(name)),
            value_in_words(name, ours),
            value_in_words(name, now.get(name)),
            is_conflict=before.get(name) != now.get(name) != ours,
        )
        for name, ours in proposal.changes.items()
        if name != _SILENT
    ]
    place = position_of(proposal.place)
    if place is not None:
        was, now_at = place_in(base), place_in(theirs) if theirs else None
        rows.append(
            Row(
                PLACE,
                str(_LABELS[PLACE]),
                value_in_words(PLACE, was),
                value_in_words(PLACE, place),
                value_in_words(PLACE, now_at),
                is_conflict=proposal.element is not None and was != now_at,
            )
        )
    return rows


def _said(tags: Mapping[str, str]) -> dict[str, Any]:
    attributes = device_attributes(tags)
    return {} if attributes is None else attributes.as_dict()


def _move(theirs: LonLat | None, ours: LonLat) -> Row:
    far = distance_m(theirs, ours) if theirs else 0.0
    words = _("%(place)s (%(m)d m away)") % {"place": value_in_words(PLACE, ours), "m": far}
    return Row(PLACE, str(_LABELS[PLACE]), "", words, value_in_words(PLACE, theirs))
