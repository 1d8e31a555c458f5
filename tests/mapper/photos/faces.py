"""Two faces in the public domain, and streets to put them in.

An astronaut (NASA) and an admiral (US Navy), each from the wheel of a library whose licence says
so; `requirements-faces.txt`. Two faces are few: what is found of them is an upper bound.
"""

import sysconfig
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from tests import pictures

_LIBRARIES = Path(sysconfig.get_path("purelib"))
# The file, and the face in it from the chin to the hair, ear to ear.
PORTRAITS = {
    "astronaut": ("skimage/data/astronaut.png", (182, 62, 269, 178)),
    "admiral": ("matplotlib/mpl-data/sample_data/grace_hopper.jpg", (176, 132, 356, 336)),
}


@cache
def head(name: str) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Return a portrait cut around the head, and where the face is in it."""
    file, (left, top, right, bottom) = PORTRAITS[name]
    portrait = Image.open(_LIBRARIES / file).convert("RGB")
    margin = round((bottom - top) * 0.45)
    corner = max(0, left - margin), max(0, top - margin)
    cut = portrait.crop((*corner, min(portrait.width, right + margin), bottom + margin // 2))
    return cut, (left - corner[0], top - corner[1], right - corner[0], bottom - corner[1])


def street_with_a_face(
    *, height_px: int, name: str = "astronaut"
) -> tuple[bytes, tuple[int, int, int, int]]:
    """Return a phone's photo with a face of this height in it, and where the face is."""
    image = pictures.scene(1600, 1200)
    cut, face = head(name)
    scale = height_px / (face[3] - face[1])
    small = cut.resize((round(cut.width * scale), round(cut.height * scale)))
    ImageDraw.Draw(image).rectangle((480, 380, 620, 900), fill=(70, 80, 90))
    image.paste(small, (500, 400))
    left, top, right, bottom = (round(side * scale) for side in face)
    return pictures.phone_photo(image), (500 + left, 400 + top, 500 + right, 400 + bottom)
