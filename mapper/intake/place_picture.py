"""The map picture on which a place is picked without JavaScript: where it looks, what is tapped."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language

from geo.errors import GeoError
from geo.position import LonLat, parse_lat, parse_lon
from mapper.basemap.view import MapView
from mapper.languages import BARE
from mapper.places.models import City

# A browser tells where its own pixels were tapped: the picture must be shown as large as it is,
# on the narrowest phone too.
SIDE_PX = 320
LEAST_ZOOM, MOST_ZOOM = 2, 19
# From here one sees which side of the street.
PLACE_FROM_ZOOM = 16
_STREET_ZOOM, _CITY_ZOOM, _COUNTRY_ZOOM = 17, 14, 5
_FRANCE = LonLat(2.35, 46.6)
# Web Mercator ends here.
_MOST_LAT = 85.0
_STEP_PX = SIDE_PX / 3

# What a button does: pixels to the right, pixels down, zoom levels.
MOVES = {
    "north": (0.0, -_STEP_PX, 0),
    "south": (0.0, _STEP_PX, 0),
    "west": (-_STEP_PX, 0.0, 0),
    "east": (_STEP_PX, 0.0, 0),
    "closer": (0.0, 0.0, 2),
    "further": (0.0, 0.0, -2),
}


@dataclass(frozen=True, slots=True)
class PlacePicture:
    """The middle and zoom of the picture, and the place that was picked, if any."""

    center: LonLat
    zoom: int
    picked: LonLat | None = None

    @property
    def url(self) -> str:
        """Return the picture's address."""
        query = QueryDict(mutable=True)
        query.update(
            {
                "lon": f"{self.center.lon:.6f}",
                "lat": f"{self.center.lat:.6f}",
                "zoom": str(self.zoom),
                "width": str(SIDE_PX),
                "height": str(SIDE_PX),
                "devices": "1",
                "lang": get_language() or BARE,
            }
        )
        if self.picked is not None:
            query["pin"] = f"{self.picked.lon:.6f},{self.picked.lat:.6f}"
        return f"{reverse('map_picture')}?{query.urlencode()}"

    @property
    def lon(self) -> str:
        """Return the middle's longitude as the form carries it."""
        return f"{self.center.lon:.6f}"

    @property
    def lat(self) -> str:
        """Return the middle's latitude as the form carries it."""
        return f"{self.center.lat:.6f}"

    @property
    def is_close(self) -> bool:
        """Return whether a tap places the pin; from further off it looks closer."""
        return self.zoom >= PLACE_FROM_ZOOM

    def moved(self, move: str) -> "PlacePicture":
        """Return the picture after a button; one that is not known changes nothing."""
        right_px, down_px, closer = MOVES.get(move, (0.0, 0.0, 0))
        center = self._at(SIDE_PX / 2 + right_px, SIDE_PX / 2 + down_px)
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, self.zoom + closer))
        return PlacePicture(center, zoom, self.picked)

    def tapped(self, x: float, y: float) -> "PlacePicture":
        """Return the picture after a tap: with a pin there, or from far off a closer look."""
        position = self._at(min(max(x, 0.0), SIDE_PX), min(max(y, 0.0), SIDE_PX))
        if self.is_close:
            return PlacePicture(position, self.zoom, position)
        return PlacePicture(position, min(self.zoom + 3, _STREET_ZOOM), self.picked)

    def _at(self, x: float, y: float) -> LonLat:
        return MapView(self.center, self.zoom, SIDE_PX, SIDE_PX).position_at(x, y)


def picture_from(fields: Mapping[str, str], picked: LonLat | None) -> PlacePicture:
    """Return the picture that a form or a link carries, or one of where we are at home."""
    center = _position(fields.get("map_lon", ""), fields.get("map_lat", ""))
    try:
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, int(fields.get("map_zoom", ""))))
    except ValueError:
        zoom = _STREET_ZOOM
    if center is not None:
        return PlacePicture(center, zoom, picked)
    if picked is not None and abs(picked.lat) <= _MOST_LAT:
        return PlacePicture(picked, _STREET_ZOOM, picked)
    return _home()


def picture_of_town(name: str) -> PlacePicture | None:
    """Return the picture of a town by its name or official code."""
    said = name.replace("\0", "").strip()[:200]
    towns = City.objects.filter(name__iexact=said) | City.objects.filter(code=said)
    town = towns.order_by(F("population").desc(nulls_last=True), "code").first() if said else None
    return None if town is None else _picture_of(town, _CITY_ZOOM)


def tap_in(fields: Mapping[str, str]) -> tuple[float, float] | None:
    """Return where the picture was tapped, in its pixels."""
    try:
        x, y = float(fields["place.x"]), float(fields["place.y"])
    except (KeyError, ValueError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _home() -> PlacePicture:
    """Return the only city there is, as in the demo, or the country."""
    towns = list(City.objects.all()[:2])
    return (
        _picture_of(towns[0], _CITY_ZOOM)
        if len(towns) == 1
        else PlacePicture(_FRANCE, _COUNTRY_ZOOM)
    )


def _picture_of(town: City, zoom: int) -> PlacePicture:
    inside = town.boundary.point_on_surface
    return PlacePicture(LonLat(inside.x, inside.y), zoom)


def _position(lon: str, lat: str) -> LonLat | None:
    try:
        position = LonLat(parse_lon(lon), parse_lat(lat))
    except GeoError:
        return None
    return position if abs(position.lat) <= _MOST_LAT else None
