"""Claims in, device out: the one pure function that makes belief of evidence.

It reads no database and no clock. Attribute by attribute the strongest claim that says something
wins, and its id is kept beside the value. Strength, in this order: a moderator's correction, a
verified sighting, OpenStreetMap, a document, a report that nobody has checked; among equals the
one seen last, then the smaller id, so that the same claims give the same device in any order. The
point has an order of its own: a photo's position is where its photographer stood, so it gives way
to OpenStreetMap, and so does a place that a confirmation took over from there. A private home's
camera is snapped to a 25 m grid, whoever placed it. A report that nobody has checked is not heard
where a verified sighting, OpenStreetMap or a document places the device; where a document speaks of
it and says no place, it is declared, and rests on that report (`rests_on_unchecked`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from geo import partial_date
from geo.geodesy import snap_to_grid
from geo.position import LonLat

_STRENGTH = {"desk": 0, "walker": 1, "osm": 2, "document": 3}
_UNVERIFIED_STRENGTH = 4
# A verified report whose place is not its own: a photo's gives way to OpenStreetMap, and one taken
# over from the device it confirms to the source that the place came from, which may have moved.
_PLACES = {"osm": 2.2, "photo": 2.5, "document": 3.5}
PRIVATE_HOME_CELL_M = 25.0

TEXT_ATTRIBUTES = (
    "camera_type",
    "mount",
    "surveillance",
    "zone",
    "operator",
    "operator_type",
    "manufacturer",
    "model",
)
NUMBER_ATTRIBUTES = ("tilt_down_deg", "height_m")
# Public only with a named source: a photo of the label, a citation, an OSM tag.
_NEEDS_A_NAMED_SOURCE = ("manufacturer", "model", "capabilities")
_SAYS_NOTHING: tuple[object, ...] = (None, "", "unknown", [], {})


def says_something(value: object) -> bool:
    """Return whether a value of an attribute says something; zero does."""
    return value is not None and value not in _SAYS_NOTHING


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What the projection needs to know of a claim."""

    id: UUID
    source: str
    is_verified: bool = False
    presence: str = "there"
    position: LonLat | None = None
    position_source: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    has_label_photo: bool = False
    seen_from: str = ""
    seen_to: str = ""
    is_private_home: bool = False

    @property
    def strength(self) -> int:
        """Return the rank of the claim; smaller is stronger."""
        if self.source == "walker" and not self.is_verified:
            return _UNVERIFIED_STRENGTH
        return _STRENGTH[self.source]

    @property
    def placing_strength(self) -> float:
        """Return the rank of the claim's position; smaller is stronger."""
        if self.source == "walker" and self.is_verified:
            return _PLACES.get(self.position_source, self.strength)
        return self.strength

    def says(self, name: str) -> Any:
        """Return the value the claim gives an attribute, or None where it says nothing of it."""
        value = self.attributes.get(name)
        if not says_something(value):
            return None
        if name in _NEEDS_A_NAMED_SOURCE and not self._is_named_source:
            return None
        return value

    @property
    def _is_named_source(self) -> bool:
        return self.source in ("osm", "document") or self.has_label_photo


@dataclass(frozen=True, slots=True)
class Projection:
    """A device as its claims make it."""

    position: LonLat | None
    position_source: str
    kind: str
    status: str
    verification: str
    verified_by: UUID | None
    sources: tuple[str, ...]
    first_seen: str
    last_seen: str
    is_private_home: bool
    texts: Mapping[str, str]
    numbers: Mapping[str, float | None]
    directions: Sequence[Mapping[str, float]]
    capabilities: Mapping[str, UUID]
    provenance: Mapping[str, str]


def rests_on_unchecked(verification: str, sources: Iterable[str]) -> bool:
    """Return whether a device would not be there without a report that nobody has checked.

    A walker among the sources of a declared device is such a report: a checked one verifies.
    """
    return verification == "unverified" or (verification == "declared" and "walker" in sources)


def _ranked(claims: Iterable[ClaimFacts]) -> list[ClaimFacts]:
    """Return claims, strongest first; among equals the one seen last."""
    by_id = sorted(claims, key=lambda claim: claim.id)
    if len(by_id) < 2:
        return by_id
    latest_first = sorted(by_id, key=lambda claim: claim.seen_to or claim.seen_from, reverse=True)
    return sorted(latest_first, key=lambda claim: claim.strength)


