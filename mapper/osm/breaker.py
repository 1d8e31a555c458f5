"""Leaves a server of Overpass alone that fails again and again, longer each time (circuit breaker).

What it did is stored, so that the next run of the command, an hour later from cron, knows it too.
"""

import datetime

from django.db import transaction
from django.utils import timezone

from mapper.osm.models import OverpassServer

# So many failures in a row are chance; from then on it rests.
_PATIENCE = 3
_FIRST_REST = datetime.timedelta(minutes=5)
_LONGEST_REST = datetime.timedelta(days=1)


class Breaker:
    """Remembers how servers answered."""

    def rests_until(self, url: str) -> datetime.datetime | None:
        """Return the moment before which a server is not to be asked; None where it may be."""
        server = OverpassServer.objects.filter(url=url, rests_until__gt=timezone.now()).first()
        return server.rests_until if server else None

    def note_answer(self, url: str) -> None:
        """Note a whole answer: the server is well."""
        OverpassServer.objects.filter(url=url).delete()

    @transaction.atomic
    def note_failure(self, url: str, *, retry_after_s: int = 0) -> None:
        """Note a failure; a server that says when to come back is left alone until then."""
        server, _ = OverpassServer.objects.select_for_update().get_or_create(url=url)
        server.failures += 1
        beyond = server.failures - _PATIENCE
        rest = datetime.timedelta(seconds=retry_after_s)
        if beyond >= 0:
            # 2**9 times the first rest is beyond the longest already.
            rest = max(rest, min(_FIRST_REST * 2 ** min(beyond, 9), _LONGEST_REST))
        if rest:
            server.rests_until = timezone.now() + min(rest, _LONGEST_REST)
        server.save()
