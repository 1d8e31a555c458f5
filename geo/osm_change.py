"""What goes to OSM's editing API and comes back: objects, osmChange and diffResult, read and built.

API 0.6 (wiki API_v0.6): an upload is one osmChange, taken whole or not at all; its answer names the
id and version of each object. An object is sent whole, so a way keeps its nodes and a relation its
members here, and tags are texts that nobody alters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from xml.etree import ElementTree

from geo.errors import OsmChangeError, shown
from geo.position import LonLat

Action = Literal["create", "modify", "delete"]
ACTIONS: tuple[Action, ...] = ("create", "modify", "delete")
OSM_TYPES = ("node", "way", "relation")
# What OSM keeps of a place.
_DECIMALS = 7
_MOST_BYTES = 20_000_000
_MAX_VALUE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class OsmElement:
    """One object with all that an upload must send of it; a new one has a negative id.

    `position` is a node's place (lon, lat; EPSG:4326), `nodes` a way's node ids, `members` a
    relation's type, id and role.
    """

    osm_type: str
    osm_id: int
    version: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    position: LonLat | None = None
    nodes: tuple[int, ...] = ()
    members: tuple[tuple[str, int, str], ...] = ()
    is_visible: bool = True

    @property
    def name(self) -> str:
        """Return how a report names it: node/1."""
        return f"{self.osm_type}/{self.osm_id}"

    @property
    def key(self) -> tuple[str, int]:
        """Return what tells it from all others."""
        return self.osm_type, self.osm_id

    def with_tags(self, tags: Mapping[str, str], position: LonLat | None) -> OsmElement:
        """Return it with other tags and, for a node, at another place."""
        return replace(
            self, tags=dict(tags), position=position if self.osm_type == "node" else None
        )


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload made of an object; a deleted one has neither id nor version any more."""

    osm_id: int | None
    version: int | None


def read_element(said: Mapping[str, Any]) -> OsmElement:
    """Return the object of one entry of `elements` in a JSON answer.

    Raises
    ------
    OsmChangeError
        When it is no object, or something that an upload must send back is not readable.
    """
    osm_type = said.get("type")
    if osm_type not in OSM_TYPES:
        raise OsmChangeError(f"An object of type {shown(osm_type)} is none of node, way, relation.")
    is_visible = said.get("visible") is not False
    return OsmElement(
        osm_type=str(osm_type),
        osm_id=_whole("id", said.get("id"), least=1),
        version=_whole("version", said.get("version"), least=1),
        tags=_tags(said.get("tags", {})),
        position=_place(said.get("lon"), said.get("lat")) if is_visible else None,
        nodes=tuple(_whole("node", ref) for ref in _list(said.get("nodes", []))),
        members=tuple(_member(member) for member in _list(said.get("members", []))),
        is_visible=is_visible,
    )


def write_change(changeset: int, changes: Sequence[tuple[Action, OsmElement]]) -> bytes:
    """Return the osmChange that an open changeset is to be sent, UTF-8.

    Deletions stand last, so that nothing is taken away that an earlier entry still needs.

    Raises
    ------
    OsmChangeError
        When a text holds a character that XML can't, or a node has no place.
    """
    root = ElementTree.Element("osmChange", {"version": "0.6"})
    for action in ACTIONS:
        of_action = [element for name, element in changes if name == action]
        if not of_action:
            continue
        block = ElementTree.SubElement(root, action)
        for element in of_action:
            _write_element(block, changeset, element, is_deleted=action == "delete")
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def write_changeset(tags: Mapping[str, str]) -> bytes:
    """Return what opens a changeset with these tags, UTF-8."""
    root = ElementTree.Element("osm")
    changeset = ElementTree.SubElement(root, "changeset")
    for key, value in tags.items():
        ElementTree.SubElement(changeset, "tag", {"k": _xml_text(key), "v": _xml_text(value)})
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def read_change(body: bytes) -> list[tuple[Action, OsmElement]]:
    """Return what an osmChange holds, in its order: a changeset as the server has it.

    Raises
    ------
    OsmChangeError
        When it is no osmChange, is too large, or declares entities.
    """
    root = parse_xml(body, "osmChange")
    found: list[tuple[Action, OsmElement]] = []
    for block in root:
        if block.tag not in ACTIONS:
            raise OsmChangeError(f"An osmChange does not hold {shown(block.tag)}.")
        found += [(block.tag, _read_xml_element(child)) for child in block]
    return found


def read_diff(body: bytes) -> dict[tuple[str, int], Uploaded]:
    """Return (type, id that was sent) -> what became of it, from a diffResult.

    Raises OsmChangeError like `read_change`.
    """
    found = {}
    for child in parse_xml(body, "diffResult"):
        if child.tag not in OSM_TYPES:
            raise OsmChangeError(f"A diffResult does not hold {shown(child.tag)}.")
        new_id, new_version = child.get("new_id"), child.get("new_version")
        found[child.tag, _whole("old_id", child.get("old_id"))] = Uploaded(
            None if new_id is None else _whole("new_id", new_id, least=1),
            None if new_version is None else _whole("new_version", new_version, least=1),
        )
    return found


