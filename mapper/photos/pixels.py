"""Makes a clean picture from a stranger's: upright, sRGB, small, rebuilt from its pixels alone.

Pure Pillow, run in the sandbox. What comes out is checked by `mapper.photos.scan`.
"""

import io
import warnings
from typing import Any

import pi_heif
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

# By content and never by name. What Pillow calls MPO, the JPEG of several lenses, opens as JPEG.
FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    "HEIF",
)
MAX_PIXELS = 50_000_000
# A panorama may be long, but nothing shows a picture of 1 by 50 million.
MAX_SIDE_PX = 20_000
# A progressive JPEG has ten, and some phones put three pictures into a file. Each costs a walk over
# all its blocks, however few bytes it has.
MOST_SCANS = 100
JPEG_QUALITY = 85

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
pi_heif.register_heif_opener(thumbnails=False)
pi_heif.options.DECODE_THREADS = 1

_JPEGS = ("JPEG", "MPO")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB = ImageCms.createProfile("sRGB")


class PictureRefused(ValueError):
    """The bytes are no picture that is taken; `reason` is a stable code."""

    def __init__(self, reason: str):
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


def clean(
    data: bytes, *, long_side_px: int, search_px: int = 0, thumbnail_px: int = 0
) -> tuple[dict[str, Any], list[bytes]]:
    """Return the size, and the clean picture as JPEG: nothing of it is covered (sandbox task).

    With `search_px` also a larger one, to be searched, where the file has more pixels; with
    `thumbnail_px` a smaller one, where there is nothing to be searched for.

    Raises
    ------
    PictureRefused
        With the reason `not_a_picture`, `too_many_pixels`, `broken`.
    """
    large = upright_srgb(opened(data), long_side_px=max(long_side_px, search_px))
    picture = fitted(large, long_side_px)
    # Not kept for long either: what is published is made of it.
    parts = [encoded(picture, is_kept=False)]
    if thumbnail_px:
        parts.append(encoded(thumbnail(picture, thumbnail_px)))
    elif max(large.size) > long_side_px:
        parts.append(encoded(large, is_kept=False))
    return {"width_px": picture.width, "height_px": picture.height}, parts


def opened(data: bytes) -> Image.Image:
    """Return the picture, its header read and its size allowed, its pixels not yet decoded."""
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise PictureRefused("too_many_pixels") from None
    except MemoryError:
        raise
    except Exception:
        # Decoders raise whatever hostile bytes make them stumble over.
        raise PictureRefused("not_a_picture") from None
    if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE_PX:
        raise PictureRefused("too_many_pixels")
    # Coded data never hold this marker.
    if picture.format in _JPEGS and data.count(b"\xff\xda") > MOST_SCANS:
        raise PictureRefused("broken")
    return picture


def upright_srgb(picture: Image.Image, *, long_side_px: int = MAX_SIDE_PX) -> Image.Image:
    """Return a new RGB picture of the pixels alone, upright, its long side at most so long.

    What is given is let go of as soon as can be: whoever holds it too doubles the memory.
    """
    try:
        scale = min(1.0, long_side_px / max(picture.size))
        if picture.format in _JPEGS:
            # The box must have the picture's own shape, or the decoder does not scale (measured).
            box = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
            picture.draft(picture.mode, box)
        picture.load()
        turn, profile = _TURNS.get(_orientation(picture)), picture.info.get("icc_profile")
        small = _on_white(fitted(_plain_mode(picture), long_side_px))
        del picture
        # Turned after shrinking, when there is little left to turn.
        if turn is not None:
            small = small.transpose(turn)
        return rebuilt(_srgb(small, profile))
    except (MemoryError, PictureRefused):
        raise
    except Exception:
        raise PictureRefused("broken") from None


def fitted(picture: Image.Image, long_side_px: int) -> Image.Image:
    """Return the picture no larger than so long."""
    scale = long_side_px / max(picture.size)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def thumbnail(picture: Image.Image, long_side_px: int) -> Image.Image:
    """Return a picture so small that whole pixels are averaged first: three times as fast."""
    least = picture.reduce(max(1, max(picture.size) // long_side_px))
    return rebuilt(fitted(least, long_side_px))


def rebuilt(picture: Image.Image) -> Image.Image:
    """Return a picture that shares nothing with the file but its pixels."""
    made = Image.new("RGB", picture.size)
    made.paste(picture)
    return made


def encoded(picture: Image.Image, *, is_kept: bool = True) -> bytes:
    """Return the picture as a JPEG that carries nothing beside its pixels.

    One that is not kept is made fast, not small.
    """
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, progressive=is_kept, optimize=is_kept)
    return out.getvalue()


def _plain_mode(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode of 8 bits that can be resized: RGB, L, CMYK or RGBA."""
    if picture.mode.startswith("I"):
        # 16 bits: the high ones are kept (Pillow's own conversion may clip instead).
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("RGB", "L", "CMYK", "RGBA"):
        has_key = "transparency" in picture.info
        return picture.convert("RGBA") if has_key else picture
    is_see_through = "transparency" in picture.info or picture.mode in ("LA", "PA")
    return picture.convert("RGBA" if is_see_through else "RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture with what is transparent laid on white."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def _orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation; upright where it can't be read, and for HEIC, which comes so."""
    if picture.format == "HEIF":
        return 1
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:
        # A broken EXIF block raises anything; the pixels are fine.
        return 1
    return value if isinstance(value, int) else 1


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colours as sRGB; a profile that can't be used is left aside."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            # Most cameras say what is meant anyway; converting that costs more than decoding it.
            if not ImageCms.getProfileDescription(source).startswith("sRGB"):
                converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture if picture.mode == "RGB" else picture.convert("RGB")
