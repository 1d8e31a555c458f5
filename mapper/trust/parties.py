"""Cartoparties: a moderator says that many reports of one city will come, so that none is a flood.

A party is known by a word in its link; whoever learns it can add no more than its cap.
"""

import datetime
import secrets

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from geo.position import LonLat
from mapper.places.models import City
from mapper.sightings.facts import point_of
from mapper.trust.models import Party

MOST_HOURS = 24
MOST_REPORTS = 2_000
_CONSONANTS, _VOWELS, _SYLLABLES = "bdfgklmnprstvz", "aeiou", 5


@transaction.atomic
def open_party(*, city: City, opens_at: datetime.datetime, hours: int, most: int) -> Party:
    """Open a window for a mapping party, with a word that can be said aloud."""
    word = "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))
    return Party.objects.create(
        city=city,
        word=word,
        opens_at=opens_at,
        closes_at=opens_at + datetime.timedelta(hours=hours),
        most=most,
    )


def close_party(*, party: Party) -> None:
    """Close a window now; what came by it stays what it is."""
    now = timezone.now()
    if party.closes_at <= now:
        return
    party.closes_at = max(now, party.opens_at + datetime.timedelta(microseconds=1))
    party.save(update_fields=["closes_at"])


def let_go_on(*, party: Party, closes_at: datetime.datetime) -> None:
    """Open a window again that was closed before its time."""
    party.closes_at = closes_at
    party.save(update_fields=["closes_at"])


def join(*, word: str, position: LonLat | None) -> Party | None:
    """Count a report to the party of a word: open, with room, and the place in its city."""
    if not word or position is None:
        return None
    party = (
        Party.objects.open(timezone.now())
        .filter(word=word, city__boundary__covers=point_of(position))
        .first()
    )
    if party is None:
        return None
    has_room = Party.objects.filter(id=party.id, taken__lt=F("most")).update(taken=F("taken") + 1)
    return party if has_room else None
