"""Walkers who send and a moderator who decides, until killed: `busy_desk.py SEED`, a process.

After each commit it says in a line what was done, so that whoever kills it knows what must be
there: `sent ID`, `accepted ID`, `refused ID`; `withdrawing ID` before a withdrawal begins.
"""
# ruff: noqa: E402 - models can be imported only once Django is set up

import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mapper.settings")

import django

django.setup()

from django.core.exceptions import ObjectDoesNotExist

from mapper.accounts.models import User
from mapper.errors import Conflict
from mapper.intake import actions as intake
from mapper.intake.incoming import IncomingPhoto
from mapper.intake.report import parse_report
from mapper.moderation import actions as decisions
from mapper.photos.actions import keep_upload
from mapper.photos.models import GATE, Photo
from mapper.photos.reading import read_photo
from mapper.sightings.models import Receipt, Sighting
from tests import pictures


def say(word: str, sighting: object) -> None:
    """Say what was committed; who reads may be gone."""
    print(word, sighting, flush=True)


def send(chance: random.Random) -> None:
    """Send a report with one or two photos."""
    kept = []
    for _ in range(chance.randint(1, 2)):
        scene = pictures.scene(160, 120)
        scene.putpixel((80, 100), (chance.randrange(256), chance.randrange(256), 0))
        data = pictures.phone_photo(scene, lon=2.35, lat=48.85)
        kept.append(IncomingPhoto(keep_upload(data=data), read_photo(data)))
    said = {
        "lon": f"{2 + chance.random():.6f}",
        "lat": f"{48 + chance.random():.6f}",
        "kind": "camera",
        "photo_use": "public",
    }
    say("sent", intake.submit_report(report=parse_report(said), photos=kept).sighting.id)


def decide(chance: random.Random, alice: User) -> None:
    """Accept or refuse a report of which every photo is ready."""
    ready = Sighting.objects.filter(state="received").exclude(photos__state="received")
    sighting = ready.order_by("?").first()
    if sighting is None:
        return
    if chance.random() < 0.2:
        decisions.refuse_report(sighting=sighting, actor=alice, reason="unclear")
        say("refused", sighting.id)
        return
    gates = {photo.id: GATE for photo in sighting.photos.filter(state="awaiting_review")}
    decisions.accept_report(
        sighting=sighting, actor=alice, position=None, device=None, corrections={}, gates=gates
    )
    say("accepted", sighting.id)


def withdraw(chance: random.Random) -> None:
    """Take a report back, decided or not."""
    receipt = Receipt.objects.filter(sighting__isnull=False).order_by("?").first()
    if receipt is None:
        return
    say("withdrawing", receipt.sighting_id)
    intake.withdraw(receipt=receipt)


def main() -> None:
    """Go on until killed."""
    chance = random.Random(int(sys.argv[1]))
    alice = User.objects.get(username="alice")
    say("ready", "")
    while True:
        # So many wait that the worker never rests, and not many more.
        waiting = Photo.objects.filter(state="received").count()
        try:
            if waiting < 6:
                send(chance)
                if chance.random() < 0.1:
                    withdraw(chance)
            else:
                time.sleep(0.05)
            decide(chance, alice)
        except (Conflict, ObjectDoesNotExist):
            continue


if __name__ == "__main__":
    main()
