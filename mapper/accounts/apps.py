"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The application of accounts."""

    name = "mapper.accounts"
    verbose_name = _("Accounts")
