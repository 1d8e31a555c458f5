"""Which values of OSM does our table not know, and how often? For whoever reviews the table."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from geo.osm_aliases import keys, unknown_items
from mapper import sql


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """One item of a value, how many objects have it, and one of them (`node/1`)."""

    key: str
    value: str
    count: int
    example: str


def unknown_values() -> list[UnknownValue]:
    """Return what no row of `geo/osm_aliases.toml` knows, most frequent first."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    examples: dict[tuple[str, str], str] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql.load("osm", "tag_values"), {"keys": list(keys())})
        for key, text, count, example in sorted(cursor.fetchall()):
            for item in unknown_items(key, text):
                counts[key, item] += count
                examples.setdefault((key, item), example)
    found = [UnknownValue(*name, count, examples[name]) for name, count in counts.items()]
    return sorted(found, key=lambda value: (-value.count, value.key, value.value))
