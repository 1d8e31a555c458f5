"""Reads where children are from an OSM file: schools, kindergartens, nurseries, as features.

Tags: wiki.openstreetmap.org, Tag:amenity=school, =kindergarten, =childcare. In France collèges and
lycées are schools too.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
from tqdm import tqdm

from mapper.errors import BadInput
from mapper.input_files import readable_file

AMENITIES = ("school", "kindergarten", "childcare")
SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")


def school_features(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a feature with `code` and `name` for each; grounds as polygons, else a point.

    What is not needed is left out first, so that a country's extract takes little memory. Raises
    BadInput where the file can't be read to its end.
    """
    readable_file(path)
    wanted = osmium.filter.TagFilter(*(("amenity", amenity) for amenity in AMENITIES))
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            tqdm(desc="Schools", unit=" objects", disable=None) as bar,
        ):
            fewer = str(Path(folder) / "schools.osm.pbf")
            writer = osmium.BackReferenceWriter(fewer, ref_src=str(path), overwrite=True)
            # It leaves its own folder behind where a file is damaged.
            with writer.tmpdir, writer:
                for item in osmium.FileProcessor(str(path)).with_filter(wanted):
                    writer.add(item)
            found = osmium.FileProcessor(fewer).with_areas(wanted).with_filter(wanted)
            factory = osmium.geom.GeoJSONFactory()
            for item in found:
                feature = _feature(item, factory)
                if feature is not None:
                    bar.update()
                    yield feature
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        reason = str(error).partition("\n")[0].strip(" .") or type(error).__name__
        raise BadInput(f"{path} is damaged or not of the format its name says: {reason}.") from None


def _feature(item: Any, factory: Any) -> dict[str, Any] | None:
    """Return a node or an area as a feature; ways and relations come again as areas."""
    if item.is_node():
        code, geometry = f"osm-n{item.id}", factory.create_point(item)
    elif item.is_area():
        kind = "w" if item.from_way() else "r"
        code, geometry = f"osm-{kind}{item.orig_id()}", factory.create_multipolygon(item)
    else:
        return None
    name = " ".join(item.tags.get("name", "").split()) or item.tags.get("amenity")
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name[:200]},
        "geometry": json.loads(geometry),
    }
