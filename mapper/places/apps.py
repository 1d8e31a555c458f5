"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """The application of places."""

    name = "mapper.places"
    verbose_name = _("Cities and areas")
