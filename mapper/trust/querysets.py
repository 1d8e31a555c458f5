"""Reads of passages and batches."""

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q, QuerySet, Value

if TYPE_CHECKING:
    from mapper.trust import models  # noqa: F401 - named in the quoted bases below


class PassageQuerySet(QuerySet["models.Passage"]):
    """Ways onto the map."""

    def due(self, now: datetime.datetime) -> "PassageQuerySet":
        """Return those of reports that may appear by now and wait for company."""
        return self.filter(due_at__lte=now, batch__isnull=True, sighting__state="received")


class BrakeQuerySet(QuerySet["models.Brake"]):
    """Brakes."""

    def counted(self) -> "QuerySet[Any]":
        """Return those that are on or of which reports wait, with what came and what is shown."""
        counted: QuerySet[Any] = self.annotate(
            came=Count("passages"), shown=Count("passages__batch")
        ).select_related("city")
        return counted.filter(Q(released_at__isnull=True) | Q(came__gt=0)).order_by(
            "-tripped_at", "id"
        )

    def over(self, since: datetime.datetime) -> "BrakeQuerySet":
        """Return those released before then of which no undecided report is left."""
        return self.filter(released_at__lt=since, passages__isnull=True)

    def on(self) -> "BrakeQuerySet":
        """Return those that nobody has released yet, the first that tripped first."""
        return self.filter(released_at__isnull=True).order_by("tripped_at")


class PartyQuerySet(QuerySet["models.Party"]):
    """Cartoparties."""

    def over(self, now: datetime.datetime) -> "PartyQuerySet":
        """Return those whose hours are over and of which no undecided report is left."""
        return self.filter(closes_at__lt=now, passages__isnull=True)

    def open(self, now: datetime.datetime) -> "PartyQuerySet":
        """Return those whose hours are now and whose cap is not reached."""
        return self.filter(opens_at__lte=now, closes_at__gt=now, taken__lt=F("most"))


class BatchQuerySet(QuerySet["models.Batch"]):
    """Batches."""

    def on_map(self) -> "QuerySet[Any]":
        """Return those of which something is on the map, newest first, with `count` and `names`."""
        counted: QuerySet[Any] = self.annotate(
            count=Count("passages"),
            names=ArrayAgg("passages__city__name", distinct=True, default=Value([])),
        )
        return counted.filter(count__gt=0).order_by("-published_at", "id")

    def left(self) -> "BatchQuerySet":
        """Return those of which no undecided report is left."""
        return self.filter(passages__isnull=True)
