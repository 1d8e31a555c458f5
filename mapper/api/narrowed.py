"""The same filters where only some of them mean something."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from rest_framework.request import Request

from mapper.api.collection import OWN_PARAMETERS
from mapper.errors import BadInput
from mapper.sightings.filters import DeviceFilter


def narrowed(request: Request, names: Sequence[str]) -> DeviceFilter:
    """Return the filter of a request that may only use these names."""
    query = request._request.GET
    unknown = sorted(set(query) - set(names) - set(OWN_PARAMETERS))
    if unknown:
        raise BadInput(
            _("Unknown filter: %(name)s. The known ones are: %(known)s.")
            % {"name": ", ".join(unknown)[:100], "known": " ".join(names)},
            code="unknown-filter",
        )
    return DeviceFilter.parse(query, also=OWN_PARAMETERS)
