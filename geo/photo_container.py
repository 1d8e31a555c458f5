"""What does a picture file carry besides its pixels? JPEG, PNG, WebP and HEIC, without decoding.

The containers are walked here, in bounded time, because exifread's own walkers hang on hostile
files; the EXIF block that is found is read by `geo.exif_block`. Sources: ITU T.81, EXIF 2.32 (CIPA
DC-008), PNG 3rd edition, Google's WebP container, ISO/IEC 14496-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import pi_heif

from geo.errors import ExifError

# A picture of 20 MB has some dozens; more is an attack on whoever walks them.
_MAX_PARTS = 10_000
_EXIF_HEADER = b"Exif\x00\x00"

_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif"}
)
_BMFF_KNOWN = frozenset({b"ftyp", b"meta", b"mdat", b"idat", b"free", b"skip", b"wide"})


@dataclass(frozen=True, slots=True)
class Container:
    """A picture file: its `format`, its EXIF block (TIFF structure) and what else it `carries`.

    `carries` holds codes of `geo.exif.REMOVABLE`, those that lie outside the EXIF block.
    """

    format: str
    exif: bytes | None
    carries: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a file: an EXIF block, or a code of what it is (None for what a picture needs)."""

    code: str | None
    exif: bytes | None = None


def read_container(data: bytes) -> Container:
    """Return what the picture file `data` is and carries.

    The first EXIF block counts, as in exiftool. A file that ends too early is read as far as it
    goes; whether its pixels can be had is for the decoder to say.

    Raises
    ------
    ExifError
        When the bytes are no JPEG, PNG, WebP or HEIC, or their structure has over 10 000 parts.
    """
    for name, is_it, parts_of in _FORMATS:
        if is_it(data):
            return _collected(name, parts_of(data))
    raise ExifError(
        "The file is not a JPEG, PNG, WebP or HEIC picture; send the photo as the phone saved it."
    )


def _collected(name: str, parts: Iterator[_Part]) -> Container:
    exif: bytes | None = None
    carries: set[str] = set()
    for count, part in enumerate(parts):
        if count >= _MAX_PARTS:
            raise ExifError(
                f"The {name.upper()} file has over {_MAX_PARTS} parts; save it anew as a picture."
            )
        if part.code is not None:
            carries.add(part.code)
        exif = part.exif if exif is None else exif
    return Container(name, exif, frozenset(carries))


# A marker within the entropy-coded data: 0xFF before anything but a stuffed 0, a restart or a fill.
_NEXT_MARKER = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])", re.DOTALL)
_SOS, _EOI = 0xDA, 0xD9
_APP = range(0xE0, 0xF0)


def _jpeg_parts(data: bytes) -> Iterator[_Part]:
    at = 2
    while found := _NEXT_MARKER.search(data, at):
        marker_at = found.start() + 1
        marker = data[marker_at : marker_at + 1]
        if not marker:
            return
        if marker[0] == _EOI:
            if data[marker_at + 1 :].strip(b"\x00"):
                yield _Part("trailer")
            return
        length = int.from_bytes(data[marker_at + 1 : marker_at + 3], "big")
        payload = data[marker_at + 3 : marker_at + 1 + length]
        yield _jpeg_part(marker[0], payload)
        at = marker_at + 1 + max(length, 2)


def _jpeg_part(marker: int, payload: bytes) -> _Part:
    if marker == 0xFE:
        return _Part("comment")
    if marker not in _APP:
        return _Part(None)
    if marker == 0xE1 and payload.startswith(_EXIF_HEADER):
        return _Part(None, payload[len(_EXIF_HEADER) :])
    if marker == 0xE0 and payload.startswith(b"JFIF\x00"):
        has_thumbnail = payload[12:14] not in (b"", b"\x00\x00")
        return _Part("thumbnail" if has_thumbnail else None)
    for at, beginning, code in _JPEG_SEGMENTS:
        if marker == at and payload.startswith(beginning):
            return _Part(code)
    return _Part("app_data")


