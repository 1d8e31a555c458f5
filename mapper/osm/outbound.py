"""How we ask OSM's servers: who we say that we are, over which addresses, and for how long."""

from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from mapper import __version__
from mapper.errors import BadInput

_CONNECT_S = 10.0
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Connected:
    """Something that asks one server over one connection, `_http`; used as a context manager."""

    _http: httpx.Client

    def __enter__(self) -> Self:
        """Use one connection."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self._http.close()


def user_agent() -> str:
    """Return name, version, address and contact, as the rules of OSM's servers ask."""
    contact = f"; {settings.OUTBOUND_CONTACT}" if settings.OUTBOUND_CONTACT else ""
    return f"contrechamp/{__version__} (+{settings.SITE_URL}{contact})"


def check_address(url: str, *, name: str, example: str) -> None:
    """Refuse an address that is no https, but on this machine and at onions."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or host in _LOCAL or host.endswith(".onion")
    if parts.scheme not in ("http", "https") or not host or not is_safe:
        raise BadInput(f"{name}={url[:100]} is not an https address; set one like {example}.")


def open_client(
    url: str,
    *,
    user_agent: str,
    read_s: float = 60.0,
    redirects: int = 0,
    headers: Mapping[str, str] = MappingProxyType({}),
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Return a client for one server that waits for no answer without end.

    `transport` stands for the network in tests.
    """
    return httpx.Client(
        headers={"User-Agent": user_agent, **headers},
        timeout=httpx.Timeout(connect=_CONNECT_S, read=read_s, write=30, pool=10),
        follow_redirects=redirects > 0,
        max_redirects=redirects,
        transport=transport,
        # A proxy of the environment is for the world outside.
        trust_env=urlsplit(url).hostname not in _LOCAL,
    )
