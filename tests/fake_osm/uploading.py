"""What one entry of an upload does to the world, or why it is refused."""

from xml.sax.saxutils import quoteattr

from tests.fake_osm.answers import Refused
from tests.fake_osm.written import tags_of


def apply(world, changeset, action, child):
    """Do one entry of an osmChange; return its line of the diffResult."""
    osm_type, osm_id = child.tag, int(child.get("id"))
    if int(child.get("changeset", "0")) != changeset.id:
        raise Refused(
            409,
            f"Changeset mismatch: Provided {child.get('changeset')} but only "
            f"{changeset.id} is allowed.",
        )
    if action == "create":
        key = (osm_type, world.next_id)
        world.next_id += 1
        world.objects[key] = []
        version = 1
    else:
        key = (osm_type, osm_id)
        version = _checked(world, action, key, child)
    said = _new_version(world, child, version, changeset)
    if action == "delete":
        said = world.objects[key][-1] | {
            "version": version,
            "visible": False,
            "tags": {},
            "user": changeset.user,
            "changeset": changeset.id,
            "timestamp": world.now(),
        }
    world.objects[key].append(said)
    changeset.changes.append((action, key, said))
    result = f"<{osm_type} old_id={quoteattr(str(osm_id))}"
    if action != "delete":
        result += f' new_id="{key[1]}" new_version="{version}"'
    return result + "/>"


def _checked(world, action, key, child):
    versions = world.objects.get(key)
    kind = key[0].capitalize()
    if not versions:
        raise Refused(404, f"{kind} with the id {key[1]} was not found")
    now = versions[-1]
    if action == "delete" and not now["visible"]:
        raise Refused(410, f"The {key[0]} with the id {key[1]} has already been deleted")
    if int(child.get("version", "0")) != now["version"]:
        raise Refused(
            409,
            f"Version mismatch: Provided {child.get('version')}, server had: "
            f"{now['version']} of {kind} {key[1]}",
        )
    if action == "delete" and key[0] == "node":
        used = [
            k[1]
            for k, v in world.objects.items()
            if k[0] == "way" and v and v[-1]["visible"] and key[1] in v[-1]["nodes"]
        ]
        if used:
            ways = ",".join(map(str, used))
            raise Refused(412, f"Node {key[1]} is still used by ways {ways}.")
    return now["version"] + 1


def _new_version(world, child, version, changeset):
    said = {
        "version": version,
        "visible": True,
        "tags": tags_of(child),
        "nodes": [int(node.get("ref")) for node in child.iterfind("nd")],
        "members": [dict(member.attrib) for member in child.iterfind("member")],
        "changeset": changeset.id,
        "user": changeset.user,
        "timestamp": world.now(),
    }
    if child.tag == "node":
        said |= {"lat": float(child.get("lat")), "lon": float(child.get("lon"))}
    return said
