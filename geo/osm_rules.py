"""By which rules were tags read? A number that changes when the table, the spellings or code do."""

import zlib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
# What `geo.osm_tags.device_attributes` says depends on these, and on nothing else but the tags.
_SOURCES = (
    "direction.py",
    "osm_aliases.py",
    "osm_aliases.toml",
    "osm_lists.py",
    "osm_tags.py",
    "osm_values.py",
    "partial_date.py",
)
# A signed column of 32 bits holds it; 0 stands for "not read by any".
_MOST = 2**31 - 1


@cache
def revision() -> int:
    """Return the number of the rules, in [1, 2**31): another one after any of them changed.

    It is made of the sources byte for byte: a comment changes it too, which costs one reading.
    """
    return revision_of(*((_HERE / name).read_bytes() for name in _SOURCES))


def revision_of(*sources: bytes) -> int:
    """Return the number of rules that are written so.

    >>> revision_of(b"a", b"b") == revision_of(b"ab"), 0 < revision_of() <= 2**31 - 1
    (False, True)
    """
    made = zlib.crc32(b"rules")
    for source in sources:
        made = zlib.crc32(len(source).to_bytes(8, "big") + source, made)
    return made % _MOST + 1
