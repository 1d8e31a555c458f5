"""Which value is meant, however it is written in the wild? Read from `osm_aliases.toml`.

A value that the table does not know stays as it is, and is told by `unknown_items`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("osm_aliases.toml")
# OSM's separator, and those that people write.
_SEPARATORS = re.compile(r"[;,/]")


@cache
def _means() -> Mapping[str, Mapping[str, str]]:
    """Return key -> value as written, in one case -> what it means."""
    found: dict[str, dict[str, str]] = {}
    for row in tomllib.loads(_TABLE.read_text(encoding="utf-8"))["value"]:
        values = found.setdefault(row["key"], {})
        for written in row["written"]:
            if values.setdefault(written.casefold(), row["means"]) != row["means"]:
                raise ValueError(f"{_TABLE.name}: {row['key']}={written} means two things.")
    return found


def keys() -> tuple[str, ...]:
    """Return the keys that the table knows values of."""
    return tuple(_means())


def meaning(key: str, item: str) -> str | None:
    """Return what one value means, None where the table does not know it.

    >>> meaning("surveillance:type", " anpr "), meaning("camera:type", "sphere")
    ('alpr', None)
    """
    return _means()[key].get(item.strip().casefold())


def reader(key: str) -> Callable[[str], str | None]:
    """Return a function that reads a value of a key: known items in our words, others as they are.

    >>> read = reader("camera:mount")
    >>> read("Traffic_signal"), read("wall/ceiling"), read("wall;hedge"), read(" ")
    ('traffic_signals', 'wall;ceiling', 'wall;hedge', None)
    """

    def read(text: str) -> str | None:
        if not text.strip():
            return None
        known = [meaning(key, item) for item in _SEPARATORS.split(text)]
        if all(known):
            return ";".join(dict.fromkeys(word for word in known if word))
        items = [item for item in text.split(";") if item.strip()]
        if len(items) < 2:
            return text
        return ";".join(meaning(key, item) or item.strip() for item in items)

    return read


def unknown_items(key: str, text: str) -> tuple[str, ...]:
    """Return the items of a value that the table does not know, as they are written.

    >>> unknown_items("camera:mount", "wall;hedge"), unknown_items("camera:mount", "wall/ceiling")
    (('hedge',), ())
    """
    if all(meaning(key, item) for item in _SEPARATORS.split(text)):
        return ()
    return tuple(
        item.strip() for item in text.split(";") if item.strip() and not meaning(key, item)
    )
