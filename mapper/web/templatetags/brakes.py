"""Whether a brake is on, for the pages of moderators."""

from django import template

from mapper.trust.models import Brake

register = template.Library()


@register.simple_tag
def brakes_on() -> dict[str, int | bool]:
    """Return how many brakes are on, and whether one of them stops more than unproven reports."""
    brakes = list(Brake.objects.on())
    is_of_proven = any(not brake.is_of_unproven for brake in brakes)
    return {"count": len(brakes), "is_of_proven": is_of_proven}
