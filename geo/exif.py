"""Where, when and which way was this photo taken, and what else does it tell? Bytes to metadata.

Read by exifread and Pillow independently: a place or direction on which they differ is not
believed. It opens strangers' files, so it runs in a sandbox process with limits of time and memory
(`mapper.sandbox`); even so nothing but ExifError leaves it.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal, cast

from geo.errors import ExifError, PositionError
from geo.exif_block import (
    ExifValues,
    as_numbers,
    as_text,
    read_with_exifread,
    read_with_pillow,
    tags_present,
)
from geo.photo_container import read_container
from geo.position import LonLat, is_null_island

REMOVABLE = (
    "position",
    "direction",
    "capture_time",
    "make",
    "model",
    "lens",
    "serial_number",
    "owner_name",
    "software",
    "comment",
    "thumbnail",
    "xmp",
    "iptc",
    "maker_note",
    "icc_profile",
    "app_data",
    "trailer",
)
"""Codes of what a photo may carry and a public copy never does, in the order they are named."""

WARNINGS = (
    "exif_unreadable",
    "exif_damaged",
    "position_incomplete",
    "position_out_of_range",
    "position_null_island",
    "position_void",
    "position_datum",
    "position_disagreement",
    "direction_invalid",
    "direction_disagreement",
    "capture_time_invalid",
    "capture_time_disagreement",
    "orientation_disagreement",
)
"""Codes of what was in the file and was not believed."""

# 1e-6 degree is 11 cm: far under what two right readings of the same fractions can differ by.
_SAME_PLACE_DEG = 1e-6
_SAME_DIRECTION_DEG = 1e-3

_LOCAL_TIME = re.compile(r"([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})")
_OFFSET = re.compile(r"[+-](?:0[0-9]|1[0-4]):[0-5][0-9]")
_WGS_84 = re.compile(r"WGS[ -]?(?:19)?84", re.IGNORECASE)

_TAG_CODES: dict[str, tuple[tuple[str, int], ...]] = {
    "position": tuple(("gps", tag) for tag in (1, 2, 3, 4, 5, 6, *range(19, 29), 31)),
    "direction": tuple(("gps", tag) for tag in (14, 15, 16, 17)),
    "capture_time": (
        ("image", 0x0132), ("exif", 0x9003), ("exif", 0x9004), ("exif", 0x9010), ("exif", 0x9011),
        ("exif", 0x9012), ("gps", 7), ("gps", 29),
    ),
    "make": (("image", 0x010F), ("thumbnail", 0x010F)),
    "model": (("image", 0x0110), ("image", 0x013C), ("thumbnail", 0x0110)),
    "lens": (("exif", 0xA433), ("exif", 0xA434)),
    "serial_number": (
        ("exif", 0xA431), ("exif", 0xA435), ("exif", 0xA420), ("image", 0xC62F), ("image", 0xC65D),
    ),
    "owner_name": (
        ("image", 0x013B), ("image", 0x8298), ("image", 0x9C9D), ("exif", 0xA430),
    ),
    "software": (("image", 0x0131), ("image", 0x000B)),
    "comment": (
        ("image", 0x010E), ("exif", 0x9286), ("image", 0x9C9B), ("image", 0x9C9C),
        ("image", 0x9C9E), ("image", 0x9C9F),
    ),
    "xmp": (("image", 0x02BC),),
    "iptc": (("image", 0x83BB), ("image", 0x8649)),
    "maker_note": (("exif", 0x927C),),
    "icc_profile": (("image", 0x8773),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PhotoMetadata:
    """What a photo says of itself; None where it says nothing that can be believed.

    `position` is WGS 84, where the photographer stood (not the thing in the picture), with the
    receiver's own error `position_accuracy_m` (metres, GPSHPositioningError). `direction_deg` is
    where the lens pointed, clockwise in [0, 360) from `direction_reference`: true or magnetic
    north, None if unsaid. `captured_local` is `YYYY-MM-DDTHH:MM:SS` on the camera's clock;
    `captured_offset` its offset `+02:00`, only if written there. `orientation` is EXIF's 1 to 8,
    still to be applied to the decoded pixels (1 for HEIC, whose decoder turns them). `removable`
    holds codes of `REMOVABLE`, `warnings` of `WARNINGS`.
    """

    format: str
    position: LonLat | None = None
    position_accuracy_m: float | None = None
    direction_deg: float | None = None
    direction_reference: Literal["true", "magnetic"] | None = None
    captured_local: str | None = None
    captured_offset: str | None = None
    orientation: int = 1
    removable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the metadata JSON-ready, `position` as [lon, lat]."""
        members = asdict(self)
        if self.position is not None:
            members["position"] = [self.position.lon, self.position.lat]
        return members | {"removable": list(self.removable), "warnings": list(self.warnings)}

    @classmethod
    def from_dict(cls, members: dict[str, object]) -> PhotoMetadata:
        """Return the metadata that `as_dict` wrote (what a sandbox process sends back)."""
        position = cast("list[float] | None", members["position"])
        return cls(
            **members  # type: ignore[arg-type]  # written by as_dict
            | {
                "position": None if position is None else LonLat(*position),
                "removable": tuple(cast("list[str]", members["removable"])),
                "warnings": tuple(cast("list[str]", members["warnings"])),
            }
        )


