"""Brings a region up to date from Overpass: one question, one transaction.

Objects that we know are asked for by id too, so that one that lost its tags is seen. What the
answer lacks even so is not removed for that, since Overpass may be behind: OSM's own API is asked
by id, and what it says is deleted is.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import overpy
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from geo.bbox import BBox
from geo.errors import PositionError
from geo.osm_tags import is_device
from geo.position import LonLat
from mapper.osm.actions import LoadReport, load_objects
from mapper.osm.api import MOST_IDS, OsmApi, OsmApiFailure
from mapper.osm.models import Element, OsmFlag, Pull
from mapper.osm.objects import OsmObject, RefusedObject, made_object
from mapper.osm.overpass import OverpassClient, OverpassFailure
from mapper.osm.querysets import joined_ids, known_ids
from mapper.osm.reading import KnownIds
from mapper.osm.reading_json import is_wanted
from mapper.osm.shapes import Member, Positions, Shapes, place_line

_PREFIXES = "disused|abandoned|construction|planned|proposed|removed|demolished|destroyed|razed|was"
_LEAST_PERCENT = 90
_FRESH = datetime.timedelta(days=1)
# A query is a form field: this many ids are some 50 kB.
_MOST_IDS = 4_000


@dataclass(frozen=True, slots=True)
class PullReport:
    """What became of a region; `unconfirmed` tells why what was lacking could not be looked up."""

    load: LoadReport
    data_at: datetime.datetime
    unconfirmed: str = ""


def pull_region(
    *,
    client: OverpassClient,
    region: str,
    bbox: BBox,
    api: OsmApi | None = None,
    accept_fewer: bool = False,
    accept_stale: bool = False,
) -> PullReport:
    """Take in what Overpass knows of a box, and what OSM's API says of what that lacks.

    Without `api`, or where it fails, nothing is removed. Raises OverpassFailure, with nothing
    changed, where the answer is not whole, older than the last one of the region, more than a day
    old, or has less than 90 percent of the devices that are known there.
    """
    there = Element.objects.there().in_bbox(bbox)
    asked = _some(joined_ids(there.ids(), OsmFlag.objects.in_bbox(bbox).ids()))
    answer = client.ask(query_of(bbox, asked, timeout_s=client.timeout_s))
    known = known_ids()
    objects = [found for found in objects_of(answer.result) if _is_kept(found, known)]
    gone, unconfirmed = _deleted(api, _lacking(asked, objects))
    if not accept_stale:
        _refuse_stale(answer.data_at)
    with transaction.atomic():
        last, _ = Pull.objects.select_for_update().get_or_create(
            region=region, defaults={"data_at": answer.data_at}
        )
        if answer.data_at < last.data_at:
            raise OverpassFailure(
                f"Overpass's data is of {answer.data_at:%Y-%m-%d %H:%M}, older than the last "
                f"answer of {last.data_at:%Y-%m-%d %H:%M}; try later."
            )
        if not accept_fewer:
            _refuse_fewer(objects, known_count=there.count())
        report = load_objects(
            objects=[*objects, *gone],
            data_at=answer.data_at,
            hold_over=settings.OSM_HOLD_OVER,
            is_quiet=client.is_quiet,
        )
        Pull.objects.filter(region=region).update(data_at=answer.data_at)
    return PullReport(report, answer.data_at, unconfirmed)


def _refuse_stale(data_at: datetime.datetime) -> None:
    if timezone.now() - data_at > _FRESH:
        raise OverpassFailure(
            f"Overpass's data is of {data_at:%Y-%m-%d %H:%M}, more than a day old: the server no "
            "longer follows OpenStreetMap. Ask another, or take it with --accept-stale."
        )


def _some(ids: KnownIds) -> dict[str, list[int]]:
    """Return as many of the ids as one question asks for."""
    found, left = {}, _MOST_IDS
    for osm_type, all_ids in ids.items():
        found[osm_type] = list(all_ids)[:left]
        left -= len(found[osm_type])
    return found


def _lacking(asked: KnownIds, objects: list[OsmObject | RefusedObject]) -> dict[str, list[int]]:
    """Return the ids that were asked for and are in no answer."""
    told = {(found.osm_type, found.osm_id) for found in objects if isinstance(found, OsmObject)}
    return {
        osm_type: [osm_id for osm_id in ids if (osm_type, osm_id) not in told]
        for osm_type, ids in asked.items()
    }


def _deleted(api: OsmApi | None, lacking: dict[str, list[int]]) -> tuple[list[OsmObject], str]:
    """Return what OSM's API says is deleted, and why that could not be known."""
    count = sum(map(len, lacking.values()))
    if not count:
        return [], ""
    why = f"{count} known devices are not in the answer and were kept: "
    if api is None:
        return [], why + "OpenStreetMap's API was not asked."
    if count > MOST_IDS:
        return [], why + "too many to ask OpenStreetMap's API for; load a change file."
    try:
        return [
            found for osm_type, ids in lacking.items() for found in api.deleted(osm_type, ids)
        ], ""
    except OsmApiFailure as failure:
        return [], why + failure.message


