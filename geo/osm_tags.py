"""What do OSM's tags say of a device, and how is a change said in tags? One table, both directions.

Reading derives attributes and never alters a tag; writing starts from the raw tags and touches only
the keys whose meaning changes, so that `apply_attributes(tags, {}) == tags` byte for byte. Sources:
wiki Tag:man_made=surveillance, Key:camera:direction, Lifecycle_prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from geo.direction import Arc
from geo.errors import TagError, shown
from geo.osm_aliases import reader
from geo.osm_lists import has_value, put_in_value, take_out_value
from geo.osm_values import (
    checked_text,
    names_plate_reader,
    read_date,
    read_directions,
    read_height_m,
    read_kind,
    read_text,
    read_tilt_deg,
    write_date,
    write_directions,
    write_height,
    write_kind,
    write_text,
    write_tilt,
)
from geo.partial_date import date_range, is_partial_date, latest, truncate_to_month

# fmt: off
KINDS = ("unknown", "camera", "alpr", "acoustic", "drone", "guard", "sensor", "speed_camera",
         "other")
# fmt: on
STATUSES = ("planned", "active", "disused", "removed")

DirectionProblem = Literal["unreadable", "conflict"]

_ROOT_KEY, _ROOT_VALUE = "man_made", "surveillance"
_SPEED_KEY, _SPEED_VALUE = "highway", "speed_camera"
# In order of belief: a live tag wins over what is left of an earlier life.
_STATUS_OF_PREFIX = {
    "": "active",
    "disused": "disused",
    "abandoned": "disused",
    "construction": "planned",
    "planned": "planned",
    "proposed": "planned",
    "removed": "removed",
    "demolished": "removed",
    "destroyed": "removed",
    "razed": "removed",
    "was": "removed",
}
_PREFIX_OF_STATUS = {"active": "", "disused": "disused", "planned": "planned"}
# Every key under which tags can name a device, and the value, alone or in a list, that does: what a
# reader of large files filters by.
ROOT_TAGS = tuple(
    (f"{prefix}:{key}" if prefix else key, value)
    for prefix in _STATUS_OF_PREFIX
    for key, value in ((_ROOT_KEY, _ROOT_VALUE), (_SPEED_KEY, _SPEED_VALUE))
)
ROOT_KEYS = tuple(key for key, _ in ROOT_TAGS)

_LEGACY_DIRECTION_KEY = "surveillance:direction"


@dataclass(frozen=True, slots=True)
class DeviceAttributes:
    """What tags (or a person) say of one device, in the words of the project; None is "not said".

    `camera_type`, `mount`, `surveillance`, `zone`, `operator_type` are OSM's values, lists joined
    by `;`: spellings that `osm_aliases.toml` knows are said in one way, others as they are written.
    `operator`, `manufacturer`, `model` are literal. `directions` are degrees clockwise from true
    north.
    `tilt_down_deg` is in [0, 90] below the horizon, `height_m` in metres above ground. Dates are
    partial dates.
    `direction_problem` says that the direction texts can't be read, or contradict each other.
    """

    kind: str = "unknown"
    camera_type: str | None = None
    mount: str | None = None
    directions: tuple[Arc, ...] = ()
    direction_key: str | None = None
    direction_problem: DirectionProblem | None = None
    tilt_down_deg: float | None = None
    height_m: float | None = None
    surveillance: str | None = None
    zone: str | None = None
    operator: str | None = None
    operator_type: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    capabilities: tuple[str, ...] = ()
    status: str = "active"
    first_seen: str | None = None
    last_seen: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return only what is said, JSON-ready: no None, no empty list, no unknown kind."""
        said: dict[str, object] = {name: getattr(self, name) for name in _DICT_ORDER}
        said["directions"] = [arc.as_dict() for arc in self.directions]
        said["capabilities"] = list(self.capabilities)
        if self.kind == "unknown":
            del said["kind"]
        if not self.directions:
            del said["direction_key"]
        return {name: value for name, value in said.items() if value not in (None, [])}


