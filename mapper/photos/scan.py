"""Does a JPEG hold pixels and nothing else? A scan of its bytes that shares nothing with Pillow."""

_MARKER = 0xFF
_SOI, _EOI, _SOS, _APP0 = 0xD8, 0xD9, 0xDA, 0xE0
# SOF0 to SOF2 (baseline, extended, progressive), DHT, DQT: what decoding needs.
_NEEDED = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB})
_JFIF_BYTES = 14


def is_clean_jpeg(data: bytes) -> bool:
    """Return whether the bytes are SOI APP0 DQT SOF DHT SOS EOI and nothing beside or after."""
    if data[:2] != bytes((_MARKER, _SOI)):
        return False
    at, has_scan = 2, False
    while at + 4 <= len(data) and data[at] == _MARKER and data[at + 1] != _EOI:
        marker = data[at + 1]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or not _is_allowed(marker, data[at + 4 : end]):
            return False
        at = end
        if marker == _SOS:
            at, has_scan = _end_of_scan(data, at), True
    return has_scan and data[at:] == bytes((_MARKER, _EOI))


def _is_allowed(marker: int, body: bytes) -> bool:
    """Return whether a segment holds pixels or how to decode them."""
    if marker == _APP0:
        # JFIF without a thumbnail inside, which would be one of the unredacted picture.
        return len(body) == _JFIF_BYTES and body[:5] == b"JFIF\0" and body[12:] == b"\0\0"
    return marker in _NEEDED or marker == _SOS


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker stands after a scan's coded data, or the end of the bytes."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        # FF 00 is a coded byte; our encoder writes no restart markers.
        if data[at + 1] != 0:
            return at
        at += 2
