"""What leaves the decoder is upright, small, sRGB, and nothing but pixels."""

import io
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from PIL import Image

from mapper import sandbox
from mapper.photos.scan import is_clean_jpeg
from tests import pictures

LIMITS = {"wall_s": 20.0, "cpu_s": 10, "memory_bytes": 1_500_000_000}
SIZES = {"long_side_px": 2016, "search_px": 0}
NOTHING = {"boxes": [], "crop": None, "thumbnail_px": 480}


def cleaned(data, **sizes):
    """Return the sizes, the pixel copy, the public thumbnail, and all that was written."""
    copy = sandbox.call("mapper.photos.pixels:clean", data, options=SIZES | sizes, **LIMITS)
    (pixels,) = copy.parts
    public = sandbox.call("mapper.photos.redaction:cover", pixels, options=NOTHING, **LIMITS)
    assert public.values == copy.values
    shown = (Image.open(io.BytesIO(part)) for part in (pixels, public.parts[1]))
    return copy.values, *shown, (pixels, *public.parts)


def corner(picture, *, right=False, bottom=False):
    """Return the colour in a corner, as the nearest pure one."""
    x = picture.width - 10 if right else 10
    y = picture.height - 10 if bottom else 10
    red, _green, blue = picture.getpixel((x, y))
    return "red" if red > 200 and blue < 80 else "blue" if blue > 200 and red < 80 else "other"


def test_nothing_of_what_a_phone_writes_is_left():
    data = pictures.phone_photo(with_everything=True, lon=2.35, lat=48.85, direction_deg=12.5)
    assert data.count(b"CANARY") >= 6
    *_, parts = cleaned(data)
    for part in parts:
        assert b"CANARY" not in part
        assert b"Exif" not in part
        assert is_clean_jpeg(part)
        assert not Image.open(io.BytesIO(part)).getexif()


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_finds_only_the_picture_itself():
    data = pictures.phone_photo(with_everything=True, lon=2.35, lat=48.85)
    *_, parts = cleaned(data)
    for part in parts:
        found = subprocess.run(
            ["exiftool", "-a", "-G1", "-s", "-"], input=part, capture_output=True, check=True
        ).stdout.decode()
        groups = {line.split("]")[0].strip("[ ") for line in found.splitlines()}
        assert groups <= {"ExifTool", "File", "JFIF", "Composite", "System"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation):
    upright = pictures.scene(1600, 1200)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    values, picture, thumbnail, _ = cleaned(
        pictures.phone_photo(stored, orientation=orientation), long_side_px=800
    )
    assert (values["width_px"], values["height_px"]) == picture.size == (800, 600)
    assert thumbnail.size == (480, 360)
    for shown in (picture, thumbnail):
        assert (corner(shown), corner(shown, right=True)) == ("red", "blue")


