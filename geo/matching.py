"""Is this the same device? One pair by a rule of thumb, and many at once by weighing evidence.

The rule (`is_same_device`) is for a report that comes in: near enough, and looking the same way as
far as both are known. `pair` is for lists, `pair_candidates` for lists whose neighbours a database
has found. A pair is scored by the logarithm of how much likelier its distance and traits are if
both are the same device than if they are neighbours (Fellegi and Sunter 1969). Scores become
chances by weighing each report's candidates against each other, against "a new device", and against
the other reports of the same candidate; a report takes its candidate where that chance is at least
`LEAST_CHANCE`. The weights were measured (docs/matching.md).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from shapely import Point, STRtree

from geo.direction import Arc
from geo.geodesy import distance_m
from geo.position import LonLat

SAME_RADIUS_M = 15.0
# Half an octant: two people who read one camera's direction differ by less.
_SAME_BEARING_DEG = 45.0
# A report further away is of another device, whatever it says.
REACH_M = 20.0
# How far people and phones put a device from where it stands, as a standard deviation.
_SCATTER_M = 6.0
# Weights are logarithms: of "alike", "somewhat alike" and "unlike", 0 where one does not know.
_DIRECTION = (2.0, 0.75, -4.3)
_KIND = (0.0, -3.0)
_CAMERA_TYPE = (0.15, -1.4)
_MOUNT = (0.15, -1.3)
_OPERATOR = (0.1, -1.9)
_LEVEL = (0.5, -3.0)
_ALIKE_DEG, _SOMEWHAT_DEG = 30.0, 60.0
# Of a candidate that nothing speaks for or against; small, because most reports are of known ones.
_NEW_DEVICE = -4.0
LEAST_CHANCE = 0.4
# Evidence against is not outweighed by being the only candidate: another head on the same pole.
LEAST_SCORE = -3.0
_ROUNDS = 3
# Metres of a degree of latitude, at the least: boxes may be too large, never too small.
_DEGREE_M = 110_000.0

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a device besides where it is; None or no arcs is "not known"."""

    arcs: tuple[Arc, ...] = ()
    kind: str | None = None
    camera_type: str | None = None
    mount: str | None = None
    operator: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A report or a device: its place and its traits."""

    position: LonLat
    traits: Traits


class Numbered(Protocol):
    """Traits by number: a list, or a mapping of the numbers that are in candidates."""

    def __getitem__(self, number: int, /) -> Traits:
        """Return the traits of that number."""


class Candidate(NamedTuple):
    """Report number `report` stands `apart_m` metres from device number `device`."""

    report: int
    device: int
    apart_m: float


@dataclass(frozen=True, slots=True)
class Pairing:
    """Report number `report` is of device number `device`, with a chance in (0, 1]."""

    report: int
    device: int
    chance: float


def is_same_device(
    position: LonLat,
    arcs: Sequence[Arc],
    other_position: LonLat,
    other_arcs: Sequence[Arc],
) -> bool:
    """Return whether two points within 15 m look the same way.

    A direction that one of them does not know contradicts nothing, so only distance tells then.
    """
    if distance_m(position, other_position) > SAME_RADIUS_M:
        return False
    return looks_alike(arcs, other_arcs)


def looks_alike(arcs: Sequence[Arc], other_arcs: Sequence[Arc]) -> bool:
    """Return whether some arc of one lies within 45 degrees of some arc of the other.

    Degrees clockwise from true north; no arc at all is "unknown", which is like any other, and so
    is all round.

    Examples
    --------
    >>> looks_alike([Arc(350, 350)], [Arc(10, 10)]), looks_alike([Arc(0, 0)], [Arc(90, 90)])
    (True, False)
    >>> looks_alike([], [Arc(90, 90)])
    True
    """
    if not arcs or not other_arcs:
        return True
    return any(_is_near(arc, other) for arc in arcs for other in other_arcs)


def score(apart_m: float, report: Traits, device: Traits) -> float:
    """Return the weight of evidence that both are one device; above 0 speaks for it.

    >>> north, south = (Traits(arcs=(Arc(deg, deg),)) for deg in (0, 180))
    >>> score(3, north, north) > 0 > score(3, north, south)
    True
    """
    # A normal scatter against neighbours that stand anywhere within 15 m.
    nearness = math.log(15**2 / (2 * _SCATTER_M**2)) - apart_m**2 / (2 * _SCATTER_M**2)
    return (
        nearness
        + _direction_weight(report.arcs, device.arcs)
        + _weight(_KIND, _kind(report.kind), _kind(device.kind))
        + _weight(_CAMERA_TYPE, report.camera_type, device.camera_type)
        + _weight(_MOUNT, report.mount, device.mount)
        + _weight(_OPERATOR, report.operator, device.operator)
        + _weight(_LEVEL, report.level, device.level)
    )


def pair(reports: Sequence[Placed], devices: Sequence[Placed]) -> list[Pairing]:
    """Return which report is of which device, each of either at most once, by report.

    The order of the devices decides nothing but exact ties. Memory and time grow with the number
    of pairs within 20 m.
    """
    return pair_candidates(
        _candidates(reports, devices),
        [report.traits for report in reports],
        [device.traits for device in devices],
    )


def pair_candidates(
    candidates: Iterable[Candidate],
    reports: Numbered,
    devices: Numbered,
) -> list[Pairing]:
    """Return the same for candidates that somebody else searched, each of them given once.

    `reports` and `devices` hold the traits of each number that is in a candidate. A candidate
    further apart than `REACH_M` is none; raises ValueError for a distance below 0 or not a number.
    Memory grows with the number of candidates that are not ruled out by their traits.
    """
    report, device, ratio = _weighed(candidates, reports, devices)
    chance = _chances(report, device, ratio)
    likely = np.flatnonzero(chance >= LEAST_CHANCE)
    order = likely[np.lexsort((device[likely], report[likely], -chance[likely]))]
    taken_reports: set[int] = set()
    taken_devices: set[int] = set()
    found = []
    rows = zip(report[order].tolist(), device[order].tolist(), chance[order].tolist(), strict=True)
    for a_report, a_device, a_chance in rows:
        if a_report in taken_reports or a_device in taken_devices:
            continue
        taken_reports.add(a_report)
        taken_devices.add(a_device)
        found.append(Pairing(a_report, a_device, a_chance))
    return sorted(found, key=lambda pairing: pairing.report)


def _is_near(arc: Arc, other: Arc) -> bool:
    return _angle_deg(arc, other) <= _SAME_BEARING_DEG


def _candidates(reports: Sequence[Placed], devices: Sequence[Placed]) -> Iterator[Candidate]:
    """Yield what lies within reach of each other."""
    tree = STRtree([Point(device.position.lon, device.position.lat) for device in devices])
    high = REACH_M / _DEGREE_M
    for number, report in enumerate(reports):
        here = report.position
        wide = high / max(0.01, math.cos(math.radians(here.lat)))
        near = tree.query(Point(here.lon, here.lat).buffer(max(high, wide)))
        for device in near.tolist():
            yield Candidate(number, device, distance_m(here, devices[device].position))


def _weighed(
    candidates: Iterable[Candidate], reports: Numbered, devices: Numbered
) -> tuple[Numbers, Numbers, Floats]:
    """Return report, device and likelihood ratio of what is not ruled out, by report and device."""
    report, device, ratio = array("q"), array("q"), array("d")
    for candidate in candidates:
        if not candidate.apart_m >= 0:
            raise ValueError(f"A distance of {candidate.apart_m} m is none.")
        if candidate.apart_m > REACH_M:
            continue
        weight = score(candidate.apart_m, reports[candidate.report], devices[candidate.device])
        if weight >= LEAST_SCORE:
            report.append(candidate.report)
            device.append(candidate.device)
            ratio.append(math.exp(weight))
    reported, stood = np.array(report, dtype=np.int64), np.array(device, dtype=np.int64)
    order = np.lexsort((stood, reported))
    return reported[order], stood[order], np.array(ratio, dtype=np.float64)[order]


def _chances(report: Numbers, device: Numbers, ratio: Floats) -> Floats:
    """Return the chance of each pair, once reports that want one device have made room."""
    _, of_report = np.unique(report, return_inverse=True)
    _, of_device = np.unique(device, return_inverse=True)
    crowd = np.ones(int(of_device.max(initial=-1)) + 1)
    chance = ratio
    for _ in range(_ROUNDS + 1):
        share = ratio / crowd[of_device]
        whole = np.bincount(of_report, weights=share) + math.exp(_NEW_DEVICE)
        chance = share / whole[of_report]
        crowd = np.maximum(1.0, np.bincount(of_device, weights=chance))
    return chance


def _direction_weight(arcs: Sequence[Arc], others: Sequence[Arc]) -> float:
    apart = [_angle_deg(arc, other) for arc in arcs for other in others]
    if not apart:
        return 0.0
    alike, somewhat, unlike = _DIRECTION
    nearest = min(apart)
    return alike if nearest <= _ALIKE_DEG else somewhat if nearest <= _SOMEWHAT_DEG else unlike


def _angle_deg(arc: Arc, other: Arc) -> float:
    """Return how far two views are apart in degrees; all round is like any other."""
    middle, other_middle = arc.center_deg, other.center_deg
    if middle is None or other_middle is None:
        return 0.0
    apart = abs(middle - other_middle) % 360
    return min(apart, 360 - apart)


def _weight(weights: tuple[float, float], one: str | None, other: str | None) -> float:
    if not one or not other:
        return 0.0
    return weights[0] if one == other else weights[1]


def _kind(kind: str | None) -> str | None:
    return None if kind == "unknown" else kind