_JPEG_SEGMENTS: tuple[tuple[int, bytes, str | None], ...] = (
    (0xE0, b"JFXX\x00", "thumbnail"),
    (0xE1, b"http://ns.adobe.com/", "xmp"),
    (0xE2, b"ICC_PROFILE\x00", "icc_profile"),
    (0xE2, b"MPF\x00", "trailer"),
    (0xED, b"Photoshop 3.0\x00", "iptc"),
    (0xEE, b"Adobe", None),  # how the colours are coded; no metadata
)

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# fmt: off
_PNG_PIXELS = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD",
    b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"cLLI",
})
# fmt: on
_PNG_TEXTS = (
    (b"XML:com.adobe.xmp\x00", "xmp"),
    (b"Raw profile type xmp\x00", "xmp"),
    (b"Raw profile type iptc\x00", "iptc"),
    (b"Software\x00", "software"),
    (b"Author\x00", "owner_name"),
    (b"Creation Time\x00", "capture_time"),
)


def _png_parts(data: bytes) -> Iterator[_Part]:
    at = len(_PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        payload = data[at + 8 : at + 8 + length]
        yield _png_part(kind, payload)
        at += 12 + length
        if kind == b"IEND":
            break
    if data[at:].strip(b"\x00"):
        yield _Part("trailer")


def _png_part(kind: bytes, payload: bytes) -> _Part:
    if kind in _PNG_PIXELS:
        return _Part(None)
    if kind == b"eXIf":
        return _Part(None, payload.removeprefix(_EXIF_HEADER))
    if kind in (b"tEXt", b"zTXt", b"iTXt"):
        codes = [code for keyword, code in _PNG_TEXTS if payload.startswith(keyword)]
        return _Part(codes[0] if codes else "comment")
    return _Part({b"iCCP": "icc_profile", b"tIME": "capture_time"}.get(kind, "app_data"))


_WEBP_PIXELS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})


def _webp_parts(data: bytes) -> Iterator[_Part]:
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    at = 12
    while at + 8 <= end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"EXIF":
            yield _Part(None, data[at + 8 : at + 8 + length].removeprefix(_EXIF_HEADER))
        elif kind in _WEBP_PIXELS:
            yield _Part(None)
        else:
            yield _Part({b"XMP ": "xmp", b"ICCP": "icc_profile"}.get(kind, "app_data"))
        at += 8 + length + length % 2
    if data[end:].strip(b"\x00"):
        yield _Part("trailer")


def _heic_parts(data: bytes) -> Iterator[_Part]:
    try:
        info = pi_heif.open_heif(BytesIO(data)).info
    except Exception as error:  # libheif's binding raises half a dozen unrelated families
        raise ExifError(
            f"The HEIC file can't be opened ({type(error).__name__}); send it as JPEG."
        ) from None
    if info.get("exif"):
        yield _Part(None, bytes(info["exif"]).removeprefix(_EXIF_HEADER))
    for key, code in (
        ("xmp", "xmp"),
        ("icc_profile", "icc_profile"),
        ("thumbnails", "thumbnail"),
        ("metadata", "app_data"),
        ("depth_images", "app_data"),
        ("aux", "app_data"),
    ):
        if info.get(key):
            yield _Part(code)
    yield from _bmff_parts(data)


def _bmff_parts(data: bytes) -> Iterator[_Part]:
    """Walk the top-level boxes: a film or anything else behind the picture is a trailer."""
    at = 0
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        yield _Part(None if kind in _BMFF_KNOWN else "trailer")
        if length < 8:  # 0 is "to the end of the file"; less than a header is nonsense
            return
        at += length


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS


_FORMATS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], Iterator[_Part]]], ...] = (
    ("jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg_parts),
    ("png", lambda data: data.startswith(_PNG_SIGNATURE), _png_parts),
    ("webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp_parts),
    ("heic", _is_heic, _heic_parts),
)
