"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrustConfig(AppConfig):
    """The application of trust."""

    name = "mapper.trust"
    verbose_name = _("Trust")
