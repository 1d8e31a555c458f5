"""Draws the demo's photos: a street, a mount, a device, with the EXIF that a phone writes."""

import io
import random
from fractions import Fraction

from PIL import ExifTags, Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from geo.position import LonLat

_SIZE = (1600, 1200)
_MARK = "DEMONSTRATION - dessin, pas une photo"
_FACADES = ("#d9cbb2", "#c9b8a8", "#b9c2bd", "#d4bfae", "#cfc7b6")


def draw_picture(
    *,
    kind: str,
    camera_type: str,
    mount: str,
    position: LonLat,
    direction_deg: float | None,
    captured_local: str,
    seed: int,
    has_passer_by: bool = False,
) -> bytes:
    """Return a JPEG of a made-up device whose EXIF says where and which way it was taken.

    `direction_deg` is clockwise from true north; `captured_local` is EXIF's own format.
    """
    shade = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    image = Image.new("RGB", _SIZE, "#c8d6de")
    draw = ImageDraw.Draw(image)
    _street(draw, shade)
    anchor = _mount(draw, mount, shade)
    _device(draw, kind, camera_type, anchor)
    if has_passer_by:
        _passer_by(image, shade)
    draw.rectangle((0, 1130, 1600, 1200), fill="#1b1a17")
    draw.text((32, 1148), _MARK, fill="#fbfaf7", font=ImageFont.load_default(34))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, exif=_exif(position, direction_deg, captured_local))
    return out.getvalue()


def _passer_by(image: Image.Image, shade: random.Random) -> None:
    """Draw somebody on the pavement whom the search for faces takes for a person."""
    x, y = shade.choice((280, 420, 1240, 1380)), 760
    ImageDraw.Draw(image).rounded_rectangle((x - 8, y + 48, x + 68, 1010), 16, fill="#463c5a")
    # Four times as large, then scaled down: drawing knows no soft edges.
    width, height = 108, 144
    head = Image.new("RGBA", (172, 230), (0, 0, 0, 0))
    draw = ImageDraw.Draw(head)
    left, top = 32, 43
    draw.ellipse((left - 13, top - 26, left + 121, top + 115), fill="#3c281e")
    draw.ellipse((left, top, left + width, top + height), fill="#e0ac8c")
    draw.pieslice((left - 2, top - 17, left + 110, top + 72), 180, 360, fill="#3c281e")
    for eye in (left + 30, left + 78):
        middle = top + 65
        draw.ellipse((eye - 16, middle - 12, eye + 16, middle + 12), fill="#c19478")
        draw.ellipse((eye - 11, middle - 6, eye + 11, middle + 6), fill="#fafafa")
        draw.ellipse((eye - 5, middle - 6, eye + 5, middle + 6), fill="#281e1e")
        draw.rounded_rectangle((eye - 15, middle - 17, eye + 15, middle - 13), 2, fill="#3c281e")
    nose, mouth = left + width // 2, top + 98
    draw.polygon([(nose, top + 65), (nose - 9, mouth - 3), (nose + 9, mouth - 3)], fill="#c19478")
    draw.chord((left + 32, mouth, left + 76, mouth + 23), 0, 180, fill="#aa4646")
    draw.rectangle((left + 36, mouth + 11, left + 72, mouth + 14), fill="#f5f0f0")
    small = head.resize((43, 58), Image.Resampling.LANCZOS)
    image.paste(small, (x + 8, y), small)


def _street(draw: ImageDraw.ImageDraw, shade: random.Random) -> None:
    """Draw facades with windows, a pavement and a road."""
    left = 0
    while left < 1600:
        width = shade.randint(260, 420)
        top = shade.randint(120, 320)
        draw.rectangle((left, top, left + width, 960), fill=shade.choice(_FACADES))
        for x in range(left + 40, left + width - 70, 100):
            for y in range(top + 50, 820, 150):
                draw.rectangle((x, y, x + 56, y + 92), fill="#5d6b73", outline="#efeae0", width=5)
        left += width
    draw.rectangle((0, 960, 1600, 1030), fill="#a7a39b")
    draw.rectangle((0, 1030, 1600, 1200), fill="#55534f")


def _mount(draw: ImageDraw.ImageDraw, mount: str, shade: random.Random) -> tuple[int, int]:
    """Draw what holds the device; return where it hangs, in px."""
    x = shade.randint(620, 980)
    if mount in ("wall", "building", "ceiling"):
        draw.rectangle((x - 6, 430, x + 60, 450), fill="#33312d")
        return x + 60, 440
    draw.rectangle((x - 11, 240, x + 11, 980), fill="#3b3a37")
    if mount == "street_lamp":
        draw.rectangle((x - 150, 228, x + 11, 246), fill="#3b3a37")
        draw.ellipse((x - 190, 226, x - 120, 262), fill="#f1e3b0")
    if mount == "traffic_signals":
        draw.rounded_rectangle((x + 16, 520, x + 76, 690), 16, fill="#22211f")
        for step, colour in enumerate(("#b3261e", "#c98a1b", "#2f6b3a")):
            draw.ellipse((x + 28, 532 + step * 52, x + 64, 568 + step * 52), fill=colour)
    draw.rectangle((x, 372, x + 74, 386), fill="#3b3a37")
    return x + 74, 380


def _device(
    draw: ImageDraw.ImageDraw, kind: str, camera_type: str, anchor: tuple[int, int]
) -> None:
    """Draw the device itself."""
    x, y = anchor
    if kind == "acoustic":
        draw.rounded_rectangle((x - 26, y, x + 46, y + 120), 20, fill="#e8e5dd")
        for step in range(4):
            draw.line((x - 10, y + 30 + step * 18, x + 30, y + 30 + step * 18), "#55534f", 5)
    elif camera_type == "dome":
        draw.rectangle((x - 44, y, x + 44, y + 34), fill="#eceae4")
        draw.pieslice((x - 44, y - 12, x + 44, y + 76), 0, 180, fill="#23242a")
    else:
        draw.rounded_rectangle((x - 12, y - 4, x + 150, y + 58), 12, fill="#eceae4")
        draw.ellipse((x + 112, y + 6, x + 156, y + 50), fill="#17181c")
        if camera_type == "panning":
            draw.arc((x - 40, y - 40, x + 110, y + 110), 200, 340, fill="#33312d", width=9)


def _exif(position: LonLat, direction_deg: float | None, captured_local: str) -> Image.Exif:
    """Return the EXIF block of a phone that knows where it is."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Contrechamp"
    exif[ExifTags.Base.Model] = "Demo"
    exif[ExifTags.Base.Orientation] = 1
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = captured_local
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N" if position.lat >= 0 else "S"
    gps[ExifTags.GPS.GPSLatitude] = _dms(abs(position.lat))
    gps[ExifTags.GPS.GPSLongitudeRef] = "E" if position.lon >= 0 else "W"
    gps[ExifTags.GPS.GPSLongitude] = _dms(abs(position.lon))
    if direction_deg is not None:
        gps[ExifTags.GPS.GPSImgDirectionRef] = "T"
        gps[ExifTags.GPS.GPSImgDirection] = _rational(direction_deg)
    return exif


def _dms(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Return degrees, minutes and seconds, to a hundred-thousandth of a second (0.3 mm)."""
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    return IFDRational(whole), IFDRational(int(minutes)), _rational((minutes - int(minutes)) * 60)


def _rational(value: float) -> IFDRational:
    fraction = Fraction(value).limit_denominator(100_000)
    return IFDRational(fraction.numerator, fraction.denominator)
