"""Which photos were taken of one spot? Those near the first of them, in place and in time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from geo.geodesy import distance_m
from geo.position import LonLat

# Standing still, a phone's fix wanders less; a real walk has spots 13 m and 40 s apart. Two reports
# of one spot cost a moderator a click, one report of two devices loses one of them.
SPOT_RADIUS_M = 10.0
# Time to walk round a pole, and not to the next one.
SPOT_S = 120.0
# 11 m: what lies within the radius is in the same row or one beside it.
_ROW_DEG = 0.0001


@dataclass(frozen=True, slots=True)
class Shot:
    """Where a photo was taken, and when by its camera's clock; None where it has none."""

    position: LonLat
    taken_at: datetime | None


def taken_at(captured_local: str) -> datetime | None:
    """Return the moment in `2026-05-12T18:40:03`, without a zone; None where it is none.

    >>> taken_at("2026-05-12T18:40:03"), taken_at("2026-13-40T00:00:00")
    (datetime.datetime(2026, 5, 12, 18, 40, 3), None)
    """
    try:
        return datetime.fromisoformat(captured_local).replace(tzinfo=None)
    except ValueError:
        return None


def is_same_spot(first: Shot, other: Shot) -> bool:
    """Return whether two shots lie within 10 m and 120 s; without a clock they never do.

    Two photos of a camera without a clock may have been taken years apart.
    """
    if first.taken_at is None or other.taken_at is None:
        return False
    if abs((other.taken_at - first.taken_at).total_seconds()) > SPOT_S:
        return False
    return distance_m(first.position, other.position) <= SPOT_RADIUS_M


def by_spot(shots: Sequence[Shot], *, most: int) -> list[tuple[int, ...]]:
    """Return the places in `shots` of each spot's, earliest first, at most so many together.

    In the order of time (of the list, where times are equal), a shot joins the first spot whose
    first shot it is near to; a spot so never creeps along a street. Spots that are taken away whole
    leave the others as they were: what is left of a folder falls into the same groups again.

    >>> here, noon = LonLat(2.35, 48.85), datetime(2026, 5, 12, 12)
    >>> by_spot([Shot(here, None), Shot(here, noon), Shot(here, noon)], most=6)
    [(1, 2), (0,)]
    >>> by_spot([], most=6)
    []
    """
    timed = [number for number, shot in enumerate(shots) if shot.taken_at is not None]
    timed.sort(key=lambda number: (shots[number].taken_at, number))
    spots: list[list[int]] = []
    rows: dict[int, list[list[int]]] = defaultdict(list)
    for number in timed:
        row = math.floor(shots[number].position.lat / _ROW_DEG)
        spot = _first_near(shots, number, [s for step in (-1, 0, 1) for s in rows[row + step]])
        if spot is None:
            spot = []
            spots.append(spot)
            rows[row].append(spot)
        spot.append(number)
        for near in (row - 1, row, row + 1):
            rows[near] = [s for s in rows[near] if _is_open(shots, s, number, most)]
    alone = [(number,) for number, shot in enumerate(shots) if shot.taken_at is None]
    return [tuple(spot) for spot in spots] + alone


def _first_near(shots: Sequence[Shot], number: int, spots: Sequence[list[int]]) -> list[int] | None:
    """Return the oldest spot that a shot belongs to."""
    near = [spot for spot in spots if is_same_spot(shots[spot[0]], shots[number])]
    return min(near, key=lambda spot: (shots[spot[0]].taken_at, spot[0]), default=None)


def _is_open(shots: Sequence[Shot], spot: list[int], now: int, most: int) -> bool:
    """Return whether later shots may still join a spot."""
    began, moment = shots[spot[0]].taken_at, shots[now].taken_at
    if began is None or moment is None:
        return False
    return len(spot) < most and (moment - began).total_seconds() <= SPOT_S
