"""The figures of a city that can stand in a council meeting, and the sentence that says them.

What is counted: devices that stand, seen by us or in OpenStreetMap. Apart from them and said so:
what only paper declares. Never: what nobody has checked, and speed cameras.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Max, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Left

from mapper.places.models import City
from mapper.sightings.models import Claim, Device
from mapper.sightings.vocabulary import Kind, Status

RECENT_MONTHS = 24
# OpenStreetMap's words for bodies of the state beside "public".
_OPERATOR_TYPES = {"public": "public", "government": "public", "private": "private"}
_STANDING = (Status.ACTIVE, Status.DISUSED)


class Group(NamedTuple):
    """Devices of one city that are alike in all that the figures tell apart."""

    city_id: int
    kind: str
    operator_type: str
    status: str
    verification: str
    # Month of the verifying sighting; last survey year in OpenStreetMap; year first known.
    verified_in: str
    surveyed_in: str
    first_year: str
    changed_on: date
    devices: int


@dataclass(frozen=True)
class Figures:
    """The figures of one city on one day, JSON-ready."""

    day: str
    name: str
    population: int | None
    area_km2: float
    # Verified since this month are "recent".
    recent_since: str
    verified_recent: int = 0
    verified_earlier: int = 0
    osm_only: int = 0
    osm_survey_year: int | None = None
    osm_without_year: int = 0
    declared: int = 0
    removed: int = 0
    speed_cameras: int = 0
    # Of the devices that stand (verified and osm_only): [word, count], largest first.
    by_kind: list[list[Any]] = field(default_factory=list)
    by_operator_type: list[list[Any]] = field(default_factory=list)
    # Of all that is known but speed cameras.
    by_status: list[list[Any]] = field(default_factory=list)
    # [year, first known in it], oldest first; the rest have no date.
    by_year: list[list[int]] = field(default_factory=list)
    without_year: int = 0
    changed_on: str = ""

    @property
    def standing(self) -> int:
        """Return how many devices stand, by us or by OpenStreetMap."""
        return self.verified_recent + self.verified_earlier + self.osm_only

    @property
    def known(self) -> int:
        """Return how many the figures speak of at all."""
        return self.standing + self.declared + self.removed

    @property
    def per_km2(self) -> float | None:
        """Return standing devices a square kilometre."""
        return round(self.standing / self.area_km2, 2) if self.standing else None

    @property
    def per_1000_inhabitants(self) -> float | None:
        """Return standing devices for 1,000 inhabitants; None where their number is not known."""
        if not self.population or not self.standing:
            return None
        return round(1000 * self.standing / self.population, 2)

    def as_dict(self) -> dict[str, Any]:
        """Return what a snapshot keeps."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Figures":
        """Return the figures that a snapshot kept."""
        return cls(**kept)

    def says_the_same(self, other: "Figures") -> bool:
        """Return whether two days have the same figures."""
        return {**asdict(self), **_OF_THE_DAY} == {**asdict(other), **_OF_THE_DAY}


_OF_THE_DAY = {"day": "", "recent_since": "", "changed_on": ""}


def city_figures(*, city: City, day: date) -> Figures:
    """Return the figures of a city (one query)."""
    return figures_of(city, _groups(city_id=city.id), day=day)


def figures_by_city(*, day: date) -> dict[int, Figures]:
    """Return the figures of every city where something is known (two queries)."""
    groups: dict[int, list[Group]] = {}
    for group in _groups():
        groups.setdefault(group.city_id, []).append(group)
    cities = City.objects.defer("boundary").in_bulk(list(groups))
    return {key: figures_of(cities[key], groups[key], day=day) for key in groups if key in cities}


def figures_of(city: City, groups: Iterable[Group], *, day: date) -> Figures:
    """Return the figures that groups of devices make (pure)."""
    listed = list(groups)
    recent_since = months_before(day, RECENT_MONTHS)
    counted = [group for group in listed if group.kind != Kind.SPEED_CAMERA]
    present = [group for group in counted if group.status in _STANDING]
    verified = [group for group in present if group.verification == "verified"]
    from_osm = [group for group in present if group.verification == "osm_only"]
    standing = [*verified, *from_osm]
    recent = total(group for group in verified if group.verified_in >= recent_since)
    survey_years = expanded((group.surveyed_in, group.devices) for group in from_osm)
    first_years = expanded((group.first_year, group.devices) for group in standing)
    return Figures(
        day=day.isoformat(),
        name=city.name,
        population=city.population,
        area_km2=city.area_km2,
        recent_since=recent_since,
        verified_recent=recent,
        verified_earlier=total(verified) - recent,
        osm_only=total(from_osm),
        osm_survey_year=int(statistics.median_low(survey_years)) if survey_years else None,
        osm_without_year=total(from_osm) - len(survey_years),
        declared=total(group for group in present if group.verification == "declared"),
        removed=total(group for group in counted if group.status == Status.REMOVED),
        speed_cameras=total(listed) - total(counted),
        by_kind=tally((group.kind, group.devices) for group in standing),
        by_operator_type=tally((_operator_type(group), group.devices) for group in standing),
        by_status=tally((group.status, group.devices) for group in counted),
        by_year=[[year, count] for year, count in sorted(Counter(first_years).items())],
        without_year=total(standing) - len(first_years),
        changed_on=max((group.changed_on.isoformat() for group in listed), default=""),
    )


def months_before(day: date, months: int) -> str:
    """Return the month that many months before a day's, as a partial date.

    >>> months_before(date(2026, 1, 31), 24)
    '2024-01'
    """
    month = day.year * 12 + day.month - 1 - months
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def total(groups: Iterable[Group]) -> int:
    """Return how many devices are in groups."""
    return sum(group.devices for group in groups)


def expanded(years: Iterable[tuple[str, int]]) -> list[int]:
    """Return each known year as often as it was counted."""
    return [int(year) for year, count in years if year for _ in range(count)]


def tally(words: Iterable[tuple[str, int]]) -> list[list[Any]]:
    """Return [word, count], largest first, equal ones by their word."""
    counts: Counter[str] = Counter()
    for word, count in words:
        counts[word] += count
    return [[word, count] for word, count in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]


def _operator_type(group: Group) -> str:
    """Return public, private, unknown or other."""
    if group.operator_type in ("", "unknown"):
        return "unknown"
    return _OPERATOR_TYPES.get(group.operator_type, "other")


def _groups(*, city_id: int | None = None) -> Sequence[Group]:
    """Return the public devices of one city, or of all, counted by what tells them apart."""
    surveyed = (
        Claim.objects.filter(device=OuterRef("pk"), source="osm", presence="there")
        .order_by()
        .values("device")
        .annotate(last=Max(Left("seen_to", 4)))
        .values("last")
    )
    devices = Device.objects.public()
    devices = (
        devices.filter(city__isnull=False) if city_id is None else devices.filter(city=city_id)
    )
    rows = (
        devices.annotate(
            verified_in=Coalesce(F("verified_by__seen_to"), Value("")),
            surveyed_in=Case(
                When(verification="osm_only", then=Coalesce(Subquery(surveyed), Value(""))),
                default=Value(""),
            ),
            first_year=Left("first_seen", 4),
        )
        .order_by()
        .values_list(
            "city_id",
            "kind",
            "operator_type",
            "status",
            "verification",
            "verified_in",
            "surveyed_in",
            "first_year",
        )
        .annotate(changed_on=Max("updated_on"), devices=Count("pk"))
    )
    return [Group(*row) for row in rows]
