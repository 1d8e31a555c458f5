"""Reads areas from GeoJSON, one feature at a time; what can't be taken is named with its reason."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ijson
from shapely import MultiPolygon

from geo.errors import GeoError, shown
from geo.geodesy import circle
from geo.geojson import read_point, repair_polygon
from mapper.errors import BadInput
from mapper.input_files import opened

_CODE = re.compile(r"[0-9A-Za-z_-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MAX_NAME = 200
_MAX_POPULATION = 2_000_000_000
_SCHOOL_CODE = 64
# Half the side of a school's grounds, where a file gives one point of them.
POINT_REACH_M = 50.0
_OF_THE_DIRECTORY = {"code": "identifiant_de_l_etablissement", "name": "nom_etablissement"}


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """One usable feature: an area with its code and name."""

    code: str
    name: str
    country: str
    population: int | None
    area: MultiPolygon
    was_repaired: bool

    @property
    def label(self) -> str:
        """Return how a report names it."""
        return f"{self.code} {self.name}"


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """One feature that can't be taken, and why."""

    label: str
    reason: str

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"


def read_areas(path: Path, *, max_code: int, title: str) -> Iterator[AreaRecord | RefusedRecord]:
    """Yield the features of a GeoJSON FeatureCollection, plain or gzip, in constant memory.

    Raises BadInput where the file can't be read to its end or holds no list of features.
    """
    kind = "polygons with `code` and `nom` or `name`"
    for number, feature in _features(path, title, kind):
        yield _record(feature, number, max_code)


def read_schools(path: Path) -> Iterator[AreaRecord | RefusedRecord]:
    """Yield the schools of a GeoJSON FeatureCollection of polygons or points, plain or gzip.

    A point is taken for the middle of grounds that reach POINT_REACH_M around it. Names and codes
    may be those of the French directory of schools (data.education.gouv.fr). Raises BadInput like
    `read_areas`.
    """
    for number, feature in _features(path, "Schools", "polygons or points with `code` and `name`"):
        yield school_record(feature, number)


def school_record(feature: object, number: int) -> AreaRecord | RefusedRecord:
    """Return the school of a GeoJSON feature, the `number`th of its file."""
    properties = dict(_properties(feature))
    for ours, theirs in _OF_THE_DIRECTORY.items():
        properties.setdefault(ours, properties.get(theirs))
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    try:
        if isinstance(geometry, dict) and geometry.get("type") == "Point":
            corners = circle(read_point(geometry), POINT_REACH_M)
            ring = [[corner.lon, corner.lat] for corner in (*corners, corners[0])]
            geometry = {"type": "Polygon", "coordinates": [ring]}
    except GeoError as error:
        return RefusedRecord(_label(properties, number), str(error))
    return _record({"properties": properties, "geometry": geometry}, number, _SCHOOL_CODE)


def _features(path: Path, title: str, kind: str) -> Iterator[tuple[int, object]]:
    number = 0
    with opened(path, title=title) as stream:
        features: Iterable[object] = ijson.items(stream, "features.item", use_float=True)
        for number, feature in enumerate(features, start=1):
            yield number, feature
    if not number:
        raise BadInput(f"{path} holds no features; give a GeoJSON FeatureCollection of {kind}.")


def _properties(feature: object) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _record(feature: object, number: int, max_code: int) -> AreaRecord | RefusedRecord:
    properties = _properties(feature)
    label = _label(properties, number)
    try:
        code = _code(properties.get("code"), max_code)
        name = _name(properties.get("nom", properties.get("name")))
        country = _country(properties.get("country", "FR"))
        population = _population(properties.get("population"))
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        area, was_repaired = repair_polygon(geometry)
    except (BadInput, GeoError) as error:
        return RefusedRecord(label, str(error))
    return AreaRecord(code, name, country, population, area, was_repaired)


def _label(properties: Mapping[str, Any], number: int) -> str:
    said = [properties.get("code"), properties.get("nom", properties.get("name"))]
    words = [" ".join(str(word).split())[:60] for word in said if word not in (None, "")]
    return " ".join(words) or f"feature {number}"


def _code(value: object, max_code: int) -> str:
    code = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _CODE.fullmatch(code) or len(code) > max_code:
        raise BadInput(
            f"code {shown(value)} is not 1 to {max_code} letters, digits, - or _; "
            "give the official code as a text."
        )
    return code


def _name(value: object) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not 1 <= len(name) <= _MAX_NAME or "\x00" in name:
        raise BadInput(f"name {shown(value)} is not 1 to {_MAX_NAME} characters; give nom or name.")
    return name


def _country(value: object) -> str:
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
        raise BadInput(f"country {shown(value)} is not an ISO 3166 code of two capitals like FR.")
    return value


def _population(value: object) -> int | None:
    if value is None:
        return None
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else -1
    if not 0 <= number <= _MAX_POPULATION or number != int(number):
        raise BadInput(f"population {shown(value)} is not a whole number of inhabitants.")
    return int(number)
