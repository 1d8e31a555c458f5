"""Reads of the mirror of OSM."""

from collections import defaultdict
from typing import TYPE_CHECKING

from django.contrib.gis.db.models import QuerySet

from geo.bbox import BBox
from mapper.sightings.querysets import in_bbox

if TYPE_CHECKING:
    from mapper.osm import models  # noqa: F401 - named in the quoted base below


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
        found: dict[str, list[int]] = defaultdict(list)
        for osm_type, osm_id in self.order_by("osm_type", "osm_id").values_list(
            "osm_type", "osm_id"
        ):
            found[osm_type].append(osm_id)
        return dict(found)


class FollowingQuerySet(QuerySet["models.Following"]):
    """Servers of change files."""

    def followed(self) -> "FollowingQuerySet":
        """Return those that were asked; an extract only names one."""
        return self.filter(checked_at__isnull=False)


def known_ids() -> dict[str, set[int]]:
    """Return the ids of everything that we mirror."""
    from mapper.osm.models import Element

    return {osm_type: set(ids) for osm_type, ids in Element.objects.all().ids().items()}