def query_of(bbox: BBox, known: KnownIds, *, timeout_s: int) -> str:
    """Return the question for the devices of a box, and for the objects that we know there."""
    lines = []
    for part in bbox.parts():
        # Overpass wants south, west, north, east.
        box = f"({part.south:.7f},{part.west:.7f},{part.north:.7f},{part.east:.7f})"
        lines += [
            f'nwr["man_made"~"surveillance"]{box};',
            f'nwr["highway"="speed_camera"]{box};',
            f'nwr[~"^({_PREFIXES}):man_made$"~"surveillance"]{box};',
            f'nwr[~"^({_PREFIXES}):highway$"~"speed_camera"]{box};',
            f'relation["type"="enforcement"]{box};',
            f'nwr["amenity"~"parking"][~"^surveillance(:ALPR|:type)?$"~"."]{box};',
        ]
    for osm_type, ids in _some(known).items():
        if ids:
            lines.append(f"{osm_type}(id:{','.join(map(str, ids))});")
    return f"[out:json][timeout:{timeout_s}];({''.join(lines)});out meta geom;"


def objects_of(result: overpy.Result) -> Iterator[OsmObject | RefusedObject]:
    """Yield what overpy parsed; who edited it is left behind here."""
    for node in result.nodes:
        yield _object("node", node, _lonlat(node.lon, node.lat))
    shapes = Shapes()
    for way in result.ways:
        yield _object("way", way, _place_way(way))
    for relation in result.relations:
        members = [_member(member) for member in relation.members or []]
        place = shapes.place_relation(members) or _lonlat(relation.center_lon, relation.center_lat)
        yield _object("relation", relation, place)


def _object(osm_type: str, said: Any, position: LonLat | None) -> OsmObject | RefusedObject:
    tags = said.tags if isinstance(said.tags, dict) else {}
    return made_object(
        osm_type=osm_type,
        osm_id=said.id,
        version=said.attributes.get("version"),
        timestamp=said.attributes.get("timestamp"),
        tags=tags,
        position=position,
    )


def _place_way(way: Any) -> LonLat | None:
    line = _line(way.attributes.get("geometry"))
    if line:
        return place_line(line, is_area=line[0] == line[-1])
    return _lonlat(way.center_lon, way.center_lat)


def _member(member: Any) -> Member:
    place = _lonlat(member.attributes.get("lon"), member.attributes.get("lat"))
    line: Positions = [(place.lon, place.lat)] if place else _points(member.geometry or [])
    return Member(member._type_value, member.ref or 0, member.role or "", line)


def _line(value: object) -> Positions:
    points = value if isinstance(value, list) else []
    places = [_lonlat(p.get("lon"), p.get("lat")) for p in points if isinstance(p, dict)]
    return [(place.lon, place.lat) for place in places if place is not None]


def _points(points: list[Any]) -> Positions:
    places = [_lonlat(point.lon, point.lat) for point in points]
    return [(place.lon, place.lat) for place in places if place is not None]


def _lonlat(lon: Any, lat: Any) -> LonLat | None:
    try:
        return LonLat(float(lon), float(lat))
    except (PositionError, TypeError, ValueError):
        return None


def _is_kept(found: OsmObject | RefusedObject, known: KnownIds) -> bool:
    return isinstance(found, RefusedObject) or is_wanted(found, known)


def _refuse_fewer(objects: list[OsmObject | RefusedObject], *, known_count: int) -> None:
    """Refuse an answer with far fewer devices than are known: it is partial without saying so."""
    count = sum(isinstance(found, OsmObject) and is_device(found.tags) for found in objects)
    if count * 100 < known_count * _LEAST_PERCENT:
        raise OverpassFailure(
            f"Overpass answers {count} devices where {known_count} are known; nothing was "
            "changed. If that many really went, repeat with --accept-drop."
        )