def read_photo_metadata(data: bytes) -> PhotoMetadata:
    """Return what the JPEG, PNG, WebP or HEIC file `data` tells besides its pixels.

    A position is refused (None, with a warning) when it is (0, 0), out of range, not finite, has a
    zero denominator or no hemisphere, was marked void by the receiver, or is in another datum than
    WGS 84 (phones sold in China shift it by hundreds of metres). A broken EXIF block is a warning,
    not an error: the photo itself may be sound. XMP and maker notes are named, never read.

    Raises
    ------
    ExifError
        When the bytes are no such picture. Nothing else is raised, whatever the bytes.
    """
    try:
        container = read_container(data)
        metadata = PhotoMetadata(container.format, removable=_ordered(container.carries))
        if container.exif is None:
            return metadata
        return _with_exif(metadata, container.exif, container.carries)
    except ExifError:
        raise
    except Exception as error:
        # The message of a foreign error may quote the file; its class says enough.
        raise ExifError(
            f"The picture's metadata can't be read ({type(error).__name__}); save it anew."
        ) from None


def _with_exif(metadata: PhotoMetadata, block: bytes, carried: frozenset[str]) -> PhotoMetadata:
    present = tags_present(block)
    if present is None:
        return replace(metadata, warnings=("exif_unreadable",))
    codes = {code for code, tags in _TAG_CODES.items() if not present.isdisjoint(tags)}
    if any(group == "thumbnail" for group, _ in present):
        codes.add("thumbnail")
    metadata = replace(metadata, removable=_ordered(carried | codes))
    readings = [
        _interpreted(metadata, values)
        for values in (read_with_exifread(block), read_with_pillow(block))
        if values is not None
    ]
    if not readings:
        return replace(metadata, warnings=("exif_unreadable",))
    if len(readings) == 1:
        return _with_warnings(readings[0], "exif_damaged")
    return _agreed(*readings)


def _agreed(first: PhotoMetadata, second: PhotoMetadata) -> PhotoMetadata:
    """Return what both readings say; the orientation is that of Pillow, which turns the pixels."""
    agreed = _with_warnings(second, *first.warnings)
    if not _is_same_place(first.position, second.position):
        agreed = _with_warnings(agreed, "position_disagreement")
        agreed = replace(agreed, position=None, position_accuracy_m=None)
    if not _is_same_direction(first, second):
        agreed = _with_warnings(agreed, "direction_disagreement")
        agreed = replace(agreed, direction_deg=None, direction_reference=None)
    if (first.captured_local, first.captured_offset) != (
        second.captured_local,
        second.captured_offset,
    ):
        agreed = _with_warnings(agreed, "capture_time_disagreement")
        agreed = replace(agreed, captured_local=None, captured_offset=None)
    if first.orientation != second.orientation:
        agreed = _with_warnings(agreed, "orientation_disagreement")
    return agreed


def _is_same_place(first: LonLat | None, second: LonLat | None) -> bool:
    if first is None or second is None:
        return first is second
    return (
        abs(first.lon - second.lon) <= _SAME_PLACE_DEG
        and abs(first.lat - second.lat) <= _SAME_PLACE_DEG
    )


def _is_same_direction(first: PhotoMetadata, second: PhotoMetadata) -> bool:
    if first.direction_deg is None or second.direction_deg is None:
        return first.direction_deg is second.direction_deg
    turn = abs(first.direction_deg - second.direction_deg)
    same = min(turn, 360 - turn) <= _SAME_DIRECTION_DEG
    return same and first.direction_reference == second.direction_reference


