"""What do the tags of an EXIF block hold? Read twice, by exifread and by Pillow, in bounded time.

Both libraries follow any pointer of a hostile block (exifread for minutes), so the block's own
structure is walked first and a block with more entries than a camera writes is not given to them.
Source: EXIF 2.32 (CIPA DC-008), TIFF 6.0.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

import exifread
from PIL import Image

EXIF_IFD, GPS_IFD, _INTEROP_IFD = 0x8769, 0x8825, 0xA005

_MAX_BLOCK_BYTES = 4_000_000
_MAX_ENTRIES = 5_000
_MAX_VALUES = 200_000
# What entries that overlap may make a reader copy.
_MAX_COPIED_BYTES = 4 * _MAX_BLOCK_BYTES
_ENTRY_BYTES = 12
_GROUP_OF_POINTER = {EXIF_IFD: "exif", GPS_IFD: "gps", _INTEROP_IFD: "interop"}
_EXIFREAD_GROUPS = {"Image": "image", "EXIF": "exif", "GPS": "gps"}

# exifread reports what it reads, places included; no log may hold that.
logging.getLogger("exifread").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class ExifValues:
    """The tags of three directories by their number, as one of the readers gives them."""

    image: Mapping[int, object] = field(default_factory=dict)
    exif: Mapping[int, object] = field(default_factory=dict)
    gps: Mapping[int, object] = field(default_factory=dict)


class _TooComplex(Exception):
    """The block has more entries or values than any camera writes."""


def tags_present(block: bytes) -> frozenset[tuple[str, int]] | None:
    """Return (directory, tag) of each entry, or None when the block is no TIFF or far too large.

    Directories are `image`, `exif`, `gps`, `interop` and `thumbnail`. A pointer outside the block
    leads nowhere. Never raises.
    """
    if block[:2] not in (b"II", b"MM") or len(block) > _MAX_BLOCK_BYTES:
        return None
    walk = _Walk(block)
    try:
        walk.chain()
    except _TooComplex:
        return None
    return frozenset(walk.found)


def read_with_exifread(block: bytes) -> ExifValues | None:
    """Return what exifread reads in a block that `tags_present` took, or None when it fails.

    Strict and without maker notes: the mode in which it was measured not to hang.
    """
    groups: dict[str, dict[int, object]] = {"image": {}, "exif": {}, "gps": {}}
    try:
        tags = exifread.process_file(
            BytesIO(block), details=False, strict=True, extract_thumbnail=False
        )
        for name, tag in tags.items():
            group = groups.get(_EXIFREAD_GROUPS.get(name.split(" ")[0], ""))
            if group is not None:
                group[int(tag.tag)] = tag.values
    except Exception:  # IndexError, ValueError, struct.error and others escape from it
        return None
    return ExifValues(**groups)


def read_with_pillow(block: bytes) -> ExifValues | None:
    """Return what Pillow reads in a block that `tags_present` took, or None when it fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of what it skips
            exif = Image.Exif()
            exif.load(b"Exif\x00\x00" + block)
            return ExifValues(dict(exif), dict(exif.get_ifd(EXIF_IFD)), dict(exif.get_ifd(GPS_IFD)))
    except Exception:  # OSError, struct.error, SyntaxError and others, by the damage
        return None


def as_numbers(value: object) -> tuple[float, ...]:
    """Return the numbers of a tag; NaN for each zero denominator or thing that is no number."""
    parts = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(_as_number(part) for part in parts)


def as_text(value: object) -> str:
    """Return the text of an ASCII tag up to its first NUL, without blanks around it."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return value.split("\x00")[0].strip() if isinstance(value, str) else ""


def _as_number(part: object) -> float:
    if isinstance(part, tuple) and len(part) == 1:  # exifread's floats
        part = part[0]
    if isinstance(part, (str, bytes)):
        return math.nan
    try:
        return float(part)  # type: ignore[arg-type]  # both readers' rationals can be turned
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return math.nan


class _Walk:
    """One walk through the directories of a block, with what it has cost so far."""

    def __init__(self, block: bytes) -> None:
        self.block = block
        self.is_little_endian = block[:2] == b"II"
        self.found: set[tuple[str, int]] = set()
        self.entries = 0
        self.values = 0
        self.copied_bytes = 0

    def chain(self) -> None:
        """Walk the first directory and those it is followed by."""
        group, at, seen = "image", self._number(4, 4), set[int]()
        while at and at not in seen:
            seen.add(at)
            self._directory(group, at)
            at = self._number(at + 2 + _ENTRY_BYTES * self._number(at, 2), 4)
            group = "thumbnail"

    def _directory(self, group: str, at: int) -> None:
        """Walk a directory and those it points to, as often as a naive reader would."""
        count = self._number(at, 2)
        self.entries += count + 1
        if self.entries > _MAX_ENTRIES:
            raise _TooComplex
        for index in range(count):
            entry = at + 2 + _ENTRY_BYTES * index
            tag = self._number(entry, 2)
            values = self._number(entry + 4, 4)
            self.values += min(values, 1000)
            self.copied_bytes += min(values, len(self.block))
            if self.values > _MAX_VALUES or self.copied_bytes > _MAX_COPIED_BYTES:
                raise _TooComplex
            self.found.add((group, tag))
            pointed = _GROUP_OF_POINTER.get(tag)
            if pointed is not None and group in ("image", "exif", "thumbnail"):
                self._follow(group, pointed, self._number(entry + 8, 4))

    def _follow(self, group: str, pointed: str, at: int) -> None:
        if (group, pointed) != ("exif", "exif") and at + 2 <= len(self.block):
            self._directory(pointed, at)

    def _number(self, at: int, length: int) -> int:
        order: Literal["little", "big"] = "little" if self.is_little_endian else "big"
        return int.from_bytes(self.block[at : at + length], order)
