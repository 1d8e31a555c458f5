"""Whether a brake is on, for the pages of moderators."""

from django import template

from mapper.trust.models import Brake

register = template.Library()


@register.simple_tag
def brakes_on() -> int:
    """Return how many brakes wait for a moderator."""
    return Brake.objects.on().count()
