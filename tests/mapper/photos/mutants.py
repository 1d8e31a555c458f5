"""Photos as nobody's camera writes them: damaged ones, ones that carry everything, and bombs."""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageCms

from tests import pictures

CANARY = b"CANARY"
_EXTREMES = (b"\0\0", b"\xff\xff", b"\x7f\xff", b"\x80\0", b"\0\0\0\0", b"\xff\xff\xff\xff")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")
_MOST_BYTES = 3_000_000


def real_photos(folder: Path) -> list[bytes]:
    """Return the pictures of a folder that are in a format we take, each with a canary."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if len(data) <= _MOST_BYTES and (data.startswith(_PICTURES) or data[4:8] == b"ftyp"):
            found.append(marked(data))
    return found


def made_photos() -> list[bytes]:
    """Return pictures of our own, one of each format that can be written here."""
    scene = pictures.scene(320, 240)
    whole = [pictures.phone_photo(scene, with_everything=True, lon=2.35, lat=48.85)]
    whole += [pictures.saved(scene, name, exif=pictures.exif_block()) for name in ("PNG", "WEBP")]
    return [*whole, *(marked(data) for data in whole[1:])]


def marked(data: bytes) -> bytes:
    """Return a picture with a canary inside and one behind its end."""
    if data.startswith(b"\xff\xd8"):
        inside = data[:2] + pictures.segment(0xFE, CANARY) + data[2:]
    elif data.startswith(b"\x89PNG"):
        inside = data[:33] + png_chunk(b"tEXt", b"Comment\0" + CANARY) + data[33:]
    else:
        inside = data
    return inside + CANARY


def mutants(sources: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged pictures, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 4)):
            chance.choice((_flip, _cut, _blank, _double, _splice, _swap_head, _length))(
                data, chance, sources
            )
        yield bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """Return a place: half of the time in the head, where the lengths and counts are."""
    return chance.randrange(max(1, min(len(data), 2000) if chance.random() < 0.5 else len(data)))


def _flip(data: bytearray, chance: random.Random, _sources: list[bytes]) -> None:
    for _ in range(chance.randint(1, 30) if data else 0):
        data[_place(data, chance)] = chance.randrange(256)


def _cut(data: bytearray, chance: random.Random, _sources: list[bytes]) -> None:
    del data[_place(data, chance) :]


def _blank(data: bytearray, chance: random.Random, _sources: list[bytes]) -> None:
    start = _place(data, chance)
    end = min(len(data), start + chance.randint(1, 400))
    data[start:end] = bytes((chance.choice((0, 255)),)) * (end - start)


def _double(data: bytearray, chance: random.Random, _sources: list[bytes]) -> None:
    start = _place(data, chance)
    data[start:start] = data[start : start + chance.randint(1, 4000)]


def _splice(data: bytearray, chance: random.Random, sources: list[bytes]) -> None:
    other = chance.choice(sources)
    start = chance.randrange(len(other))
    data[_place(data, chance) :] = other[start : start + 200_000]


def _swap_head(data: bytearray, chance: random.Random, sources: list[bytes]) -> None:
    size = chance.choice((2, 4, 12, 40, 600))
    data[:size] = chance.choice(sources)[:size]


def _length(data: bytearray, chance: random.Random, _sources: list[bytes]) -> None:
    value = chance.choice(_EXTREMES)
    start = _place(data, chance)
    data[start : start + len(value)] = value


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a WebP."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def iso_box(name: bytes, body: bytes) -> bytes:
    """Return a box of a HEIC or an MP4."""
    return struct.pack(">I", len(body) + 8) + name + body


# -- What a picture may carry, each with the canary it is given -----------------------------------


def profile(canary: bytes) -> bytes:
    """Return a colour profile that has the canary among its texts."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made += canary
    made[:4] = struct.pack(">I", len(made))
    return bytes(made)


