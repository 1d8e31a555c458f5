"""Is this the same device? Near enough, and looking the same way as far as both are known."""

from collections.abc import Sequence

from geo.direction import Arc
from geo.geodesy import distance_m
from geo.position import LonLat

SAME_RADIUS_M = 15.0
# Half an octant: two people who read one camera's direction differ by less.
_SAME_BEARING_DEG = 45.0


def is_same_device(
    position: LonLat,
    arcs: Sequence[Arc],
    other_position: LonLat,
    other_arcs: Sequence[Arc],
) -> bool:
    """Return whether two points within 15 m look the same way.

    A direction that one of them does not know contradicts nothing, so only distance tells then.
    """
    if distance_m(position, other_position) > SAME_RADIUS_M:
        return False
    return looks_alike(arcs, other_arcs)


def looks_alike(arcs: Sequence[Arc], other_arcs: Sequence[Arc]) -> bool:
    """Return whether some arc of one lies within 45 degrees of some arc of the other.

    Degrees clockwise from true north; no arc at all is "unknown", which is like any other, and so
    is all round.

    Examples
    --------
    >>> looks_alike([Arc(350, 350)], [Arc(10, 10)]), looks_alike([Arc(0, 0)], [Arc(90, 90)])
    (True, False)
    >>> looks_alike([], [Arc(90, 90)])
    True
    """
    if not arcs or not other_arcs:
        return True
    return any(_is_near(arc, other) for arc in arcs for other in other_arcs)


def _is_near(arc: Arc, other: Arc) -> bool:
    middle, other_middle = arc.center_deg, other.center_deg
    if middle is None or other_middle is None:
        return True
    apart = abs(middle - other_middle) % 360
    return min(apart, 360 - apart) <= _SAME_BEARING_DEG