class _Plain(ElementTree.TreeBuilder):
    """Builds a tree of XML that declares nothing: entities can grow without bounds."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse what OSM's API never sends."""
        raise OsmChangeError("The answer declares a document type; OSM's API sends none.")


def parse_xml(body: bytes, name: str) -> ElementTree.Element:
    """Return the root of an answer, which has this name.

    Raises OsmChangeError when it is something else.
    """
    if len(body) > _MOST_BYTES:
        raise OsmChangeError(f"An answer of {len(body)} bytes is more than is read.")
    try:
        # Without a document type there are no entities to expand.
        root = ElementTree.XML(body, ElementTree.XMLParser(target=_Plain()))  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if isinstance(error, OsmChangeError):
            raise
        raise OsmChangeError(f"The answer is no XML: {str(error)[:80]}.") from None
    if root.tag != name:
        raise OsmChangeError(f"The answer is {shown(root.tag)}, not {name}.")
    return root


def _write_element(
    block: ElementTree.Element, changeset: int, element: OsmElement, *, is_deleted: bool
) -> None:
    facts = {"id": str(element.osm_id), "changeset": str(changeset)}
    facts["version"] = str(element.version)
    if element.osm_type == "node":
        if element.position is None:
            raise OsmChangeError(f"{element.name} has no place; a node is sent with one.")
        facts["lat"] = f"{element.position.lat:.{_DECIMALS}f}"
        facts["lon"] = f"{element.position.lon:.{_DECIMALS}f}"
    node = ElementTree.SubElement(block, element.osm_type, facts)
    if is_deleted:
        return
    for ref in element.nodes:
        ElementTree.SubElement(node, "nd", {"ref": str(ref)})
    for member_type, ref, role in element.members:
        facts = {"type": member_type, "ref": str(ref), "role": _xml_text(role)}
        ElementTree.SubElement(node, "member", facts)
    for key, value in element.tags.items():
        ElementTree.SubElement(node, "tag", {"k": _xml_text(key), "v": _xml_text(value)})


def _read_xml_element(said: ElementTree.Element) -> OsmElement:
    if said.tag not in OSM_TYPES:
        raise OsmChangeError(f"An osmChange does not hold {shown(said.tag)}.")
    return OsmElement(
        osm_type=said.tag,
        osm_id=_whole("id", said.get("id")),
        version=_whole("version", said.get("version", "0")),
        tags={tag.get("k", ""): tag.get("v", "") for tag in said.iterfind("tag")},
        position=_place(said.get("lon"), said.get("lat")),
        nodes=tuple(_whole("node", node.get("ref")) for node in said.iterfind("nd")),
        members=tuple(_member(dict(member.attrib)) for member in said.iterfind("member")),
        is_visible=said.get("visible") != "false",
    )


def _place(lon: object, lat: object) -> LonLat | None:
    if lon is None and lat is None:
        return None
    try:
        return LonLat(float(str(lon)), float(str(lat)))
    except ValueError:
        raise OsmChangeError(f"lon {shown(lon)}, lat {shown(lat)} is no place.") from None


def _member(said: object) -> tuple[str, int, str]:
    if not isinstance(said, Mapping) or said.get("type") not in OSM_TYPES:
        raise OsmChangeError(f"A relation's member {shown(said)} is no object.")
    return str(said["type"]), _whole("ref", said.get("ref")), str(said.get("role", ""))


def _tags(said: object) -> dict[str, str]:
    if not isinstance(said, Mapping):
        raise OsmChangeError(f"Tags {shown(said)} are no object.")
    for key, value in said.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise OsmChangeError(f"Tag {shown(key)} is {shown(value)}; tags are texts.")
    return dict(said)


def _list(said: object) -> Iterable[object]:
    if not isinstance(said, list):
        raise OsmChangeError(f"{shown(said)} is no list.")
    return said


def _whole(name: str, said: object, *, least: int = -_MAX_VALUE) -> int:
    if isinstance(said, str) and len(said) <= 20 and said.isascii():
        digits = said.removeprefix("-")
        said = int(said) if digits.isdigit() else said
    if isinstance(said, bool) or not isinstance(said, int) or not least <= said <= _MAX_VALUE:
        raise OsmChangeError(f"{name} {shown(said)} is not a whole number of OpenStreetMap.")
    return said


def _xml_text(text: str) -> str:
    for character in text:
        is_control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r"
        if is_control or character in "\ufffe\uffff":
            raise OsmChangeError(f"{shown(text)} has a character that can't be sent.")
    return text