def exif(canary: bytes, orientation: int) -> bytes:
    """Return an EXIF block with names, a serial number, a maker note, a place and a thumbnail."""
    block = Image.Exif()
    text = canary.decode()
    block[0x010E], block[0x010F], block[0x0110], block[0x013B] = (text,) * 4
    block[0x0112], block[0x8298] = orientation, text
    inner = block.get_ifd(0x8769)
    inner[0x9003], inner[0xA431], inner[0xA430] = "2026:05:12 18:40:03", text, text
    inner[0x927C], inner[0x9286] = b"Maker\0" + canary, b"ASCII\0\0\0" + canary
    gps = block.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", pictures.dms(48.85), "E", pictures.dms(2.35)
    gps[27] = b"ASCII\0\0\0" + canary
    return block.tobytes()


def xmp(canary: bytes) -> bytes:
    """Return a packet of XMP."""
    return b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>" + canary + b"</a></x:xmpmeta>"


def _small_jpeg(canary: bytes) -> bytes:
    return pictures.saved(pictures.scene(64, 48), comment=canary)


def _in_jpeg(data: bytes, canary: bytes, *, orientation: int) -> dict[str, bytes]:
    """Return the JPEG with each thing that a JPEG can carry."""
    head, rest = data[:2], data[2:]

    def with_segments(*segments: tuple[int, bytes]) -> bytes:
        return head + b"".join(pictures.segment(*one) for one in segments) + rest

    guid = b"0123456789ABCDEF0123456789ABCDEF"
    long_packet = guid + struct.pack(">II", len(canary), 0) + canary
    jumbf = iso_box(b"jumb", iso_box(b"jumd", b"c2pa" + bytes(12) + canary))
    thumbnail = b"JFXX\0\x13\x01\x01" + (canary * 3)[:3]
    return {
        "exif": with_segments((0xE1, b"Exif\0\0" + exif(canary, orientation))),
        "xmp": with_segments((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(canary))),
        "long xmp": with_segments((0xE1, b"http://ns.adobe.com/xmp/extension/\0" + long_packet)),
        "iptc": with_segments(
            (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x69\0\x1b" + canary)
        ),
        "icc": with_segments((0xE2, b"ICC_PROFILE\0\x01\x01" + profile(canary))),
        "mpf": with_segments((0xE2, b"MPF\0II*\0\x08\0\0\0\0\0" + canary)) + _small_jpeg(canary),
        "c2pa": with_segments((0xEB, b"JP\0\x01\0\0\0\x01" + jumbf)),
        "app7": with_segments((0xE7, canary)),
        "app0 of another": with_segments((0xE0, b"OTHER\0" + canary)),
        "jfxx": with_segments((0xE0, thumbnail + canary)),
        "comment": with_segments((0xFE, canary)),
        "motion": data + iso_box(b"ftyp", b"mp42" + canary) + iso_box(b"mdat", canary * 50),
        "second": data + _small_jpeg(canary),
        "tail": data + canary,
        "all": with_segments(
            (0xE1, b"Exif\0\0" + exif(canary, orientation)),
            (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(canary)),
            (0xE2, b"ICC_PROFILE\0\x01\x01" + profile(canary)),
            *((0xE3 + number, canary) for number in range(12)),
            (0xFE, canary),
        )
        + canary,
    }


def _in_png(data: bytes, canary: bytes, *, orientation: int) -> dict[str, bytes]:
    """Return the PNG with each thing that a PNG can carry."""

    def with_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
        return data[:33] + b"".join(png_chunk(*chunk) for chunk in chunks) + data[33:]

    packed = zlib.compress(canary)
    return {
        "text": with_chunks((b"tEXt", b"Author\0" + canary)),
        "packed text": with_chunks((b"zTXt", b"Comment\0\0" + packed)),
        "text of the world": with_chunks((b"iTXt", b"Title\0\0\0fr\0\0" + canary)),
        "xmp": with_chunks((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(canary))),
        "exif": with_chunks((b"eXIf", exif(canary, orientation))),
        "icc": with_chunks((b"iCCP", b"name\0\0" + zlib.compress(profile(canary)))),
        "own chunk": with_chunks((b"caNr", canary)),
        "tail": data + canary,
        "second": data + _small_jpeg(canary),
    }


def _in_webp(data: bytes, canary: bytes, *, orientation: int) -> dict[str, bytes]:
    """Return the WebP with each thing that a WebP can carry."""
    width, height = Image.open(io.BytesIO(data)).size
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]

    def extended(flags: int, before: bytes = b"", after: bytes = b"") -> bytes:
        head = riff_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + size)
        body = b"WEBP" + head + before + data[12:] + after
        return b"RIFF" + struct.pack("<I", len(body)) + body

    return {
        "exif": extended(0x08, after=riff_chunk(b"EXIF", exif(canary, orientation))),
        "xmp": extended(0x04, after=riff_chunk(b"XMP ", xmp(canary))),
        "icc": extended(0x20, before=riff_chunk(b"ICCP", profile(canary))),
        "own chunk": extended(0, after=riff_chunk(b"CANR", canary)),
        "tail": data + canary,
    }


