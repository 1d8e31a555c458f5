"""A device's OSM side on its public page: what changed there, and where our evidence differs."""

from dataclasses import dataclass
from typing import Any

from geo.osm_evidence import FIELDS, differences
from mapper.osm.models import Element
from mapper.sightings.models import Device
from mapper.web.osm_words import Row, row_of


@dataclass(frozen=True, slots=True)
class OsmSide:
    """What the page shows beside an object's tags."""

    changes: list[dict[str, Any]]
    differs: list[Row]


def osm_side(device: Device, element: Element | None) -> OsmSide | None:
    """Return what we saw change of an object, newest first, and in what we say otherwise."""
    if element is None:
        return None
    said = {name: getattr(device, name) for name in FIELDS}
    found = differences(element.tags, said) if element.is_visible else []
    return OsmSide(
        changes=element.history,
        differs=[row_of(difference) for difference in found],
    )
