"""What is held of OSM's changes, by changeset: shown, applied after all, or left out for good."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from mapper.errors import Conflict
from mapper.osm.actions import LoadReport, load_objects
from mapper.osm.models import HeldChange
from mapper.osm.objects import OsmObject
from mapper.sightings.facts import position_of


@dataclass(frozen=True, slots=True)
class HeldChangeset:
    """What waits of one changeset; 0 is what named none."""

    changeset: int
    changes: list[HeldChange]

    @property
    def removed(self) -> int:
        """Return how many devices it removes."""
        return sum(change.reason == "removed" for change in self.changes)

    @property
    def moved(self) -> int:
        """Return how many devices it moves."""
        return len(self.changes) - self.removed

    @property
    def state(self) -> str:
        """Return what changes when any of it does: objects leave, versions grow."""
        return _state(self.changes)


def held_changesets() -> list[HeldChangeset]:
    """Return what waits for a moderator, the largest first."""
    found: dict[int, list[HeldChange]] = {}
    waiting = HeldChange.objects.waiting().select_related("element__claim")
    for change in waiting.order_by("changeset", "osm_type", "osm_id"):
        found.setdefault(change.changeset, []).append(change)
    groups = [HeldChangeset(number, changes) for number, changes in found.items()]
    return sorted(groups, key=lambda group: (-len(group.changes), group.changeset))


def name_of(changeset: int) -> UUID:
    """Return the id under which decisions name a changeset of OSM."""
    return uuid5(NAMESPACE_URL, f"https://www.openstreetmap.org/changeset/{changeset}")


@transaction.atomic
def apply_held(*, changeset: int, state: str) -> LoadReport:
    """Let what was held of a changeset happen after all; Conflict where it is not what was seen."""
    changes = _locked(changeset, state)
    report = load_objects(objects=[_as_object(change) for change in changes], is_quiet=True)
    HeldChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
    return report


@transaction.atomic
def keep_ours(*, changeset: int, state: str) -> int:
    """Leave out what was held of a changeset; a later version of an object is judged anew."""
    changes = _locked(changeset, state)
    rows = HeldChange.objects.filter(pk__in=[change.pk for change in changes])
    return rows.update(is_dismissed=True)


def _state(changes: list[HeldChange]) -> str:
    return f"{len(changes)}-{sum(change.version for change in changes)}"


def _locked(changeset: int, state: str) -> list[HeldChange]:
    rows = HeldChange.objects.waiting().select_for_update().filter(changeset=changeset)
    changes = list(rows.order_by("osm_type", "osm_id"))
    if not changes:
        raise Conflict(_("Nothing of this changeset is held (any more); reload the page."))
    if state != _state(changes):
        raise Conflict(
            _("What is held of it changed while you looked at it; reload the page, then decide.")
        )
    return changes


def _as_object(change: HeldChange) -> OsmObject:
    return OsmObject(
        osm_type=change.osm_type,
        osm_id=change.osm_id,
        version=change.version,
        timestamp=change.timestamp,
        tags=change.tags,
        position=position_of(change.location),
        is_visible=change.is_visible,
        changeset=change.changeset,
    )
