"""A folder of a walk, and the command in a process of its own that can be killed."""

import json
import os
import subprocess
import sys
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from mapper.errors import CommandFailure
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Sighting
from tests import pictures
from tests.conftest import REPOSITORY


def small_photo(number, *, spot=None, second=0, colour=0):
    """Return a photo of its own; those of one spot have one place and two minutes."""
    spot = number if spot is None else spot
    scene = pictures.scene(160, 120)
    scene.putpixel((80, 100), (number % 256, number // 256 % 256, colour))
    return pictures.phone_photo(
        scene,
        lon=2.35 + 0.001 * (spot % 100),
        lat=48.85 + 0.001 * (spot // 100),
        # Tells the photos of one spot apart, in the file as in its row.
        accuracy_m=1 + number % 40 + number / 10_000,
        captured=f"2026:05:12 {8 + spot // 60 % 12:02}:{spot % 60:02}:{second:02}",
    )


def walk(folder, spots):
    """Write two photos of each spot and what else lies in such folders; return how many are new."""
    (folder / "deeper").mkdir(parents=True)
    for spot in range(spots):
        for second in (0, 9):
            data = small_photo(2 * spot + (second > 0), spot=spot, second=second)
            (folder / f"{spot:04}_{second}.jpg").write_bytes(data)
    (folder / "deeper" / "again.jpg").write_bytes((folder / "0000_0.jpg").read_bytes())
    (folder / "deeper" / "cut.jpg").write_bytes((folder / "0001_0.jpg").read_bytes()[:3000])
    (folder / "no_place.jpg").write_bytes(pictures.phone_photo(pictures.scene(64, 48)))
    (folder / "notes.txt").write_text("not a picture")
    return 2 * spots


def start(folder, *options, **popen):
    """Start the command on the tests' database and folders, in a process of its own."""
    known = connection.settings_dict
    url = (
        f"postgis://{quote(known['USER'] or '')}:{quote(known['PASSWORD'] or '')}"
        f"@{quote(known['HOST'] or '', safe='')}:{known['PORT']}/{known['NAME']}"
    )
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_photos", str(folder), "--skip-checks", *options],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DATA_ROOT": str(settings.DATA_ROOT),
            "SECRET_KEY": settings.SECRET_KEY,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **popen,
    )


def run(folder, capsys, **options):
    """Run the command here; return its exit code, what it said at its end, and all of it."""
    code, message = 0, ""
    try:
        call_command("import_photos", str(folder), **options)
    except CommandFailure as failure:
        code, message = failure.returncode, str(failure)
    return code, message, capsys.readouterr().out


def finish(process):
    """Return how a command ended, and what it said."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def lines_of(report_file):
    return [json.loads(line) for line in report_file.read_text().splitlines()]


def state():
    """Return all that an import makes: rows and files, in no order."""
    photos = Photo.objects.values_list(
        "id", "sighting", "state", "pixel_name", "covered_name", "upload_name"
    )
    sightings = Sighting.objects.values_list("id", "state", "version", "seen_on")
    return set(photos), set(sightings), files()


def files():
    return {path.name for path in storage.quarantine().folder.iterdir()}


def named_files():
    return {name for names in Photo.objects.file_names() for name in names if name}
