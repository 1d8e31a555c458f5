"""Reads an extract as lines of text that osmium-tool writes (OPL), beside us on another core.

Ten times as fast as an object of Python for each of osmium's. What we hold already is told by how
its line begins and is left unread; a set of tags that many nodes carry is read once.
Format: https://osmcode.org/opl-file-format/
"""

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import PositionError
from geo.osm_flags import FLAG_KEYS, flag_of
from geo.osm_tags import ROOT_TAGS, is_device
from geo.position import LonLat
from mapper.osm.known import Known
from mapper.osm.objects import NodeLine, OsmObject, RefusedObject, TagText, made_object
from mapper.osm.shapes import Member

# The nodes of a way, the members of a relation; nothing of a node.
Refs = list[int] | list[Member]

_PROGRAM = "osmium"
_TYPES = {"n": "node", "w": "way", "r": "relation"}
_ESCAPE = re.compile(r"%([0-9a-f]+)%")
# libosmium (2.20) writes U+100000 as it writes U+10000, and so on to the end of Unicode.
_BLURRED = re.compile(rb"%1[0-9a-f]{4,5}%")
# As many sets of tags are remembered at once; some 500 bytes each.
_MOST_SETS = 200_000
# So short that no tag in it can be too long.
_PLAIN_LENGTH = 255
# What has more digits may be more than 2**63 - 1 or 2**31 - 1, and is looked at.
_ID_DIGITS, _VERSION_DIGITS = 18, 9


class OsmiumStopped(Exception):
    """osmium-tool is not there, or ended before the file did."""


def devices(
    path: Path, known: Known, blurred: dict[str, set[int]]
) -> Iterator[tuple[OsmObject | RefusedObject | NodeLine, Refs]]:
    """Yield the devices of an extract that are not held already; OsmiumStopped after a failure.

    A way or relation has no place yet. Ids of objects whose text is blurred are added to `blurred`.
    """
    sets: dict[bytes, TagText] = {}
    with _lines(path) as lines:
        # osmium is at work while the database tells what is known.
        whole, unread = known.whole, known.unread
        for line in lines:
            head = line[: line.index(b" d")]
            if head in whole:
                whole.remove(head)
                unread.append(head)
                continue
            if b"%1" in line and _BLURRED.search(line):
                blurred[_TYPES[line[:1].decode()]].add(int(line[1 : line.index(b" ")]))
                continue
            node = _node(line, sets)
            if node is not None:
                yield node, []
            else:
                found = _any_object(line.decode())
                if not isinstance(found[0], OsmObject) or _is_told(found[0]):
                    yield found


def _is_told(found: OsmObject) -> bool:
    """Return whether an object is a device or flags something."""
    return is_device(found.tags) or flag_of(found.osm_type, found.tags) is not None


@contextmanager
def _lines(path: Path) -> Iterator[Iterable[bytes]]:
    """Yield, once, the lines of the objects whose tags may name a device, or flag something."""
    command = [_PROGRAM, "tags-filter", "--omit-referenced", "--no-progress"]
    metadata = "add_metadata=version+timestamp+changeset"
    command += ["--input-format=pbf", f"--output-format=opl,{metadata}"]
    command += [str(path.absolute()), *(f"nwr/{key}=*{value}*" for key, value in ROOT_TAGS)]
    command += [f"nwr/{key}" for key in FLAG_KEYS]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise OsmiumStopped(error.strerror) from None
    with process:
        try:
            yield process.stdout or ()
            code = process.wait()
        finally:
            process.kill()
    if code:
        raise OsmiumStopped(f"osmium ended with {code}")


def _node(line: bytes, sets: dict[bytes, TagText]) -> NodeLine | None:
    """Return a visible node whose numbers are as they should be and whose tags name a device."""
    # n1 v2 dV c3 t2024-05-12T10:00:00Z Ta=b,c=d x2.35 y48.85
    fields = line.split(b" ")
    if len(fields) != 8 or fields[2] != b"dV" or line[:1] != b"n":
        return None
    osm_id, version, _, changeset, stamp, text, lon, lat = fields
    is_plain = (
        osm_id[1:].isdigit()
        and osm_id != b"n0"
        and len(osm_id) <= _ID_DIGITS + 1
        and len(version) <= _VERSION_DIGITS + 1
        and len(changeset) <= _ID_DIGITS + 1
        and not stamp.startswith(b"t1970")
    )
    tags = sets.get(text) or _new_set(text, sets)
    if not is_plain or tags is None or len(lon) < 2 or len(lat) < 3:
        return None
    x, y = float(lon[1:]), float(lat[1:])
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        return None
    numbers = (osm_id[1:].decode(), version[1:].decode(), changeset[1:].decode())
    return NodeLine(*numbers, stamp[1:].decode(), x, y, tags)


def _new_set(text: bytes, sets: dict[bytes, TagText]) -> TagText | None:
    """Return tags as they are remembered, None of those that need a look at their object."""
    tags = _tags(text.decode())
    is_plain = len(text) <= _PLAIN_LENGTH and text.isascii() and b"%" not in text
    if not is_device(tags):
        return None
    if not is_plain and isinstance(
        made_object(osm_type="node", osm_id=1, tags=tags), RefusedObject
    ):
        return None
    if len(sets) >= _MOST_SETS:
        sets.clear()
    found = sets[text] = TagText(tags)
    return found


def _any_object(line: str) -> tuple[OsmObject | RefusedObject, Refs]:
    """Return the object of any line, and what it is drawn with."""
    first, *others = line.rstrip("\n").split(" ")
    said = {field[:1]: field[1:] for field in others}
    stamp = said.get("t") or None
    found = made_object(
        osm_type=_TYPES[first[0]],
        osm_id=_whole(first[1:]),
        version=_whole(said.get("v", "0")),
        timestamp=None if stamp is None or stamp.startswith("1970") else stamp,
        tags=_tags(f"T{said.get('T', '')}"),
        position=_place(said.get("x", ""), said.get("y", "")),
        is_visible=said.get("d") != "D",
        changeset=_whole(said.get("c", "0")),
    )
    return found, _refs(said)


def _whole(text: str) -> int | str:
    """Return the number of a text, or the text, which is refused by what it is then."""
    try:
        return int(text)
    except ValueError:
        return text


def _tags(field: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in field[1:].split(",") if pair)
    return {_plain(key): _plain(value) for key, _, value in pairs}


def _plain(text: str) -> str:
    """Return a text without the escapes of OPL: %20% is a blank."""
    if "%" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _place(lon: str, lat: str) -> LonLat | None:
    try:
        return LonLat(float(lon), float(lat))
    except (PositionError, ValueError):
        return None


def _refs(said: dict[str, str]) -> Refs:
    if "N" in said:
        return [int(ref[1:].partition("x")[0]) for ref in said["N"].split(",") if ref]
    members = [member for member in said.get("M", "").split(",") if member]
    return [
        Member(_TYPES[ref[0]], int(ref[1:]), _plain(role))
        for ref, _, role in (member.partition("@") for member in members)
    ]
