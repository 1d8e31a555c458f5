"""One parser of device filters for all doors: pages, downloads, API, tiles, commands.

Filters: kind operator_type status verification city bbox seen_since changed_since. An unknown one
is refused by name; values of one filter are joined by commas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.gis.db.models import QuerySet
from django.db.models import Q
from django.db.models.functions import Left
from django.http import QueryDict
from django.utils.translation import gettext as _

from geo.bbox import BBox
from geo.partial_date import parse_partial_date
from mapper.errors import BadInput
from mapper.places.models import City
from mapper.sightings.models import Device
from mapper.sightings.querysets import in_bbox
from mapper.sightings.vocabulary import Kind, OperatorType, Status, Verification

CHOICES: dict[str, Sequence[str]] = {
    "kind": Kind.values,
    "operator_type": OperatorType.values,
    "status": Status.values,
    # Devices that nobody has checked are in no download, list or tile, whatever is asked.
    "verification": [value for value in Verification.values if value != "unverified"],
}
NAMES = (*CHOICES, "city", "bbox", "seen_since", "changed_since")
DEFAULT_VERIFICATION = ("verified", "osm_only")


@dataclass(frozen=True)
class DeviceFilter:
    """What to select; empty means no limit."""

    kind: tuple[str, ...] = ()
    operator_type: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    verification: tuple[str, ...] = DEFAULT_VERIFICATION
    city: City | None = None
    bbox: BBox | None = None
    seen_since: str = ""
    changed_since: date | None = None
    # The parameters as they were given, for links that keep them.
    given: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(
        cls, query: QueryDict | Mapping[str, str], *, also: Sequence[str] = ()
    ) -> "DeviceFilter":
        """Return the filter of a query string; `also` names parameters that are not filters.

        Raises BadInput naming the parameter, the value and what is allowed.
        """
        given = given_filters(query, NAMES, also=also)
        values: dict[str, Any] = {
            name: choices_of(name, given[name], CHOICES[name]) for name in CHOICES if name in given
        }
        if "city" in given:
            values["city"] = _city(given["city"])
        if "bbox" in given:
            values["bbox"] = BBox.parse(given["bbox"])
        if "seen_since" in given:
            values["seen_since"] = str(parse_partial_date(given["seen_since"]))
        if "changed_since" in given:
            values["changed_since"] = parse_partial_date(given["changed_since"]).first_day
        return cls(**values, given=given)

    @property
    def is_default(self) -> bool:
        """Return whether this is the whole default download."""
        return not self.given

    def condition(self) -> Q:
        """Return the filter as a condition on devices."""
        condition = Q(state="present", verification__in=self.verification)
        for name in ("kind", "operator_type", "status"):
            if getattr(self, name):
                condition &= Q(**{f"{name}__in": getattr(self, name)})
        if self.city is not None:
            condition &= Q(city=self.city)
        if self.bbox is not None:
            condition &= in_bbox(self.bbox)
        if self.changed_since is not None:
            condition &= Q(updated_on__gte=self.changed_since)
        return condition

    def apply(self, devices: "QuerySet[Device]") -> "QuerySet[Device]":
        """Return the devices that the filter selects.

        `seen_since` compares as far as both dates are known: a device last seen in "2024" counts
        as seen since 2024-05, since it may have been.
        """
        devices = devices.filter(self.condition())
        if self.seen_since:
            length = len(self.seen_since)
            devices = (
                devices.alias(_cut=Left("last_seen", length))
                .filter(
                    Q(_cut__gte=self.seen_since)
                    | Q(last_seen=self.seen_since[:4])
                    | Q(last_seen=self.seen_since[:7]),
                )
                .exclude(last_seen="")
            )
        return devices


def given_filters(
    query: QueryDict | Mapping[str, str], known: Sequence[str], *, also: Sequence[str]
) -> dict[str, str]:
    """Return the filters of a query that say something; refuse what is neither known nor `also`."""
    given = {name: str(query[name]).strip() for name in query if name not in also}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BadInput(
            _("Unknown filter: %(name)s. The known ones are: %(known)s.")
            % {"name": ", ".join(unknown)[:100], "known": " ".join(known)},
            code="unknown-filter",
        )
    return {name: value for name, value in given.items() if value}


def choices_of(name: str, text: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return a comma-separated list of allowed words."""
    values = tuple(dict.fromkeys(value.strip() for value in text.split(",")))
    for value in values:
        if value not in allowed:
            raise BadInput(
                _("%(name)s=%(value)s is not known. Choose among: %(allowed)s.")
                % {"name": name, "value": value[:60], "allowed": " ".join(allowed)},
                code="unknown-value",
            )
    return values


def _city(text: str) -> City:
    """Return the city of a slug or a code."""
    # PostgreSQL takes no NUL in a text.
    text = text.replace("\x00", "�")
    city = City.objects.filter(Q(slug=text) | Q(code=text)).order_by("country", "code").first()
    if city is None:
        raise BadInput(
            _("There is no city %(value)s here. Use a slug or a code of /cities/.")
            % {"value": text[:60]},
            code="unknown-city",
        )
    return city
