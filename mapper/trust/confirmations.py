"""Do reports that agree verify a device by themselves? Pure: no database, no clock, no chance.

Three voices must say the same: the report and two that confirm it. Voices that share anything
(the day they came, the day they saw it, a batch, a cartopartie) are one voice. The OpenStreetMap
object of the device is a voice of its own where it was there 30 days before the first of them. A
moderator has accepted a photo of one of them. What came in this month is not heard yet: else the
day on which the rule acts would be the day of a walk.
"""

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

VOICES = 3
OSM_IS_OLDER_BY = datetime.timedelta(days=30)
_LENGTH_OF_A_DAY = len("2026-05-12")


class Missing(StrEnum):
    """What stands in the way of a device that is not verified by confirmations."""

    SWITCH = "switch"
    BRAKE = "brake"
    AGREEMENT = "agreement"
    VOICES = "voices"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Voice:
    """An undecided report of a device, and what speaks for or against hearing it."""

    id: UUID
    came_on: datetime.date | None
    # A partial date, as its author said it.
    seen_on: str = ""
    says_there: bool = True
    is_on_site: bool = True
    # It speaks of the place and the kind that the device has.
    agrees: bool = True
    # Of a flood, over a limit, a folder of photos, taken off the map, or before its prudent day.
    is_held_back: bool = False
    # A moderator asked its author something, or decided on it before.
    is_in_hand: bool = False
    has_accepted_photo: bool = False
    # The batch or cartopartie that it came with.
    came_with: frozenset[Hashable] = field(default_factory=frozenset)

    @property
    def marks(self) -> frozenset[Hashable]:
        """Return what no two voices may share."""
        days: set[Hashable] = {("came", self.came_on)}
        if len(self.seen_on) == _LENGTH_OF_A_DAY:
            days.add(("seen", self.seen_on))
        return frozenset(days | {("with", company) for company in self.came_with})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reports that are heard, and what is missing; nothing missing verifies."""

    heard: tuple[UUID, ...]
    has_osm: bool
    missing: tuple[Missing, ...]

    @property
    def verifies(self) -> bool:
        """Return whether the device is verified by what was heard."""
        return not self.missing


def weigh(
    voices: Iterable[Voice],
    *,
    today: datetime.date,
    osm_since: datetime.date | None = None,
    is_switched_on: bool = True,
    is_braked: bool = False,
    is_contested: bool = False,
) -> Verdict:
    """Return whether voices verify their device; `osm_since` dates OSM's last version of it.

    `is_contested` is what somebody objects to; a voice that says "gone" contests it too.
    """
    listed = sorted(voices, key=_in_order)
    heard = _apart(voice for voice in listed if _is_heard(voice, today))
    has_osm = osm_since is not None and any(heard) and _is_older(osm_since, heard)
    says_gone = any(not voice.says_there for voice in listed)
    missing = {
        Missing.SWITCH: not is_switched_on,
        Missing.BRAKE: is_braked,
        Missing.AGREEMENT: is_contested or says_gone,
        Missing.VOICES: len(heard) + has_osm < VOICES,
        Missing.PHOTO: not any(voice.has_accepted_photo for voice in heard),
    }
    return Verdict(
        heard=tuple(voice.id for voice in heard),
        has_osm=has_osm,
        missing=tuple(what for what, is_missing in missing.items() if is_missing),
    )


def _is_heard(voice: Voice, today: datetime.date) -> bool:
    return (
        voice.came_on is not None
        and voice.came_on < today.replace(day=1)
        and voice.says_there
        and voice.is_on_site
        and voice.agrees
        and not voice.is_held_back
        and not voice.is_in_hand
    )


def _apart(voices: Iterable[Voice]) -> list[Voice]:
    """Return voices of which no two share anything, those with a photo first."""
    apart: list[Voice] = []
    taken: set[Hashable] = set()
    for voice in voices:
        if taken.isdisjoint(voice.marks):
            apart.append(voice)
            taken |= voice.marks
    return apart


def _is_older(osm_since: datetime.date, heard: Iterable[Voice]) -> bool:
    first = min(voice.came_on for voice in heard if voice.came_on is not None)
    return osm_since <= first - OSM_IS_OLDER_BY


def _in_order(voice: Voice) -> tuple[bool, datetime.date, UUID]:
    return not voice.has_accepted_photo, voice.came_on or datetime.date.max, voice.id
