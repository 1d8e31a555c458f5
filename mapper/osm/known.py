"""What do we hold already? Ids of all that we mirror, and versions that need no reading again."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cached_property

from django.db import connection

from geo import osm_rules
from mapper import sql

# The beginnings of lines, and OSM type -> ids of all else.
Held = tuple[set[bytes], dict[str, set[int]]]

_TYPES = {b"n": "node", b"w": "way", b"r": "relation"}


class Known(Mapping[str, Set[int]]):
    """OSM type -> ids of all that we mirror; and the nodes of which the same version is no news.

    Asked of `held` when it is first looked at. `whole` are those nodes, as osmium's text begins a
    line: `n1 v2`. Who reads a file takes them out as they are met and puts them into `unread`. A
    node's version says all that a node says; a way moves with its nodes at the same version, so
    ways and relations are always read.
    """

    def __init__(self, held: Callable[[], Held]):
        self.unread: list[bytes] = []
        self._held = held
        self._ids: dict[str, set[int]] = {}

    @property
    def whole(self) -> set[bytes]:
        """Return what begins the lines of the nodes that were not met yet."""
        return self._now[0]

    @cached_property
    def _now(self) -> Held:
        return self._held()

    def __getitem__(self, osm_type: str) -> set[int]:
        if osm_type not in self._ids:
            ids = set(self._now[1].get(osm_type, ()))
            if osm_type == "node":
                ids.update(map(node_id, self.whole), map(node_id, self.unread))
            self._ids[osm_type] = ids
        return self._ids[osm_type]

    def __iter__(self) -> Iterator[str]:
        return iter(_TYPES.values())

    def __len__(self) -> int:
        return len(_TYPES)

    def left(self, met: Mapping[str, Set[int]]) -> dict[str, set[int]]:
        """Return the ids that a file was not seen to hold: neither met nor unread."""
        found = {osm_type: set(ids) for osm_type, ids in self._now[1].items()}
        found.setdefault("node", set()).update(map(node_id, self.whole))
        return {osm_type: ids - met.get(osm_type, set()) for osm_type, ids in found.items()}

    def forget_unread(self) -> None:
        """Let everything be read after all."""
        _ = self["node"]  # They are still known.
        self.whole.clear()
        self.unread.clear()


def node_id(head: bytes) -> int:
    """Return the id of `n1 v2`."""
    return int(head[1 : head.index(b" ")])


def known_now() -> Known:
    """Return what we mirror when it is looked at; 1,000,000 elements are some 100 MB."""
    return Known(_held_now)


def _held_now() -> Held:
    with connection.cursor() as cursor:
        cursor.execute(sql.load("osm", "known_elements"), {"rules": osm_rules.revision()})
        whole, rest = ((text or "").encode().splitlines() for text in cursor.fetchone())
    others: dict[str, set[int]] = defaultdict(set)
    for name in rest:
        others[_TYPES[name[:1]]].add(int(name[1:]))
    return set(whole), dict(others)
