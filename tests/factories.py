"""Rows for tests, each as the actions would leave it; photos have real files."""

import io
import uuid
from datetime import timedelta

import factory
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone
from PIL import Image

from mapper.accounts.models import Role, User
from mapper.documents.models import Citation, Document
from mapper.dossiers.models import Dossier
from mapper.osm.models import Element
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.places.models import City, ExcludedArea, School
from mapper.sightings.actions import attach_claim
from mapper.sightings.models import Claim, Device, Event, Receipt, Sighting

# Where tests happen: a square in Rennes.
LON, LAT = -1.68, 48.11
PASSWORD = "correct horse battery staple"  # not a secret: everybody's in tests


def point(lon=LON, lat=LAT):
    return Point(lon, lat, srid=4326)


def box(west, south, east, north):
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


def jpeg(size=(64, 48), colour="grey"):
    """Return a JPEG as the cleaning writes it: pixels and nothing else."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG")
    return written.getvalue()


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff-{n}")
    role = Role.MODERATOR
    is_staff = True
    password = factory.django.Password(PASSWORD)


class CityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = City

    code = factory.Sequence(lambda n: f"{35000 + n}")
    name = "Rennes"
    slug = factory.LazyAttribute(lambda city: f"{city.name.lower()}-{city.code}")
    boundary = factory.LazyFunction(lambda: box(-1.75, 48.07, -1.62, 48.16))
    area_km2 = 50.4
    population = 225_000


class ExcludedAreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ExcludedArea

    code = factory.Sequence(lambda n: f"area-{n}")
    name = "Shelter"
    area = factory.LazyFunction(lambda: box(-1.70, 48.12, -1.69, 48.13))


class SchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = School

    code = factory.Sequence(lambda n: f"school-{n}")
    name = "École des Lilas"
    area = factory.LazyFunction(lambda: box(-1.68, 48.12, -1.679, 48.121))


class ClaimFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Claim

    source = "walker"
    is_verified = factory.LazyAttribute(lambda claim: claim.source == "walker")
    location = factory.LazyFunction(point)
    position_source = "moderator"
    attributes = factory.LazyFunction(lambda: {"kind": "camera", "camera_type": "dome"})
    seen_from = "2026-05"
    seen_to = "2026-05"


def make_device(**claim) -> Device:
    """Make a device of one claim."""
    return attach_claim(claim=ClaimFactory(**claim), device=None, decision=uuid.uuid4())


def make_osm_device(lon=LON, lat=LAT, **tags) -> Device:
    """Make the device of an OSM node."""
    tags = {"man_made": "surveillance", "surveillance:type": "camera", **tags}
    claim = ClaimFactory(
        source="osm",
        location=point(lon, lat),
        position_source="osm",
        attributes={"kind": "camera", "status": "active"},
        seen_from="",
        seen_to="",
    )
    Element.objects.create(
        osm_type="node",
        osm_id=uuid.uuid4().int % 10**9,
        version=3,
        tags=tags,
        location=claim.location,
        claim=claim,
    )
    return attach_claim(claim=claim, device=None, decision=None)


class SightingFactory(factory.django.DjangoModelFactory):
    """A report that waits for a moderator."""

    class Meta:
        model = Sighting

    kind = "camera"
    camera_type = "dome"
    mount = "pole"
    direction = "90"
    operator_type = "public"
    location = factory.LazyFunction(point)
    position_source = "walker"
    photo_use = "public"
    arrived_at = factory.LazyFunction(timezone.now)
    seen_on = "2026-05-12"
    operator = "The neighbour at number 12"
    note = "I was on my way to the meeting"
    phone_key = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    body_key = "b" * 64


class ReceiptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Receipt

    code_key = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    sighting = factory.SubFactory(SightingFactory)


class PhotoFactory(factory.django.DjangoModelFactory):
    """A cleaned photo of a report, with its pixel copies in quarantine."""

    class Meta:
        model = Photo

    sighting = factory.SubFactory(SightingFactory)
    state = "awaiting_review"
    may_be_public = True
    arrived_at = factory.LazyFunction(timezone.now)
    exif_location = factory.LazyFunction(point)
    exif_direction_deg = 87.5
    exif_direction_reference = "true"
    captured_local = "2026-05-12T14:03:05"
    captured_offset = "+02:00"
    width_px = 64
    height_px = 48
    pixel_copy_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    pixel_name = factory.LazyFunction(
        lambda: storage.write(storage.quarantine(), jpeg(), suffix=storage.PICTURE)
    )
    covered_name = factory.LazyFunction(
        lambda: storage.write(storage.quarantine(), jpeg(), suffix=storage.PICTURE)
    )
    is_searched = True
    covered_thumbnail_name = factory.LazyFunction(
        lambda: storage.write(storage.quarantine(), jpeg((16, 12)), suffix=storage.PICTURE)
    )


class EventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Event

    kind = "drone_flight"
    location = factory.LazyFunction(point)
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=3))
    ends_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=2))
    verification = "verified"
    updated_on = factory.LazyFunction(lambda: timezone.now().date())


class DocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Document

    slug = factory.Sequence(lambda n: f"deliberation-{n}")
    title = "Délibération"
    sha256 = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    size_bytes = 1000
    page_count = 3
    is_public = True


class CitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Citation

    document = factory.SubFactory(DocumentFactory)
    page = 2
    quote = "vingt caméras"


class DossierFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Dossier

    city = factory.SubFactory(CityFactory)
