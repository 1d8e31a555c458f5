"""A labelled set: real devices of OSM, and reports of them as people and phones make them.

Devices are displaced, rotated and said in other tags; each tenth gets a true neighbour on its pole
that looks another way; some are not in OSM yet. Which report is of which device is known.
"""

import json
import math
import random
from dataclasses import dataclass, replace
from pathlib import Path

import osmium
from shapely import Point, STRtree

from geo.direction import Arc
from geo.geodesy import destination, distance_m
from geo.matching import Placed, Traits
from geo.osm_tags import ROOT_KEYS, device_attributes
from geo.position import LonLat

SCATTER_M, FURTHEST_M, TURNED_DEG = 6.0, 15.0, 20.0
OBSERVED, KNOWN, LOOKED = 0.9, 0.95, 0.9
_TYPES, _MOUNTS = ("dome", "fixed", "panning"), ("wall", "pole", "ceiling", "street_lamp")


@dataclass(frozen=True)
class Labelled:
    """What OSM holds, what was reported, and for each report its device or None."""

    devices: list[Placed]
    reports: list[Placed]
    truth: list[int | None]

    def knowable(self) -> list[bool]:
        """Return which reports can be told from another: no other device within 15 m is like it."""
        tree = STRtree([Point(device.position.lon, device.position.lat) for device in self.devices])
        return [true is None or not self._has_a_twin(tree, true) for true in self.truth]

    def _has_a_twin(self, tree: STRtree, number: int) -> bool:
        device = self.devices[number]
        here = Point(device.position.lon, device.position.lat)
        others = (self.devices[int(near)] for near in tree.query(here.buffer(0.0005)))
        return any(
            other is not device
            and other.traits == device.traits
            and distance_m(other.position, device.position) <= FURTHEST_M
            for other in others
        )


def real_devices(data: Path) -> list[Placed]:
    """Return the devices of the real sets."""
    found = []
    for element in json.loads((data / "osm_devices/switzerland_overpass.json").read_text()):
        found.append((element["lon"], element["lat"], element["tags"]))
    for element in json.loads((data / "osm_devices/us_alpr_sample.json").read_text()):
        tags = {"man_made": "surveillance", "surveillance:type": "ALPR"} | element["tags"]
        found.append((element["lon"], element["lat"], tags))
    extract = data / "osm_extracts/valhalla_bench_munchen.osm.pbf"
    wanted = osmium.filter.KeyFilter(*ROOT_KEYS)
    for item in osmium.FileProcessor(str(extract), osmium.osm.NODE).with_filter(wanted):
        found.append((item.location.lon, item.location.lat, dict(item.tags)))
    made = [(LonLat(lon, lat), tags, device_attributes(tags)) for lon, lat, tags in found]
    return [
        Placed(
            place,
            Traits(said.directions, said.kind, said.camera_type, said.mount, said.operator,
                   tags.get("level")),
        )
        for place, tags, said in made
        if said is not None
    ]  # fmt: skip


def half_of(devices: list[Placed], half: int) -> list[Placed]:
    """Return the devices of every other square of a twentieth of a degree."""

    def square(place: LonLat) -> int:
        return math.floor(place.lon * 20) + math.floor(place.lat * 20)

    return [device for device in devices if square(device.position) % 2 == half]


def labelled(devices: list[Placed], seed: int) -> Labelled:
    """Return a labelled set of real devices."""
    draw = random.Random(seed)
    world = list(devices)
    for device in devices:
        middle = device.traits.arcs[0].center_deg if device.traits.arcs else None
        if middle is not None and draw.random() < 0.1:
            turned = (middle + draw.choice([90, 135, 180, 225, 270])) % 360
            beside = destination(device.position, draw.uniform(0, 360), draw.random())
            traits = replace(device.traits, arcs=(Arc(turned, turned),))
            world.append(Placed(beside, traits))
    is_known = [draw.random() < KNOWN for _ in world]
    known = [device for device, is_in in zip(world, is_known, strict=True) if is_in]
    place_of = dict(zip((n for n, is_in in enumerate(is_known) if is_in), range(len(known)),
                        strict=True))  # fmt: skip
    seen = [number for number in range(len(world)) if draw.random() < OBSERVED]
    reports = [_report(world[number], draw) for number in seen]
    return Labelled(known, reports, [place_of.get(number) for number in seen])


def _report(device: Placed, draw: random.Random) -> Placed:
    traits = device.traits
    return Placed(
        destination(device.position, draw.uniform(0, 360), _displaced_m(draw)),
        Traits(
            arcs=_looked(traits.arcs, draw),
            kind=_kind(traits.kind, draw),
            camera_type=_retagged(traits.camera_type, _TYPES, draw),
            mount=_retagged(traits.mount, _MOUNTS, draw),
            operator=traits.operator if draw.random() < 0.3 else None,
            level=traits.level if draw.random() < 0.3 else None,
        ),
    )


def _displaced_m(draw: random.Random) -> float:
    while True:
        length_m = math.hypot(draw.gauss(0, SCATTER_M), draw.gauss(0, SCATTER_M))
        if length_m <= FURTHEST_M:
            return length_m


def _looked(arcs: tuple[Arc, ...], draw: random.Random) -> tuple[Arc, ...]:
    """Return the octant that a walker chooses: of one of its heads, or of what OSM does not say."""
    if draw.random() >= LOOKED:
        return ()
    middles = [arc.center_deg for arc in arcs if arc.center_deg is not None]
    if middles:
        turned = draw.choice(middles) + draw.gauss(0, TURNED_DEG)
    elif not arcs and draw.random() < 0.7:
        turned = draw.uniform(0, 360)
    else:
        return ()
    octant = round(turned / 45) * 45 % 360
    return (Arc(octant, octant),)


def _kind(kind: str | None, draw: random.Random) -> str:
    said = "camera" if kind in (None, "unknown") else kind
    if draw.random() < 0.03:
        return "camera" if said == "alpr" else "alpr"
    return said


def _retagged(value: str | None, others: tuple[str, ...], draw: random.Random) -> str | None:
    if draw.random() < 0.3 or (value is None and draw.random() < 0.5):
        return None
    return value if value is not None and draw.random() < 0.95 else draw.choice(others)