def _interpreted(metadata: PhotoMetadata, values: ExifValues) -> PhotoMetadata:
    """Return `metadata` with what one reader's values mean."""
    position, position_warning = _position(values)
    direction_deg, direction_warning = _direction_deg(values)
    captured_local, time_warning = _captured_local(values)
    return _with_warnings(
        replace(
            metadata,
            position=position,
            position_accuracy_m=None if position is None else _accuracy_m(values),
            direction_deg=direction_deg,
            direction_reference=None if direction_deg is None else _direction_reference(values),
            captured_local=captured_local,
            captured_offset=None if captured_local is None else _captured_offset(values),
            orientation=1 if metadata.format == "heic" else _orientation(values),
        ),
        position_warning,
        direction_warning,
        time_warning,
    )


def _position(values: ExifValues) -> tuple[LonLat | None, str | None]:
    if not values.gps.keys() & {2, 4}:
        return None, None
    lat = _axis_deg(values.gps.get(2), as_text(values.gps.get(1)), "N", "S")
    lon = _axis_deg(values.gps.get(4), as_text(values.gps.get(3)), "E", "W")
    if lat is None or lon is None:
        return None, "position_incomplete"
    try:
        position = LonLat(lon, lat)
    except PositionError:
        return None, "position_out_of_range"
    doubt = _doubt(position, values)
    return (None, doubt) if doubt else (position, None)


def _doubt(position: LonLat, values: ExifValues) -> str | None:
    """Return why a well-formed position is not believed."""
    if is_null_island(position):
        return "position_null_island"
    if as_text(values.gps.get(9)).upper() == "V":
        return "position_void"
    datum = as_text(values.gps.get(18))
    return "position_datum" if datum and not _WGS_84.fullmatch(datum) else None


def _axis_deg(value: object, reference: str, positive: str, negative: str) -> float | None:
    """Return signed degrees from degrees, minutes and seconds; None when a part is missing.

    What is there but wrong (NaN from a zero denominator, 75 minutes, a minus sign) is NaN.
    """
    parts = as_numbers(value) if value is not None else ()
    hemisphere = reference[:1].upper()
    if not 1 <= len(parts) <= 3 or hemisphere not in (positive, negative):
        return None
    degrees, minutes, seconds = (*parts, 0.0, 0.0)[:3]
    if not (degrees >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60):
        return math.nan
    total = degrees + minutes / 60 + seconds / 3600
    return total if hemisphere == positive else -total


def _accuracy_m(values: ExifValues) -> float | None:
    numbers = as_numbers(values.gps.get(31))
    is_said = len(numbers) == 1 and math.isfinite(numbers[0]) and numbers[0] > 0
    return round(numbers[0], 3) if is_said else None


def _direction_deg(values: ExifValues) -> tuple[float | None, str | None]:
    if 17 not in values.gps:
        return None, None
    numbers = as_numbers(values.gps[17])
    if len(numbers) != 1 or not 0 <= numbers[0] <= 360:
        return None, "direction_invalid"
    return round(numbers[0], 6) % 360, None


def _direction_reference(values: ExifValues) -> Literal["true", "magnetic"] | None:
    reference = as_text(values.gps.get(16)).upper()
    return {"T": "true", "M": "magnetic"}.get(reference)  # type: ignore[return-value]  # of these


def _captured_local(values: ExifValues) -> tuple[str | None, str | None]:
    written = as_text(values.exif.get(0x9003)) or as_text(values.exif.get(0x9004))
    if not written.strip(" 0:-"):  # cameras without a set clock write zeros or blanks
        return None, None
    match = _LOCAL_TIME.fullmatch(written)
    text = f"{match[1]}-{match[2]}-{match[3]}T{match[4]}" if match else ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None, "capture_time_invalid"
    return text, None


def _captured_offset(values: ExifValues) -> str | None:
    tag = 0x9011 if as_text(values.exif.get(0x9003)) else 0x9012
    offset = as_text(values.exif.get(tag))
    return offset if _OFFSET.fullmatch(offset) else None


def _orientation(values: ExifValues) -> int:
    numbers = as_numbers(values.image.get(0x0112))
    return int(numbers[0]) if len(numbers) == 1 and numbers[0] in range(1, 9) else 1


def _with_warnings(metadata: PhotoMetadata, *codes: str | None) -> PhotoMetadata:
    found = {*metadata.warnings, *codes}
    return replace(metadata, warnings=tuple(code for code in WARNINGS if code in found))


def _ordered(codes: frozenset[str]) -> tuple[str, ...]:
    return tuple(code for code in REMOVABLE if code in codes)
