"""Does too much come at once? Then nothing more of there appears by itself, and nothing is lost."""

import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mapper.places.models import City
from mapper.sightings.days import today
from mapper.sightings.models import Sighting
from mapper.trust.actions import take_off
from mapper.trust.models import Batch, Brake, Obstacle, Party, Passage

_NOWHERE = "nowhere"
# The whole instance may take as much as so many cities at their limit.
_CITIES_AT_ONCE = 5
# A city that reports much may report more within an hour: a tenth of its last month.
_SHARE_OF_A_MONTH = 10
# What came so shortly before the brake tripped belongs to the flood.
_LEAD = datetime.timedelta(minutes=10)


def scopes_of(city: City | None, *, is_proven: bool) -> list[tuple[str, City | None]]:
    """Return what a report counts for: its city, and the whole instance.

    What comes without a proof of work is counted apart: a flood that cost nothing stops no report
    for which somebody's phone has worked.
    """
    end = "" if is_proven else Brake.UNPROVEN
    place = str(city.pk) if city is not None else _NOWHERE
    return [(place + end, city), (Brake.ALL + end, None)]


def meter_of(scope: str) -> str:
    """Return what to count under: a brake that was released lets the count begin anew."""
    last = Brake.objects.filter(scope=scope).order_by("-tripped_at").first()
    return scope if last is None else f"{scope} {last.id}"


def limit_of(scope: str, city: City | None) -> int:
    """Return how many reports an hour are still no flood, by what is usual there."""
    least: int = settings.BRAKE_REPORTS_PER_HOUR
    month = (today().replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
    accepted = Sighting.objects.accepted().filter(claim__seen_to=month)
    if Brake(scope=scope).is_everywhere:
        return max(least * _CITIES_AT_ONCE, accepted.count() // _SHARE_OF_A_MONTH)
    usual = accepted.filter(claim__device__city=city).count()
    return max(least, usual // _SHARE_OF_A_MONTH)


def brake_on(city: City | None, *, is_proven: bool) -> Brake | None:
    """Return the brake that holds what comes from a city now."""
    scopes = [scope for scope, _city in scopes_of(city, is_proven=is_proven)]
    return Brake.objects.on().filter(scope__in=scopes).first()


@transaction.atomic
def trip(*, scope: str, city: City | None) -> Brake:
    """Put the brake on; what came in the last minutes is counted to the flood, and not stopped."""
    brake, is_new = Brake.objects.get_or_create(
        scope=scope, released_at=None, defaults={"city": city, "tripped_at": timezone.now()}
    )
    if is_new:
        lately = Passage.objects.filter(
            sighting__arrived_at__gte=brake.tripped_at - _LEAD, party__isnull=True
        )
        here = lately if brake.is_everywhere else lately.filter(city=city)
        unproven = Q(obstacle=Obstacle.UNPROVEN)
        alike = here.filter(unproven if brake.is_of_unproven else ~unproven)
        alike.filter(flood__isnull=True).update(flood=brake)
    return brake


@transaction.atomic
def catch(*, passage: Passage, brake: Brake) -> None:
    """Let a report wait for a moderator because the brake is on; it goes to the slow queue."""
    passage.flood = brake
    passage.due_at = None
    passage.obstacle = passage.obstacle or Obstacle.FLOOD
    passage.save(update_fields=["flood", "due_at", "obstacle"])
    Sighting.objects.filter(pk=passage.pk).update(is_slow=True)


@transaction.atomic
def release(*, brake: Brake, with_reports: bool) -> list[UUID]:
    """Take the brake off; `with_reports` lets what it held go on the map. Return what may go."""
    brake.released_at = timezone.now()
    brake.save(update_fields=["released_at"])
    if not with_reports:
        return []
    held = Passage.objects.filter(flood=brake, obstacle=Obstacle.FLOOD)
    keys = list(held.values_list("pk", flat=True))
    Passage.objects.filter(pk__in=keys).update(obstacle="", flood=None, due_at=timezone.now())
    Sighting.objects.filter(pk__in=keys).update(is_slow=False)
    return keys


@transaction.atomic
def put_on_again(*, brake: Brake, keys: list[UUID]) -> bool:
    """Take a release back: what it let go and is not on the map yet waits again.

    Return whether the brake is on by it; not where it is on already, or another one is.
    """
    if brake.released_at is None or Brake.objects.on().filter(scope=brake.scope).exists():
        return False
    brake.released_at = None
    brake.save(update_fields=["released_at"])
    waiting = Passage.objects.filter(pk__in=keys, due_at__isnull=False)
    held = list(waiting.values_list("pk", flat=True))
    Passage.objects.filter(pk__in=held).update(flood=brake, due_at=None, obstacle=Obstacle.FLOOD)
    Sighting.objects.filter(pk__in=held).update(is_slow=True)
    return True


def forget_over() -> None:
    """Delete what tells the hour of floods and parties of which every report is decided."""
    now = timezone.now()
    # The count of its hour still asks for the brake that was released last.
    Brake.objects.over(now - datetime.timedelta(hours=1)).delete()
    Party.objects.over(now).delete()
    Batch.objects.left().delete()


@transaction.atomic
def undo_flood(*, brake: Brake) -> list[UUID]:
    """Take off the map what appeared of a flood, and let nothing more of it; return what it was."""
    return _take_off(list(Passage.objects.filter(flood=brake).values_list("pk", flat=True)))


@transaction.atomic
def undo_batch(*, batch_id: UUID) -> list[UUID]:
    """Take the points of a batch off the map; its reports, returned, wait marked so."""
    return _take_off(list(Passage.objects.filter(batch=batch_id).values_list("pk", flat=True)))


@transaction.atomic
def let_appear_again(*, keys: list[UUID]) -> None:
    """Take a taking off back: the reports appear again, with others and in no order, when due."""
    taken_off = Passage.objects.filter(pk__in=keys, obstacle=Obstacle.TAKEN_OFF)
    taken_off.update(obstacle="", due_at=timezone.now())


def _take_off(keys: list[UUID]) -> list[UUID]:
    """Take reports off the map, and those off the list that were to appear; return them."""
    shown = Sighting.objects.select_for_update(of=("self",)).filter(
        pk__in=keys, state__in=["received", "question_asked"], passage__batch__isnull=False
    )
    taken = list(shown.select_related("claim__device").order_by("id"))
    for sighting in taken:
        take_off(sighting=sighting, obstacle=Obstacle.TAKEN_OFF)
    due = Passage.objects.filter(pk__in=keys, due_at__isnull=False)
    waiting = list(due.values_list("pk", flat=True))
    due.update(due_at=None, obstacle=Obstacle.TAKEN_OFF)
    return [*(sighting.pk for sighting in taken), *waiting]
