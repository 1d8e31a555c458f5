"""How many faces and plates are found in made-up streets; writes the tables of docs/redaction.md.

`python -m tests.mapper.photos.recall` looks for faces; with `--plates`, and OpenCV 4.13 installed
by hand, also for plates with the cascade that comes with it. Seeded: the same streets every time.
"""

import argparse
import io
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from mapper.photos.boxes import Size, found_boxes
from tests.mapper.photos.faces import PORTRAITS, head

SCENE_PX = (1600, 1200)
CELLS = (4, 3)
HEIGHTS_PX = (20, 30, 40, 60, 90, 140, 240)
LEAST_PX = 40
# A face counts as covered where the box, enlarged as it is in earnest, takes in so much of it.
COVERED = 0.85
PLATE_WIDTHS_PX = (60, 100, 150, 200, 300)
Sides = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A thing in a scene, and what was done to it."""

    sides: Sides
    height_px: int
    marks: tuple[str, ...]


def scene(dice: random.Random) -> Image.Image:
    """Return an empty street: sky, walls with windows, a road, poles and lamps, grain."""
    width, height = SCENE_PX
    image = Image.new("RGB", SCENE_PX, tuple(dice.randint(120, 235) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for left in range(0, width, 400):
        wall = tuple(dice.randint(60, 200) for _ in range(3))
        top = dice.randint(60, 400)
        draw.rectangle((left, top, left + 400, height), fill=wall)
        for x in range(left + 30, left + 370, 90):
            for y in range(top + 30, height - 300, 130):
                glass = tuple(dice.randint(20, 120) for _ in range(3))
                draw.rectangle((x, y, x + 50, y + 80), fill=glass)
    draw.rectangle((0, height * 3 // 4, width, height), fill=(dice.randint(60, 110),) * 3)
    for _ in range(6):
        x, y = dice.randint(0, width), dice.randint(100, height // 2)
        draw.rectangle((x, y, x + dice.randint(6, 16), height), fill=(40, 40, 45))
        radius = dice.randint(10, 40)
        lamp = tuple(dice.randint(20, 255) for _ in range(3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=lamp)
    grain = Image.frombytes("L", (400, 300), dice.randbytes(120_000)).resize(SCENE_PX)
    return Image.blend(image, Image.merge("RGB", (grain,) * 3), 0.08)


def person(
    dice: random.Random, height_px: int
) -> tuple[Image.Image, Image.Image, Sides, list[str]]:
    """Return a head with a face this high, its mask, where the face is, and what was done to it."""
    cut, face = head(dice.choice(sorted(PORTRAITS)))
    marks = []
    scale = height_px / (face[3] - face[1])
    squeeze = dice.uniform(0.7, 1)
    size = (max(8, round(cut.width * scale * squeeze)), max(8, round(cut.height * scale)))
    small = cut.resize(size, Image.Resampling.LANCZOS)
    x, y = scale * squeeze, scale
    left, top, right, bottom = face[0] * x, face[1] * y, face[2] * x, face[3] * y
    if dice.random() < 0.25:
        marks.append("partly hidden")
        draw = ImageDraw.Draw(small)
        colour = tuple(dice.randint(0, 255) for _ in range(3))
        share = dice.uniform(0.2, 0.33)
        if dice.random() < 0.5:
            draw.rectangle((left, bottom - share * height_px, right, bottom), fill=colour)
        else:
            draw.rectangle((left, top, right, top + share * height_px), fill=colour)
    if dice.random() < 0.5:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        left, right = small.width - right, small.width - left
    light = dice.uniform(0.3, 1.6)
    marks.append("dark" if light < 0.6 else "glaring" if light > 1.3 else "even light")
    small = ImageEnhance.Color(ImageEnhance.Brightness(small).enhance(light)).enhance(
        dice.uniform(0, 1.3)
    )
    blur = dice.choice((0, 0, 0.015, 0.03)) * height_px
    if blur:
        marks.append("blurred")
        small = small.filter(ImageFilter.GaussianBlur(blur))
    # A rounded head, its edge soft: a pasted square would be found for its corners.
    mask = Image.new("L", small.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, small.width - 1, small.height * 1.15), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(max(1, height_px / 30)))
    turn = dice.uniform(-20, 20)
    marks.append("turned" if abs(turn) > 10 else "upright")
    middle = ((left + right) / 2, (top + bottom) / 2)
    small, mask = (
        part.rotate(turn, Image.Resampling.BICUBIC, center=middle) for part in (small, mask)
    )
    return small, mask, (left, top, right, bottom), marks


def streets_with_people(seed: int, count: int) -> Iterator[tuple[bytes, list[Label]]]:
    """Yield photos of streets, each with a face in eight of its twelve cells."""
    for number in range(count):
        dice = random.Random(seed * 10_000 + number)
        image, labels = scene(dice), []
        quality = dice.choice((30, 50, 70, 85, 95))
        cells = [(x, y) for x in range(CELLS[0]) for y in range(CELLS[1])]
        for column, row in dice.sample(cells, 8):
            height_px = dice.choice(HEIGHTS_PX)
            cut, mask, (left, top, right, bottom), marks = person(dice, height_px)
            x = column * 400 + dice.randint(0, max(0, 399 - cut.width))
            y = row * 400 + dice.randint(0, max(0, 399 - cut.height))
            body = tuple(dice.randint(10, 230) for _ in range(3))
            ImageDraw.Draw(image).rectangle(
                (x, y + cut.height * 0.9, x + cut.width, y + cut.height * 1.6), fill=body
            )
            image.paste(cut, (x, y), mask)
            marks.append("JPEG 30 to 50" if quality <= 50 else "JPEG 70 to 95")
            sides = (x + left, y + top, x + right, y + bottom)
            labels.append(Label(sides, height_px, tuple(marks)))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        yield out.getvalue(), labels


def covered_share(sides: Sides, boxes: list[Sides]) -> float:
    """Return which share of a face boxes cover, on a grid of points."""
    left, top, right, bottom = sides
    points = [
        (left + (right - left) * (i + 0.5) / 20, top + (bottom - top) * (j + 0.5) / 20)
        for i in range(20)
        for j in range(20)
    ]
    inside = sum(any(b[0] <= x < b[2] and b[1] <= y < b[3] for b in boxes) for x, y in points)
    return inside / len(points)


def faces_table(seed: int, count: int) -> str:
    """Return the tables of recall by height and by circumstance."""
    from mapper.photos.faces import find

    by_height, by_mark = defaultdict(list), defaultdict(list)
    needless = 0
    size = Size(*SCENE_PX)
    for number, (photo, labels) in enumerate(streets_with_people(seed, count), start=1):
        boxes = [box.sides for box in found_boxes(find(photo, threads=1)["faces"], size)]
        for label in labels:
            is_found = covered_share(label.sides, boxes) >= COVERED
            by_height[label.height_px].append(is_found)
            if label.height_px >= LEAST_PX:
                for mark in label.marks:
                    by_mark[mark].append(is_found)
        needless += sum(
            all(covered_share(label.sides, [box]) == 0 for label in labels) for box in boxes
        )
        print(f"{number} of {count} streets", file=sys.stderr)
    large = [found for height, all_ in by_height.items() if height >= LEAST_PX for found in all_]
    lines = ["| face height | faces | covered |", "|---|---|---|"]
    lines += [_line(f"{height} px", by_height[height]) for height in sorted(by_height)]
    lines += [_line(f"**{LEAST_PX} px and more**", large), ""]
    lines += [f"| at {LEAST_PX} px and more | faces | covered |", "|---|---|---|"]
    lines += [_line(mark, by_mark[mark]) for mark in sorted(by_mark)]
    lines += ["", f"Boxes where no face is: {needless} in {count} streets."]
    return "\n".join(lines)


def _line(name: str, found: list[bool]) -> str:
    return f"| {name} | {len(found)} | {100 * sum(found) / len(found):.1f} % |"


def plate(dice: random.Random, width_px: int) -> Image.Image:
    """Return a plate as France has them, made up."""
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
    text = "{}{}-{:03d}-{}{}".format(
        dice.choice(letters),
        dice.choice(letters),
        dice.randint(1, 999),
        *dice.choices(letters, k=2),
    )
    image = Image.new("RGB", (520, 110), (235, 235, 235))
    draw = ImageDraw.Draw(image)
    for x in (0, 475):
        draw.rectangle((x, 0, x + 45, 110), fill=(0, 51, 153))
    font = ImageFont.truetype("DejaVuSans-Bold.ttf", 72)
    draw.text((260, 55), text, font=font, fill=(10, 10, 10), anchor="mm")
    image = ImageEnhance.Brightness(image).enhance(dice.uniform(0.4, 1.2))
    small = image.resize((width_px, round(width_px * 110 / 520)), Image.Resampling.LANCZOS)
    return small.filter(ImageFilter.GaussianBlur(dice.choice((0, 0, width_px / 250))))


def plates_table(seed: int, count: int) -> str:
    """Return the table of plates that OpenCV's cascade finds."""
    import cv2
    import numpy as np

    cascade = cv2.CascadeClassifier(
        str(Path(cv2.data.haarcascades) / "haarcascade_russian_plate_number.xml")
    )
    by_width, needless = defaultdict(list), 0
    for number in range(count):
        dice = random.Random(seed * 20_000 + number)
        image, labels = scene(dice), []
        for column, row in dice.sample([(x, y) for x in range(4) for y in range(3)], 4):
            width_px = dice.choice(PLATE_WIDTHS_PX)
            small = plate(dice, width_px)
            turned = small.rotate(dice.uniform(-8, 8), expand=True)
            mask = Image.new("L", small.size, 255).rotate(0, expand=True).resize(turned.size)
            x = column * 400 + dice.randint(0, 399 - turned.width)
            y = row * 400 + dice.randint(0, 399 - turned.height)
            colour = tuple(dice.randint(0, 220) for _ in range(3))
            ImageDraw.Draw(image).rectangle(
                (x - 30, y - 30, x + turned.width + 30, y + turned.height + 30), fill=colour
            )
            image.paste(turned, (x, y), mask)
            labels.append(((x, y, x + turned.width, y + turned.height), width_px))
        grey = np.asarray(image.convert("L"))
        hits = cascade.detectMultiScale(grey, 1.1, 3)
        boxes = [(x, y, x + across, y + down) for x, y, across, down in hits]
        for sides, width_px in labels:
            by_width[width_px].append(covered_share(sides, boxes) >= 0.7)
        needless += sum(
            all(covered_share(sides, [box]) == 0 for sides, _ in labels) for box in boxes
        )
    lines = ["| plate width | plates | covered |", "|---|---|---|"]
    lines += [_line(f"{width} px", by_width[width]) for width in sorted(by_width)]
    lines += ["", f"Boxes where no plate is: {needless} in {count} streets."]
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--streets", type=int, default=100)
    parser.add_argument("--plates", action="store_true")
    said = parser.parse_args()
    make = plates_table if said.plates else faces_table
    print(make(said.seed, said.streets))


if __name__ == "__main__":
    main()