_HOLDERS = {"JPEG": _in_jpeg, "PNG": _in_png, "WEBP": _in_webp}
_MODES = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "L", "RGBA", "P", "LA", "I;16", "1"),
    "WEBP": ("RGB", "RGBA"),
}
_SHAPES = ((640, 480), (480, 640), (2400, 300), (33, 31))


def structured(count: int) -> Iterator[tuple[str, bytes, bytes, tuple[int, int], bool]]:
    """Yield pictures that carry something: a name, the bytes, the canary, the size when upright,
    and whether the corners keep their colours.

    All blocks in all containers come first; modes, shapes and orientations go round beside them.
    """
    made = 0
    while made < count:
        for container, holder in _HOLDERS.items():
            names = [*holder(_plain(container, 0)[0], CANARY, orientation=1)]
            for name in names:
                canary = CANARY + f"-{made:04}-{container}".encode()
                data, mode, shape = _plain(container, made)
                orientation = made % 8 + 1
                whole = holder(data, canary, orientation=orientation)[name]
                is_turned = name in ("exif", "all") and orientation >= 5
                upright = shape[::-1] if is_turned else shape
                has_corners = mode in ("RGB", "RGBA", "CMYK", "P") and name not in ("exif", "all")
                title = f"{container} {mode} {shape} {name} {orientation}"
                yield title, whole, canary, upright, has_corners and min(shape) > 100
                made += 1
                if made == count:
                    return


def _plain(container: str, number: int) -> tuple[bytes, str, tuple[int, int]]:
    """Return a picture that carries nothing, its mode and its size."""
    modes = _MODES[container]
    mode, shape = modes[number % len(modes)], _SHAPES[number % len(_SHAPES)]
    scene = pictures.scene(*shape)
    made = (
        scene.convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
        if (mode == "I;16")
        else scene.convert(mode)
    )
    return pictures.saved(made, container), mode, shape


# -- Bombs ---------------------------------------------------------------------------------------


