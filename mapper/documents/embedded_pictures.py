"""What a picture inside a document says besides its pixels, taken out without touching them.

JPEG: ITU-T T.81 annex B (segments before the first scan). JPEG 2000: ISO 15444-1 annex I (boxes).
"""

_START = b"\xff\xd8"
_SCAN = 0xDA
_END = 0xD9
# APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colour transform) are needed to see the
# picture as it is; every other APP segment and the comment hold words, thumbnails, positions.
_KEPT_APPS = frozenset({0xE0, 0xE2, 0xEE})
_COMMENT = 0xFE
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG2000 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_DROPPED_BOXES = frozenset({b"xml ", b"uuid", b"uinf"})


def without_jpeg_metadata(data: bytes) -> bytes:
    """Return a JPEG stream without Exif, XMP, IPTC and comments.

    A stream that is not built as a JPEG should be loses all it holds before the fault; what a
    decoder makes of the rest is the decoder's business.
    """
    if not data.startswith(_START):
        return data
    kept = [_START]
    at = len(_START)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in (_SCAN, _END):
            break
        if marker in _STANDALONE:
            kept.append(data[at : at + 2])
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if _is_kept(marker, data[at + 4 : at + 18]):
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]])


def _is_kept(marker: int, head: bytes) -> bool:
    """Return whether a segment is part of the picture."""
    if marker == _COMMENT:
        return False
    if 0xE0 <= marker <= 0xEF:
        # APP2 also carries the index of multi-picture files, and APP0 a thumbnail ("JFXX").
        return marker in _KEPT_APPS and not head.startswith((b"MPF\0", b"FPXR\0", b"JFXX\0"))
    return True


def without_jpeg2000_metadata(data: bytes) -> bytes:
    """Return a JPEG 2000 file without its XML and UUID boxes; a bare codestream as it is."""
    if not data.startswith(_JPEG2000):
        return data
    kept: list[bytes] = []
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        head = 8
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
            head = 16
        end = len(data) if size == 0 else at + size
        if end < at + head:
            break
        if data[at + 4 : at + 8] not in _DROPPED_BOXES:
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]])
