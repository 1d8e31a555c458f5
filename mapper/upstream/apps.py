"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UpstreamConfig(AppConfig):
    """The application of what is given back to OpenStreetMap."""

    name = "mapper.upstream"
    verbose_name = _("Given back to OpenStreetMap")
