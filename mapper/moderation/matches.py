"""What a moderator settles of the matches with OpenStreetMap: one device, or two.

Both are decisions of the log and can be taken back. A match is named by its two devices, not by
its row: rows are replaced each night, also while somebody has the page open.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from geo.geodesy import distance_m
from geo.position import LonLat
from mapper.accounts.models import User
from mapper.errors import Conflict
from mapper.moderation.actions import merge
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.recording import record, require_moderator
from mapper.osm.matching import remember_distinct
from mapper.osm.models import Element, Match
from mapper.photos.models import Photo
from mapper.sightings.actions import lock_devices
from mapper.sightings.facts import position_of
from mapper.sightings.models import Claim, Device


@dataclass(frozen=True)
class MatchFile:
    """A match with the evidence of both sides."""

    match: Match
    claims: list[Claim]
    photos: list[Photo]
    elements: list[Element]

    @property
    def device(self) -> Device:
        """Return ours."""
        return self.match.device

    @property
    def other(self) -> Device:
        """Return the one that OSM knows."""
        return self.match.other

    @property
    def percent(self) -> int:
        """Return the chance in percent, never 0 or 100: it is no certainty."""
        return min(99, max(1, math.floor(self.match.chance * 100)))

    @property
    def places(self) -> tuple[LonLat, LonLat]:
        """Return where both stand."""
        here, there = position_of(self.device.location), position_of(self.other.location)
        assert here is not None  # a database constraint of present devices
        assert there is not None
        return here, there

    @property
    def apart_m(self) -> float:
        """Return how far they stand from each other."""
        return distance_m(*self.places)


def open_matches(matches: Sequence[Match]) -> list[MatchFile]:
    """Return matches with their evidence; three queries, however many there are."""
    claims: dict[UUID | None, list[Claim]] = defaultdict(list)
    photos: dict[UUID | None, list[Photo]] = defaultdict(list)
    elements: dict[UUID | None, list[Element]] = defaultdict(list)
    ours = [match.device_id for match in matches]
    for claim in Claim.objects.filter(device__in=ours).order_by("-seen_to", "id"):
        claims[claim.device_id].append(claim)
    shown = Photo.objects.public().filter(sighting__claim__device__in=ours)
    for photo in shown.select_related("sighting__claim").order_by("id"):
        assert photo.sighting.claim is not None  # the filter's
        photos[photo.sighting.claim.device_id].append(photo)
    known = Element.objects.there().filter(claim__device__in=[m.other_id for m in matches])
    for element in known.select_related("claim").order_by("osm_type", "osm_id"):
        elements[element.claim.device_id].append(element)
    return [
        MatchFile(match, claims[match.device_id], photos[match.device_id], elements[match.other_id])
        for match in matches
    ]


@transaction.atomic
def join_match(*, device: UUID, other: UUID, actor: User) -> Decision:
    """Say that a match is one device: ours keeps its address, OSM's leads to it."""
    require_moderator(actor)
    match = _open_match(device, other)
    return merge(survivor=match.device, other=match.other, actor=actor)


@transaction.atomic
def tell_apart(*, device: UUID, other: UUID, actor: User) -> Decision:
    """Say that a match is two devices: it is not shown again, whatever the next nights find."""
    require_moderator(actor)
    match = _open_match(device, other)
    pair = remember_distinct(device=match.device, other=match.other)
    return record(
        actor=actor,
        act=Act.TELL_APART,
        target_kind=Target.PAIR,
        target=pair.id,
        device=match.device_id,
    )


def _open_match(device: UUID, other: UUID) -> Match:
    """Return the match of two devices, both locked, if it is still to be settled."""
    lock_devices([device, other])
    found = Match.objects.open().filter(device=device, other=other)
    match = found.select_related("device", "other").first()
    if match is None:
        raise Conflict(_("This match is settled already, or it is none any more; see the list."))
    return match
