"""Lists: a page of GeoJSON features as SQL wrote them, with a cursor to the next page."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from mapper.api.features import HEADERS
from mapper.errors import BadInput
from mapper.licence import ATTRIBUTION, LICENSE, LINK_HEADER

OWN_PARAMETERS = ("limit", "cursor")
_MAX_LIMIT = 1000
_DEFAULT_LIMIT = 100
_MAX_CURSOR_CHARACTERS = 400


@dataclass(frozen=True)
class Page:
    """Which part of a list: how many, and after which key."""

    limit: int
    after: str | None

    @classmethod
    def parse(cls, request: Request, *, key: Callable[[str], object]) -> "Page":
        """Return the page that a request asks for; `key` raises ValueError for what is no key."""
        return cls(
            limit=_limit(request.query_params.get("limit", str(_DEFAULT_LIMIT))),
            after=_decoded(request.query_params.get("cursor", ""), key),
        )

    def of(self, rows: "QuerySet[Any, Any]", key: str = "id") -> "QuerySet[Any, Any]":
        """Return the rows of the page and one more, which tells whether there is a next page."""
        after = {} if self.after is None else {f"{key}__gt": self.after}
        return rows.filter(**after).order_by(key)[: self.limit + 1]


def sql_features(query: str) -> list[str]:
    """Return the features that a query writes, one a row."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [feature for (feature,) in cursor.fetchall()]


def feature_collection(request: Request, page: Page, features: Sequence[str]) -> HttpResponse:
    """Answer a page of features, which are `Page.of` a list in the order of their ids."""
    shown = features[: page.limit]
    next_url = None
    if len(features) > page.limit:
        next_url = _next_url(request, str(json.loads(shown[-1])["id"]))
    top: Mapping[str, object] = {
        "type": "FeatureCollection",
        "license": LICENSE,
        "attribution": ATTRIBUTION,
        "next": next_url,
    }
    head = json.dumps(top, ensure_ascii=False)[:-1]
    response = HttpResponse(
        f'{head}, "features": [\n{(chr(10) + ",").join(shown)}\n]}}\n',
        content_type="application/geo+json",
        headers=HEADERS,
    )
    if next_url:
        response["Link"] = f'{LINK_HEADER}, <{next_url}>; rel="next"'
    return response


def _next_url(request: Request, last: str) -> str:
    query = request._request.GET.copy()
    query["cursor"] = base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")
    return f"{settings.SITE_URL}{request.path}?{query.urlencode(safe=',')}"


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _MAX_LIMIT):
        raise BadInput(
            _("limit=%(value)s is not a whole number from 1 to %(maximum)s.")
            % {"value": text[:20], "maximum": _MAX_LIMIT},
            code="bad-limit",
        )
    return int(text)


def _decoded(cursor: str, key: Callable[[str], object]) -> str | None:
    """Return the key in a cursor; a cursor is ours, nobody is to make one."""
    if not cursor:
        return None
    try:
        if len(cursor) > _MAX_CURSOR_CHARACTERS:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True).decode()
        key(text)
    except (ValueError, binascii.Error):
        raise BadInput(
            _("This cursor is not one of ours; begin again without it, or follow `next`."),
            code="bad-cursor",
        ) from None
    return text
