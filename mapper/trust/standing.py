"""Where does an undecided report stand on its way onto the map? For its author and moderators."""

from uuid import UUID

from django.utils.translation import gettext as _

from mapper.sightings.models import Sighting
from mapper.sightings.unchecked import unchecked_claim_of
from mapper.trust.holding import held_until, is_held
from mapper.trust.models import Passage


def repeated_device(sighting: Sighting) -> UUID | None:
    """Return the device that a report seems to speak of, though its author did not say so."""
    passage = Passage.objects.filter(sighting=sighting).first()
    return passage.near_device_id if passage is not None else None


def standing_in_words(sighting: Sighting) -> str:
    """Return what its author is told of a report that is not settled, and nothing of when."""
    if is_held(sighting):
        return _("It appears on the map when the 32 days are over that you asked for.")
    if held_until(sighting) is not None:
        return _(
            "You asked us to wait: nothing of it is on the map before 32 days, accepted or not."
        )
    if unchecked_claim_of(sighting) is not None:
        return _("It is on the map, marked as not verified; a moderator looks at it later.")
    passage = Passage.objects.filter(sighting=sighting).first()
    if passage is not None and passage.due_at is not None:
        return _(
            "It appears on the map by itself, marked as not verified: kind, type, mount, "
            "direction and place, nothing else. It waits for others first, so that nobody can tell "
            "when it came: some hours, as a rule two days at most where few report."
        )
    return _("It appears on the map once a moderator has looked at it.")
