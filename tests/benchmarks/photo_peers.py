"""Makes the copies of a photo as an import does, or as a peer: `photo_peers.py NAME FILE ROUNDS`.

A small process of its own, so that its memory is nobody else's. Prints the seconds of each round,
and the most memory in bytes; of ours that of the sandbox, whose children do the work.
"""

import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

LONG_SIDES_PX = (2016, 480)


def ours() -> Callable[[bytes], None]:
    """Return the sandbox's way, from the bytes to the copies."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from mapper import sandbox

    limits = {"wall_s": 30.0, "cpu_s": 15, "memory_bytes": 1_500_000_000}
    options = dict(zip(("long_side_px", "thumbnail_px"), LONG_SIDES_PX, strict=True))

    def work(data: bytes) -> None:
        answer = sandbox.call("mapper.photos.pixels:clean", data, options=options, **limits)
        assert len(answer.parts) == 2

    return work


def plain_pillow() -> Callable[[bytes], None]:
    """Return what a first version of anybody's import does."""
    from PIL import Image, ImageOps

    def work(data: bytes) -> None:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        for side in LONG_SIDES_PX:
            small = picture.copy()
            small.thumbnail((side, side))
            small.save(io.BytesIO(), "JPEG", quality=85)

    return work


def libvips() -> Callable[[bytes], None]:
    """Return the same by libvips, which scales while it decodes."""
    import pyvips

    def work(data: bytes) -> None:
        for side in LONG_SIDES_PX:
            picture = pyvips.Image.thumbnail_buffer(data, side, height=side)
            picture.jpegsave_buffer(Q=85, keep="none")

    return work


def main() -> None:
    """Work so many rounds on a file."""
    name, path, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    work = {"ours": ours, "plain_pillow": plain_pillow, "libvips": libvips}[name]()
    data = path.read_bytes()
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work(data)
        seconds.append(time.perf_counter() - begun)
    print(json.dumps({"seconds": seconds, "peak_bytes": _peak_bytes(name)}))


def _peak_bytes(name: str) -> int:
    if name != "ours":
        # Not ru_maxrss, which counts what our parent had when it forked us.
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
    from mapper import sandbox

    sandbox._nursery.close()
    (nursery,) = sandbox._nursery._processes
    # Of it, or of the largest child that it waited for.
    return os.wait4(nursery.pid, 0)[2].ru_maxrss * 1024


if __name__ == "__main__":
    main()