def _flat_png(width: int, height: int, *, bits: int = 1, colour: int = 0, lines: int = 0) -> bytes:
    """Return a PNG of one colour; with `lines`, only so many of its lines are there."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = b"\0" + bytes((width * samples * bits + 7) // 8)
    packer, packed = zlib.compressobj(6), []
    for _ in range(lines or height):
        packed.append(packer.compress(line))
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head)
        + png_chunk(b"IDAT", b"".join(packed) + packer.flush()) + png_chunk(b"IEND", b"")
    )  # fmt: skip


def _jpeg_of(width: int, height: int, *, frame: int = 0xC0) -> bytes:
    """Return a JPEG whose frame says another size than its data."""
    data = bytearray(pictures.saved(pictures.scene(64, 48), progressive=frame == 0xC2))
    at = data.index(bytes((0xFF, 0xC2 if frame == 0xC2 else 0xC0)))
    data[at + 1] = frame
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def scans(count: int, width: int = 3000, height: int = 3000) -> bytes:
    """Return a progressive JPEG that repeats a tiny scan: each costs a walk over all blocks."""
    data = pictures.saved(Image.new("L", (width, height)), progressive=True, quality=30)
    start = data.rindex(b"\xff\xda")
    last = data[start:-2]
    return data[:start] + last * count + b"\xff\xd9"


def _webp_of(width: int, height: int) -> bytes:
    """Return a lossless WebP whose header says another size."""
    data = bytearray(pictures.saved(Image.new("RGB", (16, 16)), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    (bits,) = struct.unpack_from("<I", data, at)
    bits = bits & 0xF0000000 | (height - 1) << 14 | width - 1
    struct.pack_into("<I", data, at, bits)
    return bytes(data)


def _texts(size: int) -> bytes:
    """Return a PNG of which one packed text unpacks to many megabytes."""
    packed = zlib.compress(bytes(size), 1)
    data = _flat_png(7200, 7200)
    return data[:33] + png_chunk(b"zTXt", b"Comment\0\0" + packed) + data[33:]


def _heic_of(heic: bytes, width: int, height: int) -> bytes:
    """Return a HEIC whose images say another size."""
    data, at = bytearray(heic), heic.find(b"ispe")
    while at >= 0:
        struct.pack_into(">II", data, at + 8, width, height)
        at = data.find(b"ispe", at + 4)
    return bytes(data)


def bombs(heic: bytes = b"") -> dict[str, bytes]:
    """Return small files that would cost much; with a HEIC, ones made of it too."""
    large = Image.new("1", (7_200, 7_200))
    frames = [Image.new("1", (7200, 7200), number) for number in range(2)]
    made = {
        "png 144 megapixels in 17 KB": _flat_png(12_000, 12_000),
        "png 400 megapixels": _flat_png(20_000, 20_000),
        "png 52 megapixels of 16 bits": _flat_png(7200, 7200, bits=16, colour=6, lines=40),
        "png 52 megapixels grey": _flat_png(7200, 7200, bits=8, lines=40),
        "png 52 megapixels with a palette": _flat_png(7200, 7200, bits=8, colour=3, lines=40),
        "png as long as can be": _flat_png(50_000_000, 1),
        "png as high as can be": _flat_png(1, 49_000_000, bits=8, lines=9),
        "png of 4 exapixels": _claims(2**31 - 1, 2**31 - 1),
        "png with a text of 300 MB": _texts(300_000_000),
        "png of many frames": pictures.saved(
            frames[0], "PNG", save_all=True, append_images=frames[1:]
        ),
        "jpeg 4 gigapixels": _jpeg_of(65_500, 65_500),
        "jpeg 4 gigapixels, progressive": _jpeg_of(65_500, 65_500, frame=0xC2),
        "jpeg 52 megapixels in a strip": _jpeg_of(65_500, 800),
        "jpeg longer than we show": _jpeg_of(65_500, 8),
        "jpeg arithmetic": _jpeg_of(7_900, 7_900, frame=0xC9),
        "jpeg of 3,000 scans": scans(3000),
        "jpeg of 300 scans": scans(300),
        "webp 268 megapixels": _webp_of(16_383, 16_383),
        "webp 16 terapixels of canvas": b"RIFF" + struct.pack("<I", 22) + b"WEBP"
        + riff_chunk(b"VP8X", bytes((2, 0, 0, 0)) + b"\xff" * 6),
        "gif 52 megapixels": pictures.saved(large, "GIF"),
        "tiff 52 megapixels": pictures.saved(large, "TIFF", compression="group4"),
        "bmp 52 megapixels": pictures.saved(large, "BMP")[:60_000],
        "boxes in boxes": iso_box(b"ftyp", b"heic\0\0\0\0mif1heic") + _nested(4000),
        "a heic that never ends": iso_box(b"ftyp", b"heic\0\0\0\0mif1heic") + b"\0\0\0\0meta",
        "svg that asks for more of itself": b"<!DOCTYPE a [" + b"".join(
            b"<!ENTITY %c '%s'>" % (97 + n, b"&%c;" % (96 + n) * 10 if n else b"x" * 10)
            for n in range(9)
        ) + b"]><svg xmlns='http://www.w3.org/2000/svg'>&i;</svg>",
    }  # fmt: skip
    if heic:
        made["heic 3.6 gigapixels"] = _heic_of(heic, 60_000, 60_000)
    return made


def _claims(width: int, height: int) -> bytes:
    """Return a PNG of which only the head is there."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IEND", b"")


def _nested(depth: int) -> bytes:
    body = b""
    for _ in range(depth):
        body = iso_box(b"meta", bytes(4) + body)
    return body
