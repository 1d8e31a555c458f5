"""Reads of the mirror of OSM."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.gis.db.models import QuerySet
from django.db.models import Exists, OuterRef
from django.db.models.functions import Greatest, Least

from geo.bbox import BBox
from mapper.places.models import City
from mapper.sightings.models import Device
from mapper.sightings.querysets import DeviceQuerySet, in_bbox

if TYPE_CHECKING:
    from mapper.osm import models  # noqa: F401 - named in the quoted bases below


class ElementQuerySet(QuerySet["models.Element"]):
    """Elements."""

    def in_bbox(self, bbox: BBox) -> "ElementQuerySet":
        """Return those in a box; its borders count."""
        return self.filter(in_bbox(bbox))

    def there(self) -> "ElementQuerySet":
        """Return those that OSM still shows as a device."""
        return self.filter(claim__presence="there")

    def of_others(self) -> "ElementQuerySet":
        """Return those of which no version is ours: they say what we did not say first."""
        return self.filter(is_ours=False)

    def ids(self) -> dict[str, list[int]]:
        """Return OSM type -> ids."""
        return _ids(self)


class FollowingQuerySet(QuerySet["models.Following"]):
    """Servers of change files."""

    def followed(self) -> "FollowingQuerySet":
        """Return those that were asked; an extract only names one."""
        return self.filter(checked_at__isnull=False)


class MatchQuerySet(QuerySet["models.Match"]):
    """Matches."""

    def open(self) -> "MatchQuerySet":
        """Return those that are still to be settled, most certain first.

        What happened since the run counts: either was merged or erased, ours got an object of OSM,
        or a moderator told the two apart.
        """
        from mapper.osm.models import DistinctPair

        told_apart = DistinctPair.objects.filter(
            one=Least(OuterRef("device"), OuterRef("other")),
            other=Greatest(OuterRef("device"), OuterRef("other")),
        )
        there = self.filter(
            device__in=without_element(), other__state="present", other__is_private_home=False
        )
        return there.exclude(Exists(told_apart)).order_by("-chance", "id")


class DistinctPairQuerySet(QuerySet["models.DistinctPair"]):
    """Pairs that were told apart."""

    def of(self, device: UUID, other: UUID) -> "DistinctPairQuerySet":
        """Return the row of two devices, in whichever order."""
        one, other = sorted((device, other))
        return self.filter(one=one, other=other)

    def with_devices(self) -> "DistinctPairQuerySet":
        """Return them with both devices, and what each was merged into."""
        return self.select_related("one__merged_into", "other__merged_into")


def without_element(city: City | None = None) -> DeviceQuerySet:
    """Return the devices that somebody has checked and OSM says nothing of, of a city or of all."""
    ours = Device.objects.public().filter(is_private_home=False)
    return (ours if city is None else ours.filter(city=city)).exclude(sources__contains=["osm"])


class HeldChangeQuerySet(QuerySet["models.HeldChange"]):
    """Changes that wait for a moderator, or were left out."""

    def waiting(self) -> "HeldChangeQuerySet":
        """Return those on which nobody has decided."""
        return self.filter(is_dismissed=False)

    def count_changesets(self) -> int:
        """Return how many changesets wait."""
        return self.waiting().values("changeset").distinct().count()


class OsmFlagQuerySet(QuerySet["models.OsmFlag"]):
    """Flags on what is no device."""

    def in_bbox(self, bbox: BBox) -> "OsmFlagQuerySet":
        """Return those in a box; its borders count."""
        return self.filter(in_bbox(bbox))

    def ids(self) -> dict[str, list[int]]:
        """Return OSM type -> ids."""
        return _ids(self)


def known_ids() -> dict[str, set[int]]:
    """Return the ids of everything that we mirror."""
    from mapper.osm.models import Element, OsmFlag

    return {
        osm_type: set(ids)
        for osm_type, ids in joined_ids(Element.objects.all().ids(), OsmFlag.objects.ids()).items()
    }


def joined_ids(*parts: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return OSM type -> ids of several such."""
    joined: dict[str, list[int]] = defaultdict(list)
    for part in parts:
        for osm_type, ids in part.items():
            joined[osm_type] += ids
    return dict(joined)


def _ids(rows: "QuerySet[Any]") -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    names = ("osm_type", "osm_id")
    for osm_type, osm_id in rows.order_by(*names).values_list(*names):
        found[osm_type].append(osm_id)
    return dict(found)
