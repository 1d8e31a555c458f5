"""Asks the sandbox what a photo tells of its walk, and checks the answer like a stranger's."""

import math
import re
from dataclasses import dataclass
from typing import Any

from geo.errors import GeoError
from geo.exif import REMOVABLE
from geo.position import LonLat, is_null_island
from mapper import sandbox

# Short, because somebody waits for the page; a sound file takes a tenth of a second.
WALL_S = 6.0
CPU_S = 3
MEMORY_BYTES = 700_000_000

_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo tells: where the photographer stood, which way the lens looked, when."""

    position: LonLat | None = None
    accuracy_m: float | None = None
    direction_deg: float | None = None
    direction_reference: str = ""
    captured_local: str = ""
    captured_offset: str = ""
    # Codes of `geo.exif.REMOVABLE`: what the file carries and no copy of ours will.
    removable: tuple[str, ...] = ()


class PhotoRefusedError(ValueError):
    """The file is not taken; `reason` is a stable code, in words in `mapper.photos.words`."""

    def __init__(self, reason: str):
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


def read_photo(data: bytes) -> PhotoFacts:
    """Return what a photo tells.

    Raises
    ------
    PhotoRefusedError
        With the sandbox's reason, or `broken` or `too_slow`.
    """
    try:
        answer = sandbox.call(
            "mapper.photos.metadata:read",
            data,
            wall_s=WALL_S,
            cpu_s=CPU_S,
            memory_bytes=MEMORY_BYTES,
        )
    except sandbox.SandboxRefused as refused:
        raise PhotoRefusedError(refused.reason) from None
    except sandbox.SandboxTimeout:
        raise PhotoRefusedError("too_slow") from None
    except sandbox.SandboxCrash:
        raise PhotoRefusedError("broken") from None
    return facts_from(answer.values)


def facts_from(values: dict[str, Any]) -> PhotoFacts:
    """Return the facts in an answer; what is not as it should be is left out."""
    direction_deg = _number(values.get("direction_deg"), least=0, below=360)
    reference = values.get("direction_reference")
    said = values.get("removable")
    removable = [code for code in said if isinstance(code, str)] if isinstance(said, list) else []
    return PhotoFacts(
        position=_position(values.get("position")),
        accuracy_m=_number(values.get("position_accuracy_m"), least=0, below=1e7),
        direction_deg=direction_deg,
        direction_reference=reference if reference in ("true", "magnetic") else "",
        captured_local=_text(values.get("captured_local"), _LOCAL_TIME),
        captured_offset=_text(values.get("captured_offset"), _OFFSET),
        removable=tuple(code for code in REMOVABLE if code in removable),
    )


def _position(value: object) -> LonLat | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    try:
        position = LonLat(*value)
    except GeoError:
        return None
    return None if is_null_island(position) else position


def _number(value: object, *, least: float, below: float) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value) if least <= value < below else None


def _text(value: object, pattern: "re.Pattern[str]") -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""
