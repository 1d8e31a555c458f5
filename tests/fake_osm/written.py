"""How OSM's API writes what it holds, in JSON and XML, and how it reads XML."""

import json
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from tests.fake_osm.answers import Answer, Refused


def as_answer(said):
    return Answer(200, json.dumps(said).encode(), "application/json; charset=utf-8")


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parsed(body):
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise Refused(400, f"Cannot parse valid XML: {error}") from None


def tags_of(element):
    tags = (
        {} if element is None else {tag.get("k"): tag.get("v") for tag in element.iterfind("tag")}
    )
    if any(len(text) > 255 for item in tags.items() for text in item):
        raise Refused(400, "a tag is too long")
    return tags


def document(name, inner):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} version="0.6">{inner}</{name}>'.encode()
    )


def as_json(osm_type, osm_id, said):
    shown = {
        "type": osm_type,
        "id": int(osm_id),
        "version": said["version"],
        "timestamp": stamp(said["timestamp"]),
        "changeset": said["changeset"],
        "user": said["user"].name,
        "uid": said["user"].id,
    }
    if not said["visible"]:
        return shown | {"visible": False}
    shown |= {key: said[key] for key in ("lon", "lat") if key in said}
    if osm_type == "way":
        shown["nodes"] = said["nodes"]
    if osm_type == "relation":
        shown["members"] = [member | {"ref": int(member["ref"])} for member in said["members"]]
    return shown | ({"tags": said["tags"]} if said["tags"] else {})


def as_xml(osm_type, osm_id, said):
    place = "".join(f' {key}="{said[key]:.7f}"' for key in ("lat", "lon") if key in said)
    tags = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in said["tags"].items())
    nodes = "".join(f'<nd ref="{node}"/>' for node in said["nodes"])
    members = "".join(
        f'<member type={quoteattr(m["type"])} ref="{m["ref"]}" role={quoteattr(m["role"])}/>'
        for m in said["members"]
    )
    visible = str(said["visible"]).lower()
    facts = f'id="{osm_id}" version="{said["version"]}" visible="{visible}"'
    facts += f' changeset="{said["changeset"]}" user={quoteattr(said["user"].name)}'
    return f"<{osm_type} {facts}{place}>{nodes}{members}{tags}</{osm_type}>"
