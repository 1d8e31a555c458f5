"""Reads of passages and batches."""

import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from mapper.trust import models  # noqa: F401 - named in the quoted bases below


class PassageQuerySet(QuerySet["models.Passage"]):
    """Ways onto the map."""

    def due(self, now: datetime.datetime) -> "PassageQuerySet":
        """Return those of reports that may appear by now and wait for company."""
        return self.filter(due_at__lte=now, batch__isnull=True, sighting__state="received")


class BatchQuerySet(QuerySet["models.Batch"]):
    """Batches."""

    def left(self) -> "BatchQuerySet":
        """Return those of which no undecided report is left."""
        return self.filter(passages__isnull=True)