# fmt: off
_DICT_ORDER = ("kind", "camera_type", "mount", "directions", "direction_key", "tilt_down_deg",
               "height_m", "surveillance", "zone", "operator", "operator_type", "manufacturer",
               "model", "capabilities", "status", "first_seen", "last_seen")
# fmt: on


@dataclass(frozen=True, slots=True)
class TagRule:
    """One row of the table: an attribute, the keys that say it, how a value is read and written.

    The first key that is present is read and written; where none is, the first is written.
    """

    attribute: str
    keys: tuple[str, ...]
    read: Callable[[str], object | None]
    write: Callable[[object], str]


def is_device(tags: Mapping[str, str]) -> bool:
    """Return whether `tags` describe a device at all (see `classify`): quick, for large files."""
    return _lifecycle_prefix(tags) is not None


def classify(tags: Mapping[str, str]) -> str | None:
    """Return the kind of device that `tags` describe, or None when they describe no device.

    A device has `man_made=surveillance` or `highway=speed_camera`, alone, in a `;` list, or under a
    lifecycle prefix. `surveillance=*` alone is none: it also stands on bicycle parks and shops. In
    `surveillance:type` the first known value of a list decides, in any case; no value is `unknown`,
    a value outside the documented ones `other`. A node that is both is a speed camera, so that it
    never swells the count of the others.
    """
    prefix = _lifecycle_prefix(tags)
    return None if prefix is None else _kind(tags, prefix)


def _kind(tags: Mapping[str, str], prefix: str) -> str:
    if has_value(tags, _key(prefix, _SPEED_KEY), _SPEED_VALUE):
        return "speed_camera"
    _, text = _held(tags, _RULES["kind"], prefix)
    return str(_read("kind", text or "") or "unknown")


def device_attributes(
    tags: Mapping[str, str], *, today: date | None = None
) -> DeviceAttributes | None:
    """Return what `tags` say of a device, or None when they describe none (see `classify`).

    A value that can't be read is None here and stays in the tags. `camera:direction` goes before
    `direction`. An `end_date` makes it `removed` once its last possible day is before `today`;
    without `today` any valid one does. `camera:angle` is a tilt, never a field of view;
    `camera:tilt`, of opposite sign, is left alone. Never raises.
    """
    prefix = _lifecycle_prefix(tags)
    if prefix is None:
        return None
    kind = _kind(tags, prefix)
    values = {
        rule.attribute: _read(rule.attribute, text)
        for rule in TAG_RULES
        for text in [_held(tags, rule, prefix)[1]]
        if text is not None
    }
    direction_key, problem = _direction_state(tags, prefix)
    values |= {
        "kind": kind,
        "directions": values.get("directions") or (),
        "direction_key": direction_key,
        "direction_problem": problem,
        "capabilities": _capabilities(tags, kind, prefix),
        "status": _status(tags, prefix, today),
    }
    return DeviceAttributes(**values)  # type: ignore[arg-type]  # the table's readers give these


def apply_attributes(tags: Mapping[str, str], changes: Mapping[str, object]) -> dict[str, str]:
    """Return `tags` with `changes` said in them; every other key and value stays byte for byte.

    `changes` has the shape of `DeviceAttributes.as_dict`; None or an empty list takes the keys of
    an attribute out. A value that the tags already say, in whatever spelling, changes nothing.
    Directions go back to the key they came from (new ones, and those from
    `surveillance:direction`, to `camera:direction`). Dates are written no finer than a month: a
    day would tell when somebody walked there. A status moves the main tag under its lifecycle
    prefix or out of it.

    Raises
    ------
    TagError
        When the tags are no device, an attribute is not known, or OSM has no tag for the value:
        kinds drone, sensor and other, capabilities, a speed camera made of another kind, removed.
    """
    current = device_attributes(tags)
    if current is None:
        raise TagError("These tags are not a device; start from man_made=surveillance.")
    prefix = _lifecycle_prefix(tags) or ""
    changed = dict(tags)
    for attribute, value in changes.items():
        if attribute == "kind" and _is_settled_kind(value, current):
            continue
        if attribute in _RULES:
            new_key = _new_key(_RULES[attribute], changes.get("direction_key"))
            _apply_rule(changed, _RULES[attribute], value, prefix, new_key)
        elif attribute not in ("capabilities", "status", "direction_key"):
            raise TagError(f"Attribute {shown(attribute)} is not known; use {', '.join(_RULES)}.")
    status = changes.get("status", current.status)
    if status != current.status:
        _apply_status(changed, status, prefix)
    _refuse_capability_change(changes, device_attributes(changed))
    return changed


