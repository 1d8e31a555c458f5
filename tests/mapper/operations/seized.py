"""What somebody looks for on a seized disk: every spelling of what nobody may find there."""

import base64
import hashlib
import io
import math
import struct
import uuid

import numpy
from PIL import Image


def text(words: str) -> set[bytes]:
    """Return a text as databases, logs and browsers write it."""
    raw = words.encode()
    forms = {raw, words.encode("utf-16-le"), raw.hex().encode()}
    # Of base64 the part that does not depend on where in a longer text it stands.
    forms |= {base64.b64encode(b"\0" * lead + raw)[4:-4] for lead in range(3)}
    return {form for form in forms if len(form) >= 8}


def phone_id(value: uuid.UUID) -> set[bytes]:
    """Return an id as text and as PostgreSQL keeps it."""
    return {str(value).encode(), value.hex.encode(), value.bytes}


def address(dotted: str) -> set[bytes]:
    """Return an IPv4 address as text and as PostgreSQL's inet."""
    return text(dotted) | {b"\x02\x20" + bytes(map(int, dotted.split(".")))}


def position(lon: float, lat: float) -> set[bytes]:
    """Return a place as text, as geometry keeps it, and as the boxes of its index."""
    forms = {struct.pack(f"{order}dd", lon, lat) for order in "<>"}
    forms |= {base64.b16encode(form) for form in forms}
    boxes = [_around(number) for number in (lon, lat)]
    forms.add(struct.pack("<ffff", *boxes[0], *boxes[1]))
    for number in (lon, lat):
        forms.add(struct.pack("<d", number))
        forms |= {f"{number:.5f}".encode(), f"{number:.5f}".encode("utf-16-le")}
    return forms


def _around(number: float) -> tuple[numpy.float32, numpy.float32]:
    near = numpy.float32(number)
    low = near if float(near) <= number else numpy.nextafter(near, numpy.float32(-math.inf))
    high = near if float(near) >= number else numpy.nextafter(near, numpy.float32(math.inf))
    return low, high


def digests(upload: bytes) -> set[bytes]:
    """Return the digests of a file and of its picture, raw and in hexadecimal and base64."""
    found = [hashlib.new(name, upload).digest() for name in ("md5", "sha1", "sha256")]
    found += [bits.tobytes() for bits in _perceptual(upload)]
    forms = set(found)
    for raw in found:
        forms |= {raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw)}
    return forms


def _perceptual(upload: bytes) -> list[numpy.ndarray]:
    """Return the difference, average and cosine hashes that libraries make of a picture."""
    grey = Image.open(io.BytesIO(upload)).convert("L")
    wide = numpy.asarray(grey.resize((9, 8), Image.Resampling.LANCZOS), dtype=float)
    small = numpy.asarray(grey.resize((8, 8), Image.Resampling.LANCZOS), dtype=float)
    large = numpy.asarray(grey.resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    steps = numpy.arange(32)
    cosines = numpy.cos(math.pi * (2 * steps[None, :] + 1) * steps[:, None] / 64)
    low = (cosines @ large @ cosines.T)[:8, :8]
    said = [wide[:, 1:] > wide[:, :-1], small > small.mean(), low > numpy.median(low)]
    return [numpy.packbits(bits) for bits in said]


_EPOCH_S = 946_684_800  # PostgreSQL counts microseconds from 2000.


def moments(data: bytes, begun_s: float, ended_s: float) -> list[float]:
    """Return the times of day, as PostgreSQL keeps them, that fall between two moments."""
    low, high = (int((second - _EPOCH_S) * 1e6) for second in (begun_s, ended_s))
    found = []
    for upper in range(low >> 32, (high >> 32) + 1):
        mark, at = struct.pack("<I", upper), 0
        while (at := data.find(mark, at)) >= 0:
            # Of a row on disk a timestamp stands at a multiple of eight, and its upper half so.
            if at >= 4 and (at - 4) % 8 == 0:
                (value,) = struct.unpack_from("<q", data, at - 4)
                if low <= value <= high:
                    found.append(value / 1e6 + _EPOCH_S)
            at += 1
    return found
