"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DossiersConfig(AppConfig):
    """The application of dossiers."""

    name = "mapper.dossiers"
    verbose_name = _("Dossiers")
