"""Names the application in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    """The application of documents."""

    name = "mapper.documents"
    verbose_name = _("Documents")
