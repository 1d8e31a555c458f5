"""The row that a button of a desk names."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from mapper.errors import NotFound


def named_row(model: type[Any], request: HttpRequest) -> Any:
    """Return the row whose id a post carries; NotFound where there is none (any more)."""
    try:
        key = UUID(request.POST.get("id", ""))
    except ValueError:
        key = None
    found = model.objects.filter(id=key).first() if key else None
    if found is None:
        raise NotFound(_("It is not there any more; reload the page."))
    return found
