"""The city that a command names."""

from django.db.models import Q

from mapper.errors import BadInput
from mapper.places.models import City


def named_city(text: str) -> City:
    """Return the city of a slug or a code; raise BadInput where there is none."""
    # PostgreSQL takes no NUL in a text.
    text = text.replace("\x00", "�")
    city = City.objects.filter(Q(slug=text) | Q(code=text)).order_by("country", "code").first()
    if city is None:
        raise BadInput(f"{text[:60]}: there is no such city; use a slug or a code of /cities/.")
    return city