def project(claims: Iterable[ClaimFacts]) -> Projection | None:
    """Return the device that these claims make; None where no claim places it.

    Claims that have no position (a document that names a street) add attributes only.
    """
    ranked = _heard(_ranked(claims))
    placed = _placed(ranked)
    if placed is None or placed.position is None:
        return None
    is_private_home = any(claim.is_private_home for claim in ranked)
    position = placed.position
    if is_private_home:
        position = snap_to_grid(position, PRIVATE_HOME_CELL_M)
    provenance: dict[str, str] = {"location": str(placed.id)}
    named = [(claim, str(claim.id)) for claim in ranked]

    def first(name: str) -> Any:
        # Who lives somewhere is nobody's business.
        for claim, its_id in [] if is_private_home and name == "operator" else named:
            value = claim.says(name)
            if value is not None:
                provenance[name] = its_id
                return value
        return None

    verification, verified_by = _verification(ranked)
    status, status_claim = _status(ranked)
    provenance["status"] = str(status_claim.id)
    return Projection(
        position=position,
        position_source=placed.position_source,
        kind=first("kind") or "unknown",
        status=status,
        verification=verification,
        verified_by=verified_by,
        sources=tuple(sorted({claim.source for claim in ranked} - {"desk"})),
        first_seen=_earliest(ranked),
        last_seen=_latest(ranked),
        is_private_home=is_private_home,
        texts={name: str(first(name) or "") for name in TEXT_ATTRIBUTES},
        numbers={name: first(name) for name in NUMBER_ATTRIBUTES},
        directions=first("directions") or [],
        capabilities=_capabilities(ranked),
        provenance=provenance,
    )


def _heard(ranked: list[ClaimFacts]) -> list[ClaimFacts]:
    """Return the claims to listen to: an unchecked report adds nothing to what was seen or mapped.

    Else one that was merged in, or still waits, would speak in downloads and figures. Where the
    others say no place, it is heard: better a point with what is known of it than none, which is
    in no download and no figure then.
    """
    sure = [claim for claim in ranked if claim.is_verified or claim.source in ("osm", "document")]
    if any(claim.position is not None for claim in sure):
        return [claim for claim in ranked if claim.strength < _UNVERIFIED_STRENGTH]
    return ranked


def _placed(ranked: Sequence[ClaimFacts]) -> ClaimFacts | None:
    """Return the claim that says where it stands; among equals the first of the ranking."""
    placed = [claim for claim in ranked if claim.position is not None]
    return min(placed, key=lambda claim: claim.placing_strength, default=None)


def _earliest(ranked: Sequence[ClaimFacts]) -> str:
    """Return the first date at which a claim has it there, empty where none is dated."""
    dates = [claim.seen_from or claim.seen_to for claim in ranked if claim.presence == "there"]
    return (partial_date.earliest(date for date in dates if date) or "") if any(dates) else ""


def _latest(ranked: Sequence[ClaimFacts]) -> str:
    """Return the last date at which a claim has it there, empty where none is dated."""
    dates = [claim.seen_to for claim in ranked if claim.presence == "there"]
    return (partial_date.latest(date for date in dates if date) or "") if any(dates) else ""


def _verification(ranked: Sequence[ClaimFacts]) -> tuple[str, UUID | None]:
    """Return how sure the claims make us, and the claim that verifies."""
    verified = next((claim for claim in ranked if claim.is_verified), None)
    if verified is not None:
        return "verified", verified.id
    sources = {claim.source for claim in ranked}
    if "osm" in sources:
        return "osm_only", None
    return ("declared" if "document" in sources else "unverified"), None


def _status(ranked: Sequence[ClaimFacts]) -> tuple[str, ClaimFacts]:
    """Return the status, and the claim that says so.

    A verified "gone" stands until somebody saw the device there later than that. Two reports of
    the same month can't be put in order; then the "gone" is believed, as the rarer thing to say.
    """
    believed = [claim for claim in ranked if claim.strength < _UNVERIFIED_STRENGTH] or ranked
    gone = max(
        (claim for claim in believed if claim.presence == "gone"),
        key=lambda claim: claim.seen_to,
        default=None,
    )
    if gone is not None:
        seen_after = any(
            claim.presence == "there"
            and claim.source != "document"
            and claim.seen_to > gone.seen_to
            for claim in believed
        )
        if not seen_after:
            return "removed", gone
    there = [claim for claim in believed if claim.presence == "there"]
    for claim in there:
        if claim.says("status"):
            return str(claim.says("status")), claim
    return "active", there[0]


def _capabilities(ranked: Sequence[ClaimFacts]) -> dict[str, UUID]:
    """Return each capability with the strongest claim that names it."""
    found: dict[str, UUID] = {}
    for claim in ranked:
        for name in claim.says("capabilities") or []:
            found.setdefault(name, claim.id)
    return found
