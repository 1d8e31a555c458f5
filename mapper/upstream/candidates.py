"""What do we know, from the spot, that OSM does not say? Suggestions: nothing is stored of them.

Only a report that was seen on the spot, that its author gave on to OSM, and that a moderator
accepted may be suggested; never a private home, an import, a document or a moderator's own reading.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from geo.bbox import BBox
from geo.errors import TagError
from geo.matching import SAME_RADIUS_M
from geo.osm_evidence import FIELDS, Difference, differences, is_move, new_object
from geo.osm_tags import device_attributes
from geo.position import LonLat
from mapper.osm.models import Element
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Sighting
from mapper.sightings.querysets import DeviceQuerySet, SightingQuerySet
from mapper.sightings.vocabulary import DeviceState, PositionSource, Presence, SightingState
from mapper.upstream.models import PLACE, Action, Proposal, ProposalState

# OSM's own rule says that cameras are nodes; what is drawn as a way is moved and deleted by hand.
_NODE = "node"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be sent of a device, for a moderator to look at."""

    device: Device
    report: Sighting
    element: Element | None
    action: Action
    fields: tuple[Difference, ...]
    # Where it is to be; None: where it is.
    place: LonLat | None = None
    # Two reports of different months say that it is gone.
    is_gone_for_sure: bool = False
    month: str = ""

    @property
    def is_worth_it(self) -> bool:
        """Return whether there is anything to send."""
        return self.action != Action.MODIFY or bool(self.fields) or self.place is not None

    def changes(self, fields: Collection[str]) -> dict[str, Any]:
        """Return what is to be said of the object, as `apply_attributes` takes it.

        The month of the report goes along, and is no reason for an edit by itself.
        """
        if self.action == Action.DISUSE:
            said: dict[str, Any] = {"status": "disused"}
        else:
            said = {each.field: each.ours for each in self.fields if each.field in fields}
        return said | ({"last_seen": self.month} if self.month else {})

    @property
    def may_delete(self) -> bool:
        """Return whether deleting can be offered at all: ways are left to whoever draws them."""
        return self.element is not None and self.element.osm_type == _NODE


def reports_for(device: Device) -> list[Sighting]:
    """Return the reports that may be given on to OSM, the last seen first."""
    reports = _reports().filter(claim__device=device).select_related("claim")
    return list(reports.order_by("-claim__seen_to", "id"))


def candidates() -> DeviceQuerySet:
    """Return the devices that something might be said of; `suggest` tells which are worth it.

    One that waits, or that a moderator said no to, is left out; what was sent differs no more.
    """
    closed = Proposal.objects.filter(device=OuterRef("pk")).exclude(
        state__in=[ProposalState.SEEN, ProposalState.REVERTED, ProposalState.WITHDRAWN]
    )
    # From the reports, which are few, to their devices.
    reported = _reports().values("claim__device")
    found: DeviceQuerySet = Device.objects.filter(
        ~Exists(closed), pk__in=reported, state=DeviceState.PRESENT, is_private_home=False
    )
    return found


def suggest(device: Device) -> Suggestion | None:
    """Return what of a device is worth sending; None where there is nothing."""
    if device.state != DeviceState.PRESENT or device.is_private_home:
        return None
    reports = reports_for(device)
    if not reports:
        return None
    element = element_of(device)
    sent = _sent_of(reports[0])
    if reports[0].presence == Presence.GONE:
        return None if element is None or sent else _gone(device, reports, element)
    if element is None:
        return None if sent or _was_removed_since(device, reports[0]) else _new(device, reports[0])
    return _changed(device, reports, element, sent)


def element_of(device: Device) -> Element | None:
    """Return the object by which OSM shows a device now; nodes before ways."""
    found = Element.objects.there().filter(claim__device=device, is_visible=True)
    return found.order_by("osm_type", "osm_id").first()


def nodes_near(place: LonLat | None) -> list[int]:
    """Return the ids of OSM's nodes of devices where a new one is to be."""
    if place is None:
        return []
    near = Element.objects.there().in_bbox(BBox.around(place, SAME_RADIUS_M))
    ids = near.filter(osm_type=_NODE).order_by("osm_id").values_list("osm_id", flat=True)
    return list(ids)


def _reports() -> SightingQuerySet:
    return Sighting.objects.filter(
        state=SightingState.ACCEPTED,
        seen_how="on_site",
        has_osm_consent=True,
        claim__is_verified=True,
        claim__is_private_home=False,
    )


def _sent_of(report: Sighting) -> set[str]:
    """Return the fields of a report that went up before.

    Where OSM says otherwise again, somebody there disagreed: the same report is no second word.
    """
    sent = report.proposals.filter(
        state__in=[ProposalState.SENT, ProposalState.SEEN, ProposalState.REVERTED]
    ).exclude(action=Action.REVERT)
    return {name for proposal in sent for name in proposal.fields}


def _was_removed_since(device: Device, report: Sighting) -> bool:
    """Return whether OSM had an object of it, and lost it in the month of the report or later."""
    seen_to = report.claim.seen_to if report.claim else ""
    return device.claims.filter(source="osm", presence=Presence.GONE, seen_to__gte=seen_to).exists()


def _gone(device: Device, reports: list[Sighting], element: Element) -> Suggestion | None:
    attributes = device_attributes(element.tags)
    if attributes is None or attributes.status != "active":
        return None
    # A later report that saw it there contradicts those before it.
    months = set()
    for report in reports:
        if report.presence != Presence.GONE or report.claim is None:
            break
        months.add(report.claim.seen_to)
    return Suggestion(
        device=device,
        report=reports[0],
        element=element,
        action=Action.DISUSE,
        fields=(),
        is_gone_for_sure=len(months) > 1,
        month=_month(reports[0]),
    )


def _new(device: Device, report: Sighting) -> Suggestion | None:
    place = _placed(device)
    said = report.claim.attributes if report.claim else {}
    try:
        new_object(said)
    except TagError:
        return None
    if place is None:
        return None
    fields = tuple(Difference(name, None, said[name]) for name in FIELDS if said.get(name))
    return Suggestion(device, report, None, Action.CREATE, fields, place, month=_month(report))


def _changed(
    device: Device, reports: list[Sighting], element: Element, sent: set[str]
) -> Suggestion | None:
    report = reports[0]
    assert report.claim is not None  # accepted ones have one
    fields = [
        each
        for each in differences(element.tags, report.claim.attributes)
        if each.field not in sent
    ]
    ours, theirs = _placed(device), position_of(element.location)
    # Which of the reports led to the place is not told: the worst of them counts.
    accuracy_m = max(float(each.claim.accuracy_m or 0) for each in reports if each.claim)
    moves = (
        element.osm_type == _NODE
        and PLACE not in sent
        and ours is not None
        and theirs is not None
        and is_move(theirs, ours, accuracy_m=accuracy_m)
    )
    place, month = ours if moves else None, _month(report)
    suggestion = Suggestion(
        device, report, element, Action.MODIFY, tuple(fields), place, month=month
    )
    return suggestion if suggestion.is_worth_it else None


def _placed(device: Device) -> LonLat | None:
    """Return where a moderator has placed it; a phone's or a photo's own word is not enough."""
    if device.position_source != PositionSource.MODERATOR:
        return None
    return position_of(device.location)


def _month(report: Sighting) -> str:
    return report.claim.seen_to[:7] if report.claim else ""


def pending_for(device_id: UUID) -> Proposal | None:
    """Return what is already on its way of a device."""
    return Proposal.objects.open().filter(device=device_id).first()
