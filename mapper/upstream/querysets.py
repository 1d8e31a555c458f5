"""Reads of what is given back to OSM."""

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet

from mapper.accounts.models import Role

if TYPE_CHECKING:
    from mapper.upstream import models  # noqa: F401 - named in the quoted bases below


def works_here(who: str) -> Q:
    """Return the condition that somebody is a moderator now (`User.is_moderator`)."""
    roles = [Role.MODERATOR, Role.OPERATOR]
    return Q(**{f"{who}__is_active": True, f"{who}__is_staff": True, f"{who}__role__in": roles})


class ProposalQuerySet(QuerySet["models.Proposal"]):
    """Proposals."""

    def waiting(self) -> "ProposalQuerySet":
        """Return those that are to be sent and are in no batch yet."""
        return self.filter(state="approved", batch__isnull=True)

    def ready(self) -> "ProposalQuerySet":
        """Return those that need no other moderator's word (any more).

        What somebody approved who was new, or works here no more, does; what takes a changeset of
        ours back does not.
        """
        is_enough = Q(is_of_newcomer=False) & works_here("approver")
        return self.filter(is_enough | works_here("seconder") | Q(action="revert"))

    def let_go(self) -> "ProposalQuerySet":
        """Return those whose author took the report back, or whose device was erased.

        What takes a changeset of ours back goes on all the same.
        """
        gone = Q(sighting__isnull=True) | Q(sighting__state="withdrawn") | Q(device__state="erased")
        return self.filter(gone).exclude(action="revert")

    def open(self) -> "ProposalQuerySet":
        """Return those on which something is still to be done."""
        return self.filter(state__in=["approved", "conflict"])

    def sent_on(self, day: datetime.date) -> "ProposalQuerySet":
        """Return those that went up in a batch of this day."""
        return self.filter(batch__made_on=day, batch__state__in=["uploading", "sent"])


class PushBatchQuerySet(QuerySet["models.PushBatch"]):
    """Batches."""

    def unfinished(self) -> "PushBatchQuerySet":
        """Return those of which it is not known what became of them."""
        return self.filter(state__in=["prepared", "uploading"])

    def in_osm(self) -> "PushBatchQuerySet":
        """Return those whose changeset is there."""
        return self.filter(state="sent")

    def last_made(self, count: int) -> "PushBatchQuerySet":
        """Return the last that went up or are about to, each with how many objects it holds."""
        found = self.exclude(state="void").select_related("city")
        return found.annotate(count=Count("proposals")).order_by("-made_on", "-changeset")[:count]


class StopQuerySet(QuerySet["models.Stop"]):
    """What stands in the way."""

    def standing(self, *, account: Any, now: datetime.datetime) -> "StopQuerySet":
        """Return those that stop an account's sendings now; `account` None: those of everybody."""
        of_whom = Q(account__isnull=True) | Q(account=account)
        return self.filter(of_whom).all_standing(now=now)

    def all_standing(self, *, now: datetime.datetime) -> "StopQuerySet":
        """Return those that stop anybody's sendings now."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=now), answered_on__isnull=True)
