"""Where the base map of this instance is, for pages and for the admin."""

from django.conf import settings


def basemap_url() -> str:
    """Return the base map's address, empty where none was built; a new build has a new one."""
    built = settings.BASEMAP_ROOT / "base.pmtiles"
    if not built.is_file():
        return ""
    return f"/basemap/base.pmtiles?size={built.stat().st_size}"
