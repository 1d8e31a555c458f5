"""Turns an OSM extract into the base map's features, one GeoJSON line each.

Runs as a process of its own (`python -m mapper.basemap.conversion`), so that its memory can be
capped and a damaged file can't take anything else down. Clipped extracts are tolerated: what lacks
a node is left out.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import osmium
import shapely
from shapely.geometry.base import BaseGeometry
from tqdm import tqdm

from geo.coast import sea_of
from mapper.basemap.schema import (
    AREA_KEYS,
    LINE_KEYS,
    PLACE_KEY,
    SEA,
    FeatureClass,
    class_of_area,
    class_of_line,
    class_of_place,
)

# Node positions of larger extracts are kept on the disk.
_SMALL_EXTRACT_BYTES = 100_000_000
_DECIMALS = 6
Box = tuple[float, float, float, float]


def convert(
    source: Path, target: IO[str], *, index_file: Path, bbox: Box | None, is_quiet: bool
) -> int:
    """Write the features of an extract that meet the box; return how many."""
    count = 0
    shores: list[BaseGeometry] = []
    hide = True if is_quiet else None
    with tqdm(desc="Features", unit="", disable=hide) as bar:
        for found, name, shape, is_tunnel in _features(source, index_file):
            if bbox is not None and not _meets(shape.bounds, bbox):
                continue
            if found.kind == "coastline":
                shores.append(shape)
            target.write(_line(found, name, shape, is_tunnel))
            count += 1
            bar.update()
    box = bbox or _box_of(source)
    for part in sea_of(shores, box) if box else []:
        target.write(_line(SEA, "", part, False))
        count += 1
    return count


def _box_of(source: Path) -> Box | None:
    """Return the box that an extract says it was cut by."""
    with osmium.io.Reader(str(source)) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat


def _features(
    source: Path, index_file: Path
) -> Iterator[tuple[FeatureClass, str, BaseGeometry, bool]]:
    is_small = source.stat().st_size < _SMALL_EXTRACT_BYTES
    storage = "flex_mem" if is_small else f"sparse_file_array,{index_file}"
    keys = sorted({*AREA_KEYS, *LINE_KEYS, PLACE_KEY})
    wkb = osmium.geom.WKBFactory()
    processor = (
        osmium.FileProcessor(str(source))
        .with_locations(storage)
        .with_areas(osmium.filter.KeyFilter(*AREA_KEYS))
        .with_filter(osmium.filter.KeyFilter(*keys))
    )
    for item in processor:
        found, shape = _shape(item, wkb)
        if found is not None and shape is not None:
            tags = item.tags
            is_tunnel = found.layer in ("road", "rail") and tags.get("tunnel", "no") != "no"
            name = str(tags.get("name") or "") if found.has_name else ""
            yield found, name, shape, is_tunnel


def _shape(item: Any, wkb: Any) -> tuple[FeatureClass | None, BaseGeometry | None]:
    """Return where an object goes and its geometry; None for what we don't draw or can't."""
    kind = item.type_str()
    classes = {"n": class_of_place, "w": class_of_line, "a": class_of_area}
    makers = {"n": "create_point", "w": "create_linestring", "a": "create_multipolygon"}
    if kind not in classes:
        return None, None
    try:
        found = classes[kind](dict(item.tags))
        if found is None:
            return None, None
        return found, shapely.from_wkb(bytes.fromhex(getattr(wkb, makers[kind])(item)))
    except (osmium.InvalidLocationError, RuntimeError, UnicodeDecodeError):
        return None, None


def _meets(bounds: Box, bbox: Box) -> bool:
    west, south, east, north = bounds
    return west <= bbox[2] and east >= bbox[0] and south <= bbox[3] and north >= bbox[1]


def _line(found: FeatureClass, name: str, shape: BaseGeometry, is_tunnel: bool) -> str:
    properties = {"kind": found.kind}
    if name:
        properties["name"] = name
    if is_tunnel:
        properties["is_tunnel"] = "yes"
    rounded = shapely.transform(shape, lambda points: points.round(_DECIMALS))
    head = json.dumps(
        {
            "type": "Feature",
            "tippecanoe": {"layer": found.layer, "minzoom": found.min_zoom},
            "properties": properties,
        },
        ensure_ascii=False,
    )
    return f'{head[:-1]}, "geometry": {shapely.to_geojson(rounded)}}}\n'


def main(arguments: list[str]) -> int:
    """Convert; one line on stderr and 2 where the extract can't be read, 3 out of memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--bbox", type=float, nargs=4)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(arguments)
    bbox = tuple(options.bbox) if options.bbox else None
    index_file = options.target.with_suffix(".nodes")
    try:
        with options.target.open("w", encoding="utf-8") as target:
            count = convert(
                options.source, target, index_file=index_file, bbox=bbox, is_quiet=options.quiet
            )
    except MemoryError:
        print("out of memory: take a smaller extract", file=sys.stderr)
        return 3
    except (RuntimeError, OSError, ValueError) as error:
        print(str(error).partition("\n")[0], file=sys.stderr)
        return 2
    print(count)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
