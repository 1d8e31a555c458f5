"""What a report becomes as evidence: where it is placed, how it is dated, what it says.

The walker's position is not the device's: a point that nobody moved is cut to a grid where it
came from a photo or shows somebody's home.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from geo.direction import Arc, parse_directions
from geo.errors import shown
from geo.geodesy import distance_m, snap_to_grid
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.places.models import ExcludedArea
from mapper.sightings.facts import point_of, position_of
from mapper.sightings.models import Claim, Sighting
from mapper.sightings.projection import PRIVATE_HOME_CELL_M
from mapper.sightings.unchecked import PHOTO_CELL_M, month_of
from mapper.sightings.vocabulary import (
    Capability,
    Kind,
    OperatorType,
    PositionSource,
    Presence,
    Source,
    Status,
)

# Nobody sees half a metre on the map: a form sent back as it came has not been moved.
_UNMOVED_M = 0.5
_FARTHEST_M = 20_000.0
_MOST_ACCURACY_M = 10_000
_NEEDS_A_LABEL = ("capabilities", "manufacturer", "model")
_SAYS_NOTHING: tuple[object, ...] = (None, "", [], "unknown")


def private_position(sighting: Sighting) -> tuple[LonLat | None, str]:
    """Return where the report places it and what placed it: the walker first, then a photo."""
    position = position_of(sighting.location)
    if position is not None:
        return position, sighting.position_source
    for photo in sighting.photos.filter(exif_location__isnull=False).order_by("id")[:1]:
        return position_of(photo.exif_location), PositionSource.PHOTO
    return None, ""


def accuracy_of(sighting: Sighting) -> int | None:
    """Return how far off the report's photos may place it, in metres rounded up to ten."""
    said = sighting.photos.filter(exif_accuracy_m__gt=0).values_list("exif_accuracy_m", flat=True)
    worst = max((float(metres) for metres in said if metres is not None), default=None)
    return None if worst is None else min(math.ceil(worst / 10) * 10, _MOST_ACCURACY_M)


def placed_at(
    *, sighting: Sighting, position: LonLat | None, is_private_home: bool
) -> tuple[LonLat | None, str]:
    """Return the position to publish and its source; None where nothing places the device.

    Raises BadInput far from the report (swapped axes) and where nothing is taken.
    """
    said, source = private_position(sighting)
    placed, placed_by = said, source
    if position is not None and (said is None or distance_m(said, position) > _UNMOVED_M):
        _check_near(said, position)
        placed, placed_by = position, PositionSource.MODERATOR
    if placed is None:
        return None, ""
    if ExcludedArea.objects.cover(placed):
        raise BadInput(_("Nothing is taken at this place; move the point or refuse the report."))
    if is_private_home:
        placed = snap_to_grid(placed, PRIVATE_HOME_CELL_M)
    elif placed_by == PositionSource.PHOTO:
        placed = snap_to_grid(placed, PHOTO_CELL_M)
    return placed.rounded(), placed_by


def attributes_of(
    *, sighting: Sighting, corrections: Mapping[str, Any], has_label_photo: bool
) -> dict[str, Any]:
    """Return what the report says of the device, as a moderator corrected it; known values only.

    The walker's words for the operator are theirs: an organisation is published only where the
    moderator names it.
    """
    checked = checked_attributes(corrections)
    unbacked = [name for name in _NEEDS_A_LABEL if checked.get(name) and not has_label_photo]
    if unbacked:
        raise BadInput(
            _("%(names)s: only with a photo of the label or sign. Choose it, or leave this empty.")
            % {"names": ", ".join(unbacked)}
        )
    said: dict[str, Any] = {
        "kind": sighting.kind,
        "camera_type": sighting.camera_type,
        "mount": sighting.mount,
        "operator_type": sighting.operator_type,
    }
    if sighting.direction:
        said["directions"] = [arc.as_dict() for arc in parse_directions(sighting.direction)]
    return {name: value for name, value in (said | checked).items() if value not in _SAYS_NOTHING}


def make_claim(
    *,
    sighting: Sighting,
    position: LonLat | None,
    corrections: Mapping[str, Any],
    is_private_home: bool,
    label_photo: UUID | None,
) -> Claim:
    """Write the claim of a report that is being accepted; the caller attaches it."""
    if label_photo is not None and not sighting.photos.filter(id=label_photo).exists():
        raise BadInput(_("The photo of the label is not one of this report."))
    placed, placed_by = placed_at(
        sighting=sighting, position=position, is_private_home=is_private_home
    )
    attributes = attributes_of(
        sighting=sighting, corrections=corrections, has_label_photo=label_photo is not None
    )
    if is_private_home:
        attributes.pop("operator", None)
    month = month_of(sighting)
    return Claim.objects.create(
        source=Source.WALKER,
        is_verified=True,
        presence=sighting.presence,
        location=point_of(placed),
        position_source=placed_by,
        accuracy_m=accuracy_of(sighting),
        attributes=attributes,
        label_photo=label_photo,
        seen_from=month if sighting.presence == Presence.THERE else "",
        seen_to=month,
        is_private_home=is_private_home,
    )


def checked_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes of a moderator's hand, each in its form, or raise BadInput naming it."""
    unknown = sorted(set(attributes) - set(_CHECKS))
    if unknown:
        raise BadInput(
            _("%(names)s can't be set. Known attributes: %(known)s.")
            % {"names": ", ".join(unknown)[:100], "known": " ".join(_CHECKS)}
        )
    return {name: _CHECKS[name](name, value) for name, value in attributes.items()}


def _check_near(said: LonLat | None, position: LonLat) -> None:
    if said is None or distance_m(said, position) <= _FARTHEST_M:
        return
    raise BadInput(
        _(
            "This point is %(km)d km from where the report places it; are longitude and latitude "
            "swapped? If the report is wrong by so much, refuse it."
        )
        % {"km": distance_m(said, position) / 1000}
    )


def _refuse(name: str, value: object, rule: str) -> BadInput:
    return BadInput(
        _("%(name)s=%(value)s is not known. Choose among: %(rule)s.")
        % {"name": name, "value": shown(value), "rule": rule}
    )


def _one_of(*allowed: str) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if value in (None, "") or value in allowed:
            return value
        raise _refuse(name, value, " ".join(allowed))

    return check


def _text(name: str, value: Any) -> Any:
    if value is None:
        return value
    if not isinstance(value, str) or len(value) > 255 or "\x00" in value:
        raise _refuse(name, value, _("a text of at most 255 characters"))
    return value.strip()


def _number(least: float, most: float) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is None or (is_number and least <= value <= most):
            return value
        raise _refuse(name, value, _("%(least)d to %(most)d") % {"least": least, "most": most})

    return check


def _arcs(name: str, value: Any) -> list[dict[str, float]]:
    return [Arc.from_dict(arc).as_dict() for arc in value or []]


def _capabilities(name: str, value: Any) -> list[str]:
    return [_one_of(*Capability.values)(name, capability) for capability in value or []]


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "kind": _one_of(*Kind.values),
    "camera_type": _text,
    "mount": _text,
    "directions": _arcs,
    "tilt_down_deg": _number(0, 90),
    "height_m": _number(0, 300),
    "surveillance": _text,
    "zone": _text,
    "operator": _text,
    "operator_type": _one_of(*OperatorType.values),
    "manufacturer": _text,
    "model": _text,
    "capabilities": _capabilities,
    "status": _one_of(*Status.values),
}
