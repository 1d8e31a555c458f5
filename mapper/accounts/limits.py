"""Refuses what an account that is limited to cities writes about others.

The limit holds for documents, dossiers and events, and for everybody but operators. Reading has
no limit, nor has moderation: who decides on reports must see a flood whole.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import Forbidden
from mapper.places.models import City


def require_cities(*, editor: User | None, cities: Iterable[City | None]) -> None:
    """Refuse an editor whose cities these are not all; without an editor it is a command's doing.

    What belongs to no city is for those without a limit.
    """
    if editor is None or editor.may_write_about(cities):
        return
    names = ", ".join(editor.cities.order_by("name").values_list("name", flat=True))
    raise Forbidden(
        _("Your account writes about these cities alone: %(names)s. Ask an operator for others.")
        % {"names": names}
    )
