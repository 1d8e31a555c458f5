"""Which of our devices without an object of OSM is one that OSM knows: searched, weighed, kept.

PostGIS searches who stands within 20 m, `geo.matching` weighs; a moderator settles each match.
Left out: what nobody has checked (its report is compared when it is decided), and private homes,
whose places are on a grid and tell nothing.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from tqdm import tqdm

from geo.direction import Arc
from geo.matching import REACH_M, Candidate, Traits, pair_candidates
from mapper import sql
from mapper.osm.models import DistinctPair, Match
from mapper.osm.querysets import without_element
from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.models import Device

# Two runs at once would each delete what the other has not written yet.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('mapper.osm.matching'))"
# At the least; at the equator a degree of latitude is 110,574 m long.
_DEGREE_M = 110_000.0
# What near_elements.sql answers: the two, metres apart, and the traits of each.
_TRAIT_TYPES = ("text", "text", "text", "text", "jsonb")
_NEAR_TYPES = ("uuid", "uuid", "float8", *_TRAIT_TYPES, *_TRAIT_TYPES)
# From here on the summary calls a match likely.
LIKELY = 0.9


@dataclass
class MatchReport:
    """What a run looked at and found."""

    devices: int = 0
    candidates: int = 0
    settled: int = 0
    matches: int = 0
    likely: int = 0


class _Numbers:
    """Gives each device a number as it comes, and keeps its traits under it."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []
        self.traits: list[Traits] = []
        self._known: dict[UUID, int] = {}

    def of(self, device: UUID, said: tuple[Any, ...]) -> int:
        """Return the device's number."""
        number = self._known.get(device)
        if number is None:
            number = self._known[device] = len(self.ids)
            self.ids.append(device)
            self.traits.append(_traits(*said))
        return number


@transaction.atomic
def match_elements(
    *, city: City | None = None, is_dry: bool = False, is_quiet: bool = False
) -> MatchReport:
    """Search all matches, or those of a city, and put them in the place of the earlier ones."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    report = MatchReport(devices=without_element(city).count())
    ours, theirs = _Numbers(), _Numbers()
    candidates = _candidates(city, ours, theirs, report, is_quiet=is_quiet)
    found = pair_candidates(candidates, ours.traits, theirs.traits)
    report.matches = len(found)
    report.likely = sum(pairing.chance >= LIKELY for pairing in found)
    if not is_dry:
        _replace(city, [(ours.ids[p.report], theirs.ids[p.device], p.chance) for p in found])
    return report


def near_elements(city: City | None = None) -> str:
    """Return the search as SQL, for `match_elements` and for what measures it."""
    parameters = {"reach_m": REACH_M, "degree_m": _DEGREE_M}
    ours = sql.compiled(without_element(city))
    return sql.composed("osm", "near_elements", parameters, ours=ours)


def _candidates(
    city: City | None, ours: _Numbers, theirs: _Numbers, report: MatchReport, *, is_quiet: bool
) -> Iterator[Candidate]:
    """Yield who stands within reach of whom as the database tells, but for settled pairs."""
    settled = _settled_pairs()
    hide = True if is_quiet else None
    # COPY is read as it comes, as from a cursor; but a cursor's query gets no parallel workers.
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({near_elements(city)}) TO STDOUT") as copy,
        tqdm(desc="Candidates", unit="", disable=hide) as bar,
    ):
        copy.set_types(_NEAR_TYPES)
        for device, other, apart_m, *said in copy.rows():
            bar.update()
            if frozenset((device, other)) in settled:
                report.settled += 1
                continue
            report.candidates += 1
            yield Candidate(
                ours.of(device, tuple(said[:5])), theirs.of(other, tuple(said[5:])), apart_m
            )


def _settled_pairs() -> set[frozenset[UUID]]:
    """Return which two a moderator has told apart; of what was merged since, what it leads to."""
    return {pair.survivors() for pair in DistinctPair.objects.with_devices()}


def _traits(kind: str, camera_type: str, mount: str, operator: str, directions: str) -> Traits:
    return Traits(
        arcs=tuple(Arc.from_dict(arc) for arc in json.loads(directions)),
        kind=kind,
        camera_type=camera_type,
        mount=mount,
        operator=operator,
    )


def _replace(city: City | None, found: list[tuple[UUID, UUID, float]]) -> None:
    earlier = Match.objects.all()
    if city is not None:
        # A device that another city had when it was matched would be there twice.
        earlier = earlier.filter(Q(device__city=city) | Q(device__in=[row[0] for row in found]))
    earlier.delete()
    day = today()
    columns = "id, device_id, other_id, chance, made_on"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY osm_match ({columns}) FROM STDIN") as copy,
    ):
        for device, other, chance in found:
            copy.write_row((uuid.uuid4(), device, other, chance, day))


def remember_distinct(*, device: Device, other: Device) -> DistinctPair:
    """Note that two devices are not one; the caller has locked them."""
    one, two = sorted((device.id, other.id))
    return DistinctPair.objects.create(one_id=one, other_id=two)


def forget_distinct(*, pair: UUID) -> bool:
    """Let two that were told apart be matched again; return whether they were."""
    return DistinctPair.objects.filter(id=pair).delete()[0] > 0