@pytest.mark.parametrize(
    ("mode", "file_format"),
    [
        ("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG"),
        ("LA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("I;16", "PNG"), ("RGB", "WEBP"),
        ("RGBA", "WEBP"),
    ],
)  # fmt: skip
def test_every_mode_of_the_taken_formats_is_read(mode, file_format):
    image = pictures.scene().convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.frombytes(
            "I;16", image.size, bytes(b for v in image.tobytes() for b in (0, v))
        )
    _values, picture, _, _ = cleaned(pictures.saved(image, file_format))
    assert picture.size == (640, 480)
    assert picture.mode == "RGB"
    if mode in ("RGB", "RGBA", "CMYK", "P"):
        assert (corner(picture), corner(picture, right=True)) == ("red", "blue")
    if mode == "I;16":
        grey = pictures.scene().convert("L").getpixel((320, 460))
        assert abs(picture.getpixel((320, 460))[0] - grey) <= 3


def test_a_large_picture_is_also_copied_at_the_size_in_which_it_is_searched():
    data = pictures.phone_photo(pictures.scene(5000, 2500), with_everything=True, orientation=6)
    options = SIZES | {"search_px": 4096}
    copy = sandbox.call("mapper.photos.pixels:clean", data, options=options, **LIMITS)
    sizes = [Image.open(io.BytesIO(part)).size for part in copy.parts]
    assert sizes == [(1008, 2016), (2048, 4096)]
    assert all(is_clean_jpeg(part) and b"CANARY" not in part for part in copy.parts)
    small = sandbox.call(
        "mapper.photos.pixels:clean", pictures.phone_photo(), options=options, **LIMITS
    )
    assert len(small.parts) == 1


def test_what_is_transparent_becomes_white():
    _, picture, _, _ = cleaned(pictures.saved(Image.new("RGBA", (50, 50), (9, 9, 9, 0)), "PNG"))
    assert picture.getpixel((25, 25)) == (255, 255, 255)


def test_a_long_side_is_cut_and_a_small_picture_is_left():
    _values, picture, thumbnail, _ = cleaned(pictures.saved(pictures.scene(4032, 3024)))
    assert (picture.size, thumbnail.size) == ((2016, 1512), (480, 360))
    _values, picture, thumbnail, _ = cleaned(pictures.saved(pictures.scene(3, 2)))
    assert (picture.size, thumbnail.size) == ((3, 2), (3, 2))
    _values, picture, thumbnail, _ = cleaned(pictures.saved(Image.new("L", (9000, 1)), "PNG"))
    assert (picture.size, thumbnail.size) == ((2016, 1), (480, 1))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_a_picture"),
        (b"%PDF-1.7", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (pictures.saved(pictures.scene(), "GIF"), "not_a_picture"),
        (pictures.saved(pictures.scene(), "TIFF"), "not_a_picture"),
        (pictures.saved(pictures.scene())[:2000], "broken"),
        (pictures.saved(Image.new("1", (12_000, 12_000)), "PNG"), "too_many_pixels"),
        (pictures.saved(Image.new("1", (25_000, 1)), "PNG"), "too_many_pixels"),
    ],
)
def test_what_is_no_sound_picture_is_refused_with_its_reason(data, reason):
    with pytest.raises(sandbox.SandboxRefused) as caught:
        cleaned(data)
    assert caught.value.reason == reason


@trials(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_pictures_come_out_clean_or_not_at_all(data):
    from mapper.photos import pixels

    whole = bytearray(pictures.phone_photo(with_everything=True, lon=2.35, lat=48.85))
    for _ in range(data.draw(st.integers(1, 20))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, parts = pixels.clean(bytes(whole), **SIZES)
    except pixels.PictureRefused as refused:
        reason, parts = refused.reason, []
    else:
        reason = ""
    assert reason in {"", "not_a_picture", "too_many_pixels", "broken"}
    assert all(is_clean_jpeg(part) for part in parts)


def test_the_scan_finds_what_does_not_belong():
    clean = pictures.saved(pictures.scene(), progressive=True)
    assert is_clean_jpeg(clean)
    assert not is_clean_jpeg(clean + b"x")
    assert not is_clean_jpeg(clean[:-1])
    assert not is_clean_jpeg(b"")
    assert not is_clean_jpeg(b"\xff\xd8\xff\xd9")
    assert not is_clean_jpeg(clean[:2] + pictures.segment(0xFE, b"hello") + clean[2:])
    assert not is_clean_jpeg(clean[:2] + pictures.segment(0xE1, b"Exif\0\0") + clean[2:])
    assert not is_clean_jpeg(clean[:2] + pictures.segment(0xE0, b"JFIF\0" + bytes(10)) + clean[2:])
    assert not is_clean_jpeg(clean[:2] + b"\xff\xe0\x00\x00" + clean[2:])


@trials(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_the_scan_ends_on_any_bytes(data):
    assert is_clean_jpeg(b"\xff\xd8" + data) in (True, False)


def test_real_photos_come_out_clean(shared_data):
    folder = shared_data / "photos"
    taken = 0
    for path in sorted(folder.rglob("*"))[::11]:
        if not path.is_file() or path.stat().st_size > 20_000_000:
            continue
        try:
            *_, parts = cleaned(path.read_bytes())
        except sandbox.SandboxRefused:
            continue
        taken += 1
        assert all(is_clean_jpeg(part) for part in parts)
    assert taken >= 5
