"""Reads of photos; what a stranger may see is said here alone."""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from mapper.photos import models  # noqa: F401 - named in the quoted bases below


class PhotoQuerySet(QuerySet["models.Photo"]):
    """Photos."""

    def public(self) -> "PhotoQuerySet":
        """Return what a stranger may see; of a private home nothing, whatever was decided.

        Nor of a prudent report whose day has not come: its claim is on no device.
        """
        return self.filter(
            state="published",
            sighting__state="accepted",
            sighting__claim__device__isnull=False,
            sighting__claim__device__is_private_home=False,
        ).exclude(flag="hidden")

    def stuck(self, *, since: datetime.datetime) -> "PhotoQuerySet":
        """Return the uploads that have waited since then or longer (or were decided on)."""
        return self._received(since).filter(pixel_name="")

    def unsearched(self, *, since: datetime.datetime) -> "PhotoQuerySet":
        """Return the copies that have waited for their search since then or longer."""
        return self._received(since).exclude(pixel_name="")

    def undecided(self, *, since: datetime.datetime) -> "PhotoQuerySet":
        """Return what nobody has decided on since then or longer."""
        waiting = self.filter(state__in=["received", "awaiting_review"], arrived_at__lte=since)
        return waiting.order_by("id")

    def _received(self, since: datetime.datetime) -> "PhotoQuerySet":
        return self.filter(
            Q(arrived_at__isnull=True) | Q(arrived_at__lte=since), state="received"
        ).order_by("id")

    def file_names(self) -> Iterable[tuple[str, ...]]:
        """Return the names of all files that a row names."""
        return self.values_list(
            "upload_name",
            "search_name",
            "pixel_name",
            "covered_name",
            "covered_thumbnail_name",
            "public_name",
            "public_thumbnail_name",
        )
