"""A device as a case file: what we believe, the evidence in order, and what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from geo.direction import Arc, format_directions
from geo.geojson import feature, point
from geo.open_photos import OpenPhoto, open_photos_of_tags
from mapper.documents.models import Citation
from mapper.moderation.models import Act, Decision
from mapper.osm.models import Element
from mapper.photos.models import Photo
from mapper.sightings.facts import position_of
from mapper.sightings.models import Attachment, Claim, Device, DeviceCapability


@dataclass
class Evidence:
    """One claim with what holds it: a sighting, an OSM element or a citation."""

    claim: Claim
    element: Element | None = None
    citation: Citation | None = None
    photos: list[Photo] = field(default_factory=list)
    # Several reports agreed, and a rule of the instance accepted this one, not a moderator.
    is_by_agreement: bool = False

    @property
    def open_photos(self) -> tuple[OpenPhoto, ...]:
        """Return the pictures of open photo services that it names; a private home's has none."""
        if self.is_linked_picture:
            return (self.claim.linked_picture.open_photo,)
        return open_photos_of_tags(self.element.tags) if self.element else ()

    @property
    def is_linked_picture(self) -> bool:
        """Return whether it is a picture that a moderator linked, and nothing else."""
        return hasattr(self.claim, "linked_picture")

    @property
    def dated(self) -> str:
        """Return the partial date the evidence speaks of."""
        return self.claim.seen_to or self.claim.seen_from


@dataclass
class CaseFile:
    """Everything a device's page shows."""

    device: Device
    evidence: list[Evidence]
    capabilities: list[DeviceCapability]
    decisions: list[Decision]

    @property
    def photos(self) -> list[Photo]:
        """Return the published photos of all the evidence."""
        return [photo for evidence in self.evidence for photo in evidence.photos]

    @property
    def citations(self) -> list[Citation]:
        """Return the citations of public documents."""
        return [evidence.citation for evidence in self.evidence if evidence.citation]

    @property
    def element(self) -> Element | None:
        """Return the OSM object behind the device, where there is one."""
        return next((e.element for e in self.evidence if e.element), None)


def open_case(device: Device) -> CaseFile:
    """Return the case file of a device; seven queries, however much evidence there is."""
    claims = list(device.claims.select_related("sighting", "linked_picture"))
    # A private home's element leads to its exact point, and often to a name.
    mirrored = Element.objects.filter(claim__in=[] if device.is_private_home else claims)
    elements = {e.claim_id: e for e in mirrored}
    cited = Citation.objects.filter(claim__in=claims, document__is_public=True)
    citations = {c.claim_id: c for c in cited.select_related("document")}
    photos: dict[UUID, list[Photo]] = {}
    for photo in Photo.objects.public().filter(sighting__claim__in=claims).order_by("id"):
        photos.setdefault(photo.sighting_id, []).append(photo)
    agreed = _agreed(claims)
    evidence = [
        Evidence(
            claim=claim,
            element=elements.get(claim.id),
            citation=citations.get(claim.id),
            photos=photos.get(claim.sighting.id, []) if hasattr(claim, "sighting") else [],
            is_by_agreement=claim.id in agreed,
        )
        for claim in claims
        # What an unpublished document says is not public, nor a picture of a private home.
        if (claim.source != "document" or claim.id in citations)
        and not (device.is_private_home and hasattr(claim, "linked_picture"))
    ]
    evidence.sort(key=lambda item: (item.dated, str(item.claim.id)), reverse=True)
    moved_by = Attachment.objects.filter(device=device, decision__isnull=False)
    return CaseFile(
        device=device,
        evidence=evidence,
        capabilities=list(device.capabilities.select_related("claim").order_by("name")),
        decisions=list(
            Decision.objects.filter(id__in=moved_by.values("decision")).order_by("-made_on", "id")
        ),
    )


def _agreed(claims: Iterable[Claim]) -> set[UUID]:
    """Return the claims that verify because reports agreed."""
    by_report = {claim.sighting.id: claim.id for claim in claims if hasattr(claim, "sighting")}
    agreed = Decision.objects.filter(
        act=Act.CONFIRM, target__in=list(by_report), undone_by__isnull=True
    )
    return {by_report[target] for target in agreed.values_list("target", flat=True)}


def as_feature(case: CaseFile) -> dict[str, Any]:
    """Return a case file as a GeoJSON feature: what the page says, for programs."""
    device = case.device
    position = position_of(device.location)
    assert position is not None  # a database constraint of present devices
    properties = {
        "url": reverse("device", args=[device.id]),
        "kind": device.kind,
        "camera_type": device.camera_type,
        "mount": device.mount,
        "directions": direction_texts(device.directions),
        "height_m": device.height_m,
        "surveillance": device.surveillance,
        "zone": device.zone,
        "operator": "" if device.is_private_home else device.operator,
        "operator_type": device.operator_type,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "capabilities": [capability.name for capability in case.capabilities],
        "status": device.status,
        "verification": device.verification,
        "sources": device.sources,
        "first_seen": device.first_seen,
        "last_seen": device.last_seen,
        "position_source": device.position_source,
        "city_code": device.city.code if device.city else None,
        "provenance": device.provenance,
        "claims": [_claim(item) for item in case.evidence],
        "photos": [reverse("photo", args=[photo.public_name]) for photo in case.photos],
    }
    return feature(point(position), properties, id=str(device.id))


def direction_texts(arcs: Iterable[Mapping[str, float]]) -> list[str]:
    """Return arcs in OSM's grammar, one text an arc."""
    return [format_directions([Arc.from_dict(arc)]) for arc in arcs]


def _claim(item: Evidence) -> dict[str, Any]:
    """Return one piece of evidence for programs."""
    claim = item.claim
    said: dict[str, Any] = {
        "id": str(claim.id),
        "source": claim.source,
        "is_verified": claim.is_verified,
        "is_by_agreement": item.is_by_agreement,
        "presence": claim.presence,
        "seen_from": claim.seen_from,
        "seen_to": claim.seen_to,
    }
    if item.element:
        said["osm"] = {
            "type": item.element.osm_type,
            "id": item.element.osm_id,
            "version": item.element.version,
            "tags": item.element.tags,
        }
    if item.open_photos:
        said["pictures"] = [
            {"service": picture.service, "url": picture.url} for picture in item.open_photos
        ]
    if item.citation:
        said["citation"] = {
            "document": reverse("document", args=[item.citation.document.slug]),
            "page": item.citation.page,
            "quote": item.citation.quote,
        }
    return said