def _apply_rule(
    tags: dict[str, str], rule: TagRule, value: object, prefix: str, new_key: str
) -> None:
    if value is None or value in ((), []) or (rule.attribute == "kind" and value == "unknown"):
        for key in rule.keys:
            tags.pop(key, None)
            tags.pop(_key(prefix, key), None)
        return
    held_key, held_text = _held(tags, rule, prefix)
    text = rule.write(value)
    if held_text is not None and _says_the_same(rule, held_text, text):
        return
    if held_key is None or held_key == _key(prefix, _LEGACY_DIRECTION_KEY):
        held_key = new_key
    tags[held_key] = checked_text(rule.attribute, text)


def _is_settled_kind(value: object, current: DeviceAttributes) -> bool:
    """Return whether there is nothing to write; refuse what tags can't say."""
    if value == current.kind:
        return True
    if "speed_camera" in (value, current.kind):
        raise TagError(
            f"Kind {current.kind} can't become {shown(value)}: speed cameras have tags of their "
            "own (highway=speed_camera); make another element."
        )
    return False


def _says_the_same(rule: TagRule, held_text: str, text: str) -> bool:
    held = rule.read(held_text)
    if held is None:
        return False
    if rule.attribute in ("first_seen", "last_seen"):
        return truncate_to_month(str(held)) == text
    return held == rule.read(text)


def _new_key(rule: TagRule, direction_key: object) -> str:
    is_writable = direction_key in rule.keys and direction_key != _LEGACY_DIRECTION_KEY
    return str(direction_key) if is_writable else rule.keys[0]


def _refuse_capability_change(
    changes: Mapping[str, object], result: DeviceAttributes | None
) -> None:
    said = list(result.capabilities) if result else []
    wanted = changes.get("capabilities", said)
    if wanted not in (said, tuple(said)):
        raise TagError(
            f"Capabilities {shown(wanted)} have no tag of their own; leave them out of the change."
        )


def _apply_status(tags: dict[str, str], status: object, prefix: str) -> None:
    if status not in _PREFIX_OF_STATUS:
        raise TagError(
            f"Status {shown(status)} has no tag: OpenStreetMap holds what exists; propose the "
            "deletion of the element, or one of active, disused, planned."
        )
    root_key, root_value = _ROOT_KEY, _ROOT_VALUE
    if has_value(tags, _key(prefix, _SPEED_KEY), _SPEED_VALUE):
        root_key, root_value = _SPEED_KEY, _SPEED_VALUE
    new_prefix = _PREFIX_OF_STATUS[str(status)]
    if is_partial_date(tags.get("end_date", "").strip()):
        del tags["end_date"]
    if _STATUS_OF_PREFIX[prefix] == status:  # only its end_date had made it removed
        return
    take_out_value(tags, _key(prefix, root_key), root_value)
    put_in_value(tags, _key(new_prefix, root_key), root_value)
    if prefix:
        for key in [key for rule in TAG_RULES for key in rule.keys if f"{prefix}:{key}" in tags]:
            tags.setdefault(_key(new_prefix, key), tags.pop(f"{prefix}:{key}"))


