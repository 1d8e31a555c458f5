"""What is in the base map: seven layers of vector tiles (zoom 3 to 14), and the tags they are from.

Every feature has `kind`; `name` where OSM has one and the layer says so. Renderers (the browser's
protomaps-leaflet rules, `mapper.basemap.picture`) draw the layers in this order, first below:

| layer    | geometry | kind                                           | name | from zoom |
|----------|----------|------------------------------------------------|------|-----------|
| green    | polygon  | park, forest, grass, cemetery, pitch           | yes  | 9         |
| water    | polygon  | water                                          | yes  | 3         |
| waterway | line     | coastline, river, canal, stream                | yes  | 3         |
| building | polygon  | building                                       | no   | 13        |
| rail     | line     | rail, tram, subway                             | no   | 9         |
| road     | line     | motorway, primary, secondary, minor, path      | yes  | 5         |
| place    | point    | city, town, village, suburb, quarter           | yes  | 3         |

The sea is `water` too, made of the coastline where the extract says by which box it was cut.
`road` also has `is_tunnel` (`yes` or absent). Zooms above 14 are drawn from the tiles of zoom 14.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MIN_ZOOM, MAX_ZOOM = 3, 14
FILE_NAME = "base.pmtiles"
ATTRIBUTION = "© OpenStreetMap contributors"

LAYERS = ("green", "water", "waterway", "building", "rail", "road", "place")
POLYGON_LAYERS = frozenset({"green", "water", "building"})
LINE_LAYERS = frozenset({"waterway", "rail", "road"})


@dataclass(frozen=True, slots=True)
class FeatureClass:
    """Where an OSM object goes: a layer, a kind, and the zoom from which it is drawn."""

    layer: str
    kind: str
    min_zoom: int
    has_name: bool = True


# fmt: off
_AREAS: dict[tuple[str, str], FeatureClass] = {
    ("natural", "water"): FeatureClass("water", "water", 3),
    ("waterway", "riverbank"): FeatureClass("water", "water", 3),
    ("waterway", "dock"): FeatureClass("water", "water", 9),
    ("landuse", "reservoir"): FeatureClass("water", "water", 9),
    ("landuse", "basin"): FeatureClass("water", "water", 12),
    ("leisure", "swimming_pool"): FeatureClass("water", "water", 14, has_name=False),
    ("leisure", "park"): FeatureClass("green", "park", 11),
    ("leisure", "garden"): FeatureClass("green", "park", 13),
    ("leisure", "pitch"): FeatureClass("green", "pitch", 13, has_name=False),
    ("leisure", "golf_course"): FeatureClass("green", "grass", 11),
    ("landuse", "forest"): FeatureClass("green", "forest", 9),
    ("natural", "wood"): FeatureClass("green", "forest", 9),
    ("natural", "scrub"): FeatureClass("green", "forest", 12),
    ("landuse", "grass"): FeatureClass("green", "grass", 13),
    ("landuse", "meadow"): FeatureClass("green", "grass", 11),
    ("landuse", "village_green"): FeatureClass("green", "grass", 13),
    ("landuse", "recreation_ground"): FeatureClass("green", "park", 12),
    ("landuse", "cemetery"): FeatureClass("green", "cemetery", 12),
    ("amenity", "grave_yard"): FeatureClass("green", "cemetery", 13),
}
_LINES: dict[tuple[str, str], FeatureClass] = {
    ("highway", "motorway"): FeatureClass("road", "motorway", 5),
    ("highway", "motorway_link"): FeatureClass("road", "motorway", 11),
    ("highway", "trunk"): FeatureClass("road", "motorway", 6),
    ("highway", "trunk_link"): FeatureClass("road", "motorway", 11),
    ("highway", "primary"): FeatureClass("road", "primary", 8),
    ("highway", "primary_link"): FeatureClass("road", "primary", 12),
    ("highway", "secondary"): FeatureClass("road", "secondary", 10),
    ("highway", "secondary_link"): FeatureClass("road", "secondary", 12),
    ("highway", "tertiary"): FeatureClass("road", "secondary", 11),
    ("highway", "tertiary_link"): FeatureClass("road", "secondary", 12),
    ("highway", "unclassified"): FeatureClass("road", "minor", 12),
    ("highway", "residential"): FeatureClass("road", "minor", 12),
    ("highway", "living_street"): FeatureClass("road", "minor", 13),
    ("highway", "pedestrian"): FeatureClass("road", "minor", 13),
    ("highway", "road"): FeatureClass("road", "minor", 13),
    ("highway", "service"): FeatureClass("road", "minor", 14),
    ("highway", "footway"): FeatureClass("road", "path", 14),
    ("highway", "path"): FeatureClass("road", "path", 13),
    ("highway", "cycleway"): FeatureClass("road", "path", 13),
    ("highway", "track"): FeatureClass("road", "path", 13),
    ("highway", "steps"): FeatureClass("road", "path", 14),
    ("highway", "bridleway"): FeatureClass("road", "path", 14),
    ("railway", "rail"): FeatureClass("rail", "rail", 9, has_name=False),
    ("railway", "light_rail"): FeatureClass("rail", "rail", 11, has_name=False),
    ("railway", "narrow_gauge"): FeatureClass("rail", "rail", 11, has_name=False),
    ("railway", "tram"): FeatureClass("rail", "tram", 12, has_name=False),
    ("railway", "subway"): FeatureClass("rail", "subway", 12, has_name=False),
    # The sea itself is no polygon in OSM: `geo.coast` makes it of the shore.
    ("natural", "coastline"): FeatureClass("waterway", "coastline", 3, has_name=False),
    ("waterway", "river"): FeatureClass("waterway", "river", 8),
    ("waterway", "canal"): FeatureClass("waterway", "canal", 10),
    ("waterway", "stream"): FeatureClass("waterway", "stream", 13),
}
_PLACES: dict[str, FeatureClass] = {
    "city": FeatureClass("place", "city", 3),
    "town": FeatureClass("place", "town", 7),
    "village": FeatureClass("place", "village", 10),
    "hamlet": FeatureClass("place", "village", 13),
    "suburb": FeatureClass("place", "suburb", 11),
    "quarter": FeatureClass("place", "quarter", 13),
    "neighbourhood": FeatureClass("place", "quarter", 14),
}
# fmt: on
SEA = FeatureClass("water", "water", 3, has_name=False)
_BUILDING = FeatureClass("building", "building", 13, has_name=False)

# The keys that can make a feature; everything else in an extract is skipped before it is read.
AREA_KEYS = ("building", "natural", "waterway", "landuse", "leisure", "amenity")
LINE_KEYS = ("highway", "railway", "waterway", "natural")
PLACE_KEY = "place"


def class_of_area(tags: Mapping[str, str]) -> FeatureClass | None:
    """Return where a closed way or multipolygon goes, or None."""
    if tags.get("building", "no") != "no":
        return _BUILDING
    return _first(_AREAS, AREA_KEYS, tags)


def class_of_line(tags: Mapping[str, str]) -> FeatureClass | None:
    """Return where an open way goes, or None; `area=yes` is no line."""
    return None if tags.get("area") == "yes" else _first(_LINES, LINE_KEYS, tags)


def class_of_place(tags: Mapping[str, str]) -> FeatureClass | None:
    """Return where a node goes; a place without a name has nothing to draw."""
    return _PLACES.get(tags.get(PLACE_KEY, "")) if tags.get("name") else None


def _first(
    table: Mapping[tuple[str, str], FeatureClass], keys: tuple[str, ...], tags: Mapping[str, str]
) -> FeatureClass | None:
    for key in keys:
        found = table.get((key, tags.get(key, "")))
        if found is not None:
            return found
    return None
