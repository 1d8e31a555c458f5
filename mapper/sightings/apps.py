"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SightingsConfig(AppConfig):
    """The application of devices and events."""

    name = "mapper.sightings"
    verbose_name = _("Events")
