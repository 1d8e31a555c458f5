"""How much came from this place within the hour? No address is kept, only a count under a hash.

The hash is keyed with a salt that lives one day in a 0600 file in memory, shared by the processes.
An IPv6 address counts by its /64; what comes over loopback or the onion service can't be told
apart and shares one quota.
"""

import datetime
import fcntl
import hashlib
import hmac
import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper import sql
from mapper.errors import TooMany, Unavailable
from mapper.intake.models import Bucket
from mapper.trust.models import Obstacle

SHARED = "shared"
_HOUR_S = 3600
_SALT_BYTES = 32
_IPV6_PREFIX = 64

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Limit:
    """How many within an hour, from one address and from all who share one quota."""

    purpose: str
    each: int
    shared: int


def report_limit() -> Limit:
    """Return the limit of reports."""
    return Limit("report", settings.REPORTS_PER_HOUR, settings.SHARED_REPORTS_PER_HOUR)


def photo_limit() -> Limit:
    """Return the limit of photos that phones send one by one."""
    most = settings.MAX_PHOTOS_PER_REPORT
    each, shared = settings.REPORTS_PER_HOUR * most, settings.SHARED_REPORTS_PER_HOUR * most
    return Limit("photo", each, shared)


def notice_limit() -> Limit:
    """Return the limit of notices; beyond it they only queue."""
    return Limit("notice", settings.NOTICES_PER_HOUR, settings.SHARED_NOTICES_PER_HOUR)


# Wrong receipt codes: there is nothing to find among 2**128. Beyond the limit the answer says so;
# a right code is answered always, or one guesser would lock out all who share an address.
GUESS_LIMIT = Limit("guess", 5, 100)


def is_over(request: HttpRequest, limit: Limit) -> bool:
    """Count one more and return whether it is beyond the limit; far beyond, refuse it."""
    place = place_of(request)
    most = limit.shared if place == SHARED else limit.each
    count = _hit(f"{limit.purpose}|{place}")
    if count > most * settings.HARD_LIMIT_FACTOR:
        raise _too_many()
    return count > most


def slow_reason(request: HttpRequest) -> str:
    """Count one more report; return why it goes to the slow queue, if it does."""
    return Obstacle.SLOW if is_over(request, report_limit()) else ""


def has_many(request: HttpRequest, limit: Limit) -> bool:
    """Count one more and return whether it is beyond the limit; nothing is refused."""
    place = place_of(request)
    return _hit(f"{limit.purpose}|{place}") > (limit.shared if place == SHARED else limit.each)


def count_arrival(meter: str) -> int:
    """Count a report that came in, whoever sent it; return how many did within the hour."""
    return _hit(f"arrival|{meter}")


def purge_buckets() -> int:
    """Delete the counts of hours that are over; return how many."""
    return Bucket.objects.filter(hour__lt=_hour()).delete()[0]


def place_of(request: HttpRequest) -> str:
    """Return what stands for the client in a bucket: an address, a /64, or the shared quota.

    Shared by those without an address: the door they came through knows none (the onion's, this
    machine's own). What the visitor says, the Host header too, decides nothing.
    """
    address = client_address(request)
    if address is None or address.is_loopback:
        return SHARED
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def client_address(request: HttpRequest) -> Address | None:
    """Return who asks: the peer, or behind our own proxies the last one they did not add."""
    hops = [request.META.get("REMOTE_ADDR", "")]
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), *hops]
    for hop in reversed(hops):
        address = _address(hop)
        if address is None or not _is_trusted_proxy(address):
            return address
    return None


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else address


def _is_trusted_proxy(address: Address) -> bool:
    return any(
        address in ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES
    )


def _hit(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.load("intake", "hit_bucket"), {"key": _key(what), "hour": _hour()})
        row = cursor.fetchone()
    return int(row[0])


def _hour() -> int:
    return int(timezone.now().timestamp()) // _HOUR_S


def _key(what: str) -> str:
    return hmac.new(_salt(), f"{what}|{_hour()}".encode(), hashlib.sha256).hexdigest()


def _too_many() -> TooMany:
    left_s = _HOUR_S - int(timezone.now().timestamp()) % _HOUR_S
    return TooMany(
        _("Far too much came from your network within the hour. Come back in %(minutes)s minutes.")
        % {"minutes": left_s // 60 + 1},
        retry_after_s=left_s,
    )


def _salt() -> bytes:
    """Return the day's salt; whoever comes first on a day makes it."""
    path = Path(settings.BUCKET_SALT_FILE)
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        raise _no_salt() from None
    with os.fdopen(opened, "r+b") as file:
        found = os.fstat(file.fileno())
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise _no_salt()
        fcntl.flock(file, fcntl.LOCK_EX)
        today = timezone.now().date().isoformat().encode()
        day, _space, salt = file.read().partition(b" ")
        if day != today or len(salt) != 2 * _SALT_BYTES:
            salt = secrets.token_hex(_SALT_BYTES).encode()
            file.seek(0)
            file.truncate()
            file.write(today + b" " + salt)
            file.flush()
    return salt


def _no_salt() -> Unavailable:
    return Unavailable(
        _("This server can't take reports just now. Nothing was lost; try again later."),
        code="salt-file",
        retry_after_s=int(datetime.timedelta(minutes=5).total_seconds()),
    )
