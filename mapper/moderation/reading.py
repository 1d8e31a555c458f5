"""What a moderator looks at: the queue, a report with all it says, a device with its history."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import QuerySet
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from geo.position import LonLat
from mapper.moderation.evidence import private_position
from mapper.moderation.models import Decision, Question
from mapper.moderation.order import NEIGHBOURHOOD_M, ranked
from mapper.moderation.recording import PENDING
from mapper.osm.models import Element
from mapper.photos.models import Photo, PhotoState
from mapper.places.models import City, ExcludedArea
from mapper.sightings.facts import position_of
from mapper.sightings.models import Claim, Device, Receipt, Sighting
from mapper.sightings.unchecked import device_of_unchecked

_MOST_NEIGHBOURS = 40


@dataclass(frozen=True)
class Neighbour:
    """A device near a report, with what OpenStreetMap says of it."""

    device: Device
    label: str
    distance_m: float
    element: Element | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for scripts."""
        device = self.device
        position = position_of(device.location)
        assert position is not None  # a database constraint of present devices
        return {
            "id": str(device.id),
            "label": self.label,
            "lon": position.lon,
            "lat": position.lat,
            "kind": device.kind,
            "camera_type": device.camera_type,
            "status": device.status,
            "verification": device.verification,
            "direction": json.dumps(device.directions),
            "last_seen": device.last_seen,
            "distance_m": round(self.distance_m, 1),
            "osm_tags": self.element.tags if self.element else {},
        }


@dataclass(frozen=True)
class ReportFile:
    """A report with all that a decision rests on."""

    sighting: Sighting
    position: LonLat | None
    position_source: str
    city: City | None
    is_excluded: bool
    photos: list[Photo]
    neighbours: list[Neighbour]
    receipt: Receipt | None
    decisions: list[Decision]

    @property
    def is_pending(self) -> bool:
        """Return whether it waits for a decision."""
        return self.sighting.state in PENDING

    @property
    def question(self) -> str:
        """Return in words what the author was asked, empty if nothing."""
        asked = self.receipt.question if self.receipt else ""
        return str(Question(asked).label) if asked in Question.values else ""

    @property
    def photo_with_position(self) -> Photo | None:
        """Return the first photo that says where it was taken."""
        return next((photo for photo in self.photos if photo.exif_location), None)

    @property
    def photo_with_direction(self) -> Photo | None:
        """Return the first photo that says which way it looks."""
        return next((p for p in self.photos if p.exif_direction_deg is not None), None)


@dataclass(frozen=True)
class DeviceFile:
    """A device in any state, with its evidence, its photos and what was decided."""

    device: Device
    survivor: Device | None
    claims: list[tuple[Claim, Element | None]]
    photos: list[Photo]
    neighbours: list[Neighbour]
    decisions: list[Decision]


def queue() -> QuerySet[Any]:
    """Return the reports that wait, in their order, each with its city and photos counted."""
    covering = City.objects.filter(boundary__covers=OuterRef("location"))
    photos = Photo.objects.filter(sighting=OuterRef("pk")).order_by().values("sighting")
    waiting: QuerySet[Any] = (
        ranked()
        .annotate(
            city_name=Subquery(covering.order_by("country", "code").values("name")[:1]),
            photo_count=Coalesce(Subquery(photos.annotate(n=Count("id")).values("n")), 0),
        )
        .select_related("receipt", "claim", "passage")
    )
    return waiting


def open_report(sighting: Sighting) -> ReportFile:
    """Return a report with its photos, neighbours and history."""
    position, source = private_position(sighting)
    return ReportFile(
        sighting=sighting,
        position=position,
        position_source=source,
        city=City.objects.defer("boundary").covering(position) if position else None,
        is_excluded=position is not None and ExcludedArea.objects.cover(position),
        photos=list(sighting.photos.exclude(state=PhotoState.DELETED).order_by("id")),
        neighbours=_others_near(sighting, position) if position else [],
        receipt=Receipt.objects.filter(sighting=sighting).first(),
        decisions=list(Decision.objects.about_report(sighting.id)),
    )


def open_device(device: Device) -> DeviceFile:
    """Return a device with its evidence, photos, neighbours and history."""
    claims = list(
        device.claims.select_related("sighting", "linked_picture").order_by("-seen_to", "id")
    )
    elements = _elements_of(claims)
    position = position_of(device.location)
    photos = Photo.objects.filter(sighting__claim__in=claims).exclude(state=PhotoState.DELETED)
    return DeviceFile(
        device=device,
        survivor=device.merged_into,
        claims=[(claim, elements.get(claim.id)) for claim in claims],
        photos=list(photos.order_by("id")),
        neighbours=neighbours_of(position, but=device.id) if position else [],
        decisions=list(Decision.objects.about_device(device.id)),
    )


def neighbours_of(position: LonLat, *, but: UUID | None = None) -> list[Neighbour]:
    """Return the devices within 50 m, nearest first; three queries, however many there are."""
    near = Device.objects.present().near(position, NEIGHBOURHOOD_M)
    devices = list((near.exclude(id=but) if but else near)[:_MOST_NEIGHBOURS])
    claims = list(Claim.objects.filter(device__in=devices, source="osm"))
    elements = _elements_of(claims)
    by_device = {claim.device_id: elements.get(claim.id) for claim in claims}
    return [
        Neighbour(
            device=device,
            label=str(number),
            distance_m=device.distance.m,  # type: ignore[attr-defined]  # annotated by near()
            element=by_device.get(device.id),
        )
        for number, device in enumerate(devices, start=1)
    ]


def _others_near(sighting: Sighting, position: LonLat) -> list[Neighbour]:
    """Return the devices near a report but the one that it put on the map itself."""
    own = device_of_unchecked(sighting)
    return neighbours_of(position, but=own.id if own else None)


def _elements_of(claims: list[Claim]) -> dict[UUID, Element]:
    return {element.claim_id: element for element in Element.objects.filter(claim__in=claims)}
