"""Is what a changeset holds what we sent? Each object of one is found in the other, or nothing is.

A new object has no id that we know: it is told by its tags and place, and two that are alike are
taken in order, since either is either.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence

from geo.osm_change import Action, OsmElement, Uploaded

Changes = Sequence[tuple[Action, OsmElement]]


class NoMatch(Exception):
    """The two differ: one of them is not ours."""


def match(sent: Changes, there: Changes) -> dict[tuple[str, int], Uploaded]:
    """Return (type, id that was sent) -> id and version there, as the lost answer said it.

    Raises NoMatch where one has an object that the other has not.
    """
    waiting: dict[Hashable, list[OsmElement]] = defaultdict(list)
    for action, element in there:
        waiting[_told_by(action, element)].append(element)
    found = {}
    for action, element in sent:
        same = waiting.get(_told_by(action, element))
        if not same:
            raise NoMatch(f"{element.name} is not there.")
        other = same.pop(0)
        is_gone = action == "delete"
        found[element.key] = Uploaded(
            None if is_gone else other.osm_id, None if is_gone else other.version
        )
    left = [element.name for elements in waiting.values() for element in elements]
    if left:
        raise NoMatch(f"{left[0]} is not ours.")
    return found


def _told_by(action: Action, element: OsmElement) -> Hashable:
    if action != "create":
        return action, element.key
    place = element.position.rounded() if element.position else None
    return action, element.osm_type, place, tuple(sorted(element.tags.items()))
