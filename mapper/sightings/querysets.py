"""Reads of claims, devices, sightings and events; what a stranger may see is said here alone."""

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.gis.db.models import QuerySet
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point, Polygon
from django.contrib.gis.measure import D
from django.db.models import Q
from django.utils import timezone

from geo.bbox import BBox
from geo.position import LonLat

if TYPE_CHECKING:
    from mapper.sightings import models  # noqa: F401 - named in the quoted bases below


def in_bbox(bbox: BBox, field: str = "location") -> Q:
    """Return the condition that a geometry meets a box, in one or two parts."""
    condition = Q()
    for part in bbox.parts():
        polygon = Polygon.from_bbox((part.west, part.south, part.east, part.north))
        polygon.srid = 4326
        condition |= Q(**{f"{field}__intersects": polygon})
    return condition


# As `projection.rests_on_unchecked`: on the map alone, in no list, download or figure.
RESTS_ON_UNCHECKED = Q(verification="unverified") | Q(
    verification="declared", sources__contains=["walker"]
)


class ClaimQuerySet(QuerySet["models.Claim"]):
    """Claims."""

    def in_force(self) -> "ClaimQuerySet":
        """Return those that stand on a device."""
        return self.filter(device__isnull=False)


class DeviceQuerySet(QuerySet["models.Device"]):
    """Devices."""

    def present(self) -> "DeviceQuerySet":
        """Return those that have a page of their own."""
        return self.filter(state="present")

    def public(self) -> "DeviceQuerySet":
        """Return what may be listed, counted and downloaded: present, and somebody checked it."""
        return self.present().exclude(RESTS_ON_UNCHECKED)

    def shown(self) -> "DeviceQuerySet":
        """Return what the map shows: the public ones, and what nobody has checked, marked so."""
        return self.present() if settings.PUBLISH_UNVERIFIED else self.public()

    def counted(self) -> "DeviceQuerySet":
        """Return what statistics may count: no speed camera, nothing removed or planned."""
        return self.public().exclude(kind="speed_camera").filter(status__in=["active", "disused"])

    def in_bbox(self, bbox: BBox) -> "DeviceQuerySet":
        """Return those in a box; its borders count."""
        return self.filter(in_bbox(bbox))

    def near(self, position: LonLat, radius_m: float) -> "DeviceQuerySet":
        """Return those within a distance on the ellipsoid; the box first, so the index serves."""
        point = Point(position.lon, position.lat, srid=4326)
        boxed = self.in_bbox(BBox.around(position, radius_m))
        measured = boxed.annotate(distance=Distance("location", point, spheroid=True))
        near: DeviceQuerySet = measured.filter(distance__lte=D(m=radius_m)).order_by("distance")
        return near


class SightingQuerySet(QuerySet["models.Sighting"]):
    """Reports."""

    def pending(self) -> "SightingQuerySet":
        """Return what waits for a moderator, in the order it is worked through."""
        return self.filter(state__in=["received", "question_asked"]).order_by(
            "is_slow", "arrived_at"
        )

    def in_bbox(self, bbox: BBox) -> "SightingQuerySet":
        """Return those placed in a box; its borders count."""
        return self.filter(in_bbox(bbox))

    def accepted(self) -> "SightingQuerySet":
        """Return what became evidence."""
        return self.filter(state="accepted")


class EventQuerySet(QuerySet["models.Event"]):
    """Events."""

    def public(self) -> "EventQuerySet":
        """Return those that ended at least a day ago and are not unverified."""
        day_ago = timezone.now() - datetime.timedelta(days=1)
        return self.filter(state="present", ends_at__lte=day_ago).exclude(verification="unverified")
