"""Who we say that we are to OSM's servers."""

from django.conf import settings

from mapper import __version__


def user_agent() -> str:
    """Return name, version, address and contact, as the rules of OSM's servers ask."""
    contact = f"; {settings.OUTBOUND_CONTACT}" if settings.OUTBOUND_CONTACT else ""
    return f"contrechamp/{__version__} (+{settings.SITE_URL}{contact})"
