"""What do we know, from the spot, that OSM does not say? Suggestions: nothing is stored of them.

Only a report that was seen on the spot, that its author gave on to OSM, and that a moderator
accepted may be suggested; never a private home, an import, a document or a moderator's own reading.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from geo.errors import TagError
from geo.osm_evidence import FIELDS, Difference, differences, is_move, new_object
from geo.osm_tags import device_attributes
from geo.position import LonLat
from mapper.osm.models import Element
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Sighting
from mapper.sightings.querysets import DeviceQuerySet, SightingQuerySet
from mapper.sightings.vocabulary import DeviceState, PositionSource, Presence, SightingState
from mapper.upstream.models import Action, Proposal, ProposalState

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
    report = reports[0]
    assert report.claim is not None  # accepted ones have one
    if report.presence == Presence.GONE:
        return None if element is None else _gone(device, reports, element)
    return _new(device, report) if element is None else _changed(device, report, element)


def element_of(device: Device) -> Element | None:
    """Return the object by which OSM shows a device now; nodes before ways."""
    found = Element.objects.there().filter(claim__device=device, is_visible=True)
    return found.order_by("osm_type", "osm_id").first()


def _reports() -> SightingQuerySet:
    return Sighting.objects.filter(
        state=SightingState.ACCEPTED,
        seen_how="on_site",
        has_osm_consent=True,
        claim__is_verified=True,
        claim__is_private_home=False,
    )


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


def _changed(device: Device, report: Sighting, element: Element) -> Suggestion | None:
    assert report.claim is not None  # accepted ones have one
    fields = tuple(differences(element.tags, report.claim.attributes))
    ours, theirs = _placed(device), position_of(element.location)
    is_node = element.osm_type == _NODE
    accuracy_m = float(report.claim.accuracy_m or 0)
    moves = is_node and ours and theirs and is_move(theirs, ours, accuracy_m=accuracy_m)
    suggestion = Suggestion(
        device,
        report,
        element,
        Action.MODIFY,
        fields,
        ours if moves else None,
        month=_month(report),
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
