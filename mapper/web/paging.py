"""The page of a list that an address asks for."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from mapper.errors import BadInput

_MAX_PAGE = 1_000_000


def page_number(request: HttpRequest, name: str = "page") -> int:
    """Return the number that `?page=` gives, 1 without one; refuse what is no page number."""
    text = request.GET.get(name, "1").strip()
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= _MAX_PAGE:
        raise BadInput(
            _("%(name)s=%(value)s is not a page number; pages count from 1.")
            % {"name": name, "value": text[:40]}
        )
    return int(text[:9])