def _lifecycle_prefix(tags: Mapping[str, str]) -> str | None:
    """Return the prefix under which `tags` hold a device ("" for a live one); None for none."""
    for prefix in _STATUS_OF_PREFIX:
        if has_value(tags, _key(prefix, _ROOT_KEY), _ROOT_VALUE):
            return prefix
        if has_value(tags, _key(prefix, _SPEED_KEY), _SPEED_VALUE):
            return prefix
    return None


@lru_cache(maxsize=8192)
def _read(attribute: str, text: str) -> object | None:
    """Return what a value says; a million nodes say the same few thousand."""
    return _RULES[attribute].read(text)


def _key(prefix: str, key: str) -> str:
    return f"{prefix}:{key}" if prefix else key


def _held(tags: Mapping[str, str], rule: TagRule, prefix: str) -> tuple[str | None, str | None]:
    """Return the key and text that say the rule's attribute; plain keys go before prefixed ones."""
    keys = [*rule.keys, *(f"{prefix}:{key}" for key in rule.keys)] if prefix else rule.keys
    present = [key for key in keys if key in tags and tags[key].strip()]
    if not present:
        return None, None
    if rule.attribute == "last_seen":
        dated = {key: tags[key] for key in present if is_partial_date(tags[key])}
        newest = latest(dated.values())
        present = [key for key, text in dated.items() if text == newest] or present
    return present[0], tags[present[0]]


def _direction_state(
    tags: Mapping[str, str], prefix: str
) -> tuple[str | None, DirectionProblem | None]:
    rule = _RULES["directions"]
    held_key, held_text = _held(tags, rule, prefix)
    if held_key is None or held_text is None:
        return None, None
    arcs = _read("directions", held_text)
    others = [tags[key] for key in rule.keys if key != held_key and tags.get(key, "").strip()]
    key = held_key.removeprefix(f"{prefix}:") if prefix else held_key
    if arcs is None:
        return key, "unreadable"
    if any(_read("directions", text) != arcs for text in others):
        return key, "conflict"
    return key, None


def _capabilities(tags: Mapping[str, str], kind: str, prefix: str) -> tuple[str, ...]:
    _, text = _held(tags, _RULES["kind"], prefix)
    reads_plates = text is not None and names_plate_reader(text)
    reads_plates |= tags.get("surveillance:ALPR", "").strip().casefold() == "yes"
    return ("plate_reading",) if reads_plates and kind != "speed_camera" else ()


def _status(tags: Mapping[str, str], prefix: str, today: date | None) -> str:
    end_date = tags.get("end_date", "").strip()
    if is_partial_date(end_date) and (today is None or date_range(end_date)[1] < today):
        return "removed"
    return _STATUS_OF_PREFIX[prefix]


TAG_RULES = (
    TagRule("kind", ("surveillance:type",), read_kind, write_kind),
    TagRule("camera_type", ("camera:type",), reader("camera:type"), write_text),
    TagRule("mount", ("camera:mount",), reader("camera:mount"), write_text),
    TagRule(
        "directions",
        ("camera:direction", "direction", _LEGACY_DIRECTION_KEY),
        read_directions,
        write_directions,
    ),
    TagRule("tilt_down_deg", ("camera:angle",), read_tilt_deg, write_tilt),
    TagRule("height_m", ("height",), read_height_m, write_height),
    TagRule("surveillance", ("surveillance",), reader("surveillance"), write_text),
    TagRule("zone", ("surveillance:zone",), reader("surveillance:zone"), write_text),
    TagRule("operator", ("operator",), read_text, write_text),
    TagRule("operator_type", ("operator:type",), reader("operator:type"), write_text),
    TagRule("manufacturer", ("manufacturer", "brand", "surveillance:brand"), read_text, write_text),
    TagRule("model", ("model",), read_text, write_text),
    TagRule("first_seen", ("start_date",), read_date, write_date),
    TagRule("last_seen", ("check_date", "survey:date"), read_date, write_date),
)
_RULES = {rule.attribute: rule for rule in TAG_RULES}
