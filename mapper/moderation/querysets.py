"""Reads of decisions and notices."""

import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, When

if TYPE_CHECKING:
    from mapper.moderation import models


# Somebody is shown, or lives there: what they ask is that it goes.
_TAKEDOWNS = ("person", "private_home")


class DecisionQuerySet(QuerySet["models.Decision"]):
    """Decisions."""

    def about_device(self, device: UUID) -> "DecisionQuerySet":
        """Return what was decided of a device, newest day first."""
        about: DecisionQuerySet = (
            self.filter(Q(device=device) | Q(target_kind="device", target=device))
            .select_related("actor", "undone_by")
            .order_by("-made_on", "id")
        )
        return about

    def about_report(self, report: UUID) -> "DecisionQuerySet":
        """Return what was decided of a report, newest day first."""
        about: DecisionQuerySet = (
            self.filter(target_kind="sighting", target=report)
            .select_related("actor", "undone_by")
            .order_by("-made_on", "id")
        )
        return about

    def agreeing_with(self, decision: "models.Decision") -> "DecisionQuerySet":
        """Return the decisions that verified a device together with one by confirmations."""
        return self.filter(
            act="confirm",
            device=decision.device,
            made_on=decision.made_on,
            undone_by__isnull=True,
        ).exclude(id=decision.id)


class NoticeQuerySet(QuerySet["models.Notice"]):
    """Notices."""

    def waiting(self) -> "NoticeQuerySet":
        """Return those that nobody has decided on, in working order.

        What hides a photo comes first, then who asks for something to be taken down, then the rest;
        each the oldest first. Those that an undoing brought back have no time and come last.
        """
        urgency = Case(
            When(has_hidden=True, then=0),
            When(reason__in=_TAKEDOWNS, then=1),
            default=2,
            output_field=IntegerField(),
        )
        waiting = self.filter(outcome="").annotate(urgency=urgency)
        return waiting.order_by("urgency", "arrived_at", "id")

    def about(self, target: UUID) -> "NoticeQuerySet":
        """Return those about one device or photo that nobody has decided on."""
        return self.filter(outcome="", target=target)

    def hidings(self, *, city: int | None, since: datetime.datetime) -> int:
        """Return how many photos of a city notices have hidden since then."""
        return self.filter(has_hidden=True, city=city, arrived_at__gt=since).count()
