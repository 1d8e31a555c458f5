"""Pictures made here for the tests: a phone's photo with all that a phone writes into it."""

import io
import struct

from PIL import Image, ImageCms, ImageDraw
from PIL.TiffImagePlugin import IFDRational

SERIAL = "SN-0123456789-CANARY"
COMMENT = b"a comment with a CANARY"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>CANARY</x:xmpmeta>"
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02\x69\0\x06CANARY"
TRAILER = b"\0\0\0\x18ftypmp42CANARY of a motion photo"


def scene(width_px: int = 640, height_px: int = 480) -> Image.Image:
    """Return a street with a camera on a pole: red in the top left corner, blue in the right."""
    image = Image.new("RGB", (width_px, height_px), (170, 190, 210))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height_px * 2 // 3, width_px, height_px), fill=(90, 90, 90))
    draw.rectangle((width_px // 2 - 6, height_px // 4, width_px // 2 + 6, height_px), fill="black")
    draw.ellipse((width_px // 2 - 30, height_px // 4 - 30, width_px // 2 + 30, height_px // 4 + 30))
    draw.rectangle((0, 0, width_px // 8, height_px // 8), fill=(255, 0, 0))
    draw.rectangle((width_px * 7 // 8, 0, width_px, height_px // 8), fill=(0, 0, 255))
    return image


def dms(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Return degrees as EXIF writes them."""
    whole = int(abs(degrees))
    minutes = int((abs(degrees) - whole) * 60)
    seconds = (abs(degrees) - whole - minutes / 60) * 3600
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(round(seconds * 1e4), 10_000)


def exif_block(
    *,
    lon: float | None = None,
    lat: float | None = None,
    direction_deg: float | None = None,
    accuracy_m: float | None = None,
    orientation: int = 1,
    captured: str = "2026:05:12 18:40:03",
) -> bytes:
    """Return an EXIF block as a phone writes it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker", "Phone 9", orientation
    exif[0x0131] = "Phone OS 26"
    inner = exif.get_ifd(0x8769)
    inner[0x9003], inner[0xA431], inner[0x9011] = captured, SERIAL, "+02:00"
    gps = exif.get_ifd(0x8825)
    if lon is not None and lat is not None:
        gps[1], gps[2] = ("N" if lat >= 0 else "S"), dms(lat)
        gps[3], gps[4] = ("E" if lon >= 0 else "W"), dms(lon)
    if direction_deg is not None:
        gps[16], gps[17] = "T", IFDRational(round(direction_deg * 100), 100)
    if accuracy_m is not None:
        gps[31] = IFDRational(round(accuracy_m * 100), 100)
    return exif.tobytes()


def saved(image: Image.Image, file_format: str = "JPEG", **options) -> bytes:
    """Return the bytes of an image."""
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    """Return one segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def phone_photo(
    image: Image.Image | None = None, *, with_everything: bool = False, **exif
) -> bytes:
    """Return a JPEG with EXIF, and on demand all else that a file can carry."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(image or scene(), quality=90, exif=exif_block(**exif), icc_profile=profile)
    if not with_everything:
        return data
    extras = segment(0xE1, XMP) + segment(0xED, IPTC) + segment(0xFE, COMMENT)
    extras += segment(0xEB, b"JP\0\1CANARY") + segment(0xE7, b"CANARY")
    return data[:2] + extras + data[2:] + TRAILER + data


def main(folder: str) -> None:
    """Write the pictures of fixtures/photos anew: `python -m tests.pictures fixtures/photos`."""
    from pathlib import Path

    place = {"lon": 24.940731, "lat": 60.171543, "direction_deg": 123.5, "accuracy_m": 4}
    made = {
        "phone.jpg": phone_photo(with_everything=True, orientation=6, **place),
        "no_position.jpg": phone_photo(),
        "blurred_fix.jpg": phone_photo(lon=24.94, lat=60.17, accuracy_m=120),
    }
    for name, data in made.items():
        (Path(folder) / name).write_bytes(data)


if __name__ == "__main__":
    import sys

    main(sys.argv[1])
