"""Says whether an editor who is limited to cities may cite this of that."""

from geo.position import LonLat
from mapper.accounts.limits import require_cities
from mapper.accounts.models import User
from mapper.documents.models import Document
from mapper.places.models import City
from mapper.sightings.models import Device, Event


def require_citing(
    *,
    editor: User | None,
    document: Document,
    device: Device | None,
    event: Event | None,
    location: LonLat | None,
) -> None:
    """Refuse a citation of another city's document, or of what stands in another city."""
    if editor is None:
        return
    require_cities(editor=editor, cities=document.cities.all())
    cities = [thing.city for thing in (device, event) if thing is not None]
    if location is not None:
        cities.append(City.objects.defer("boundary").covering(location))
    for city in cities:
        require_cities(editor=editor, cities=[city])
