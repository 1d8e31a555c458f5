"""Asks Overpass, politely, and takes only answers that are whole.

An answer counts when it is HTTP 200, JSON to its end, without a remark, with the moment its data
is from. Everything else is an OverpassFailure, and nothing is changed (docs/decisions). The
objects of a good answer are parsed by overpy.
"""

import datetime
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import overpy
from django.utils import timezone
from tqdm import tqdm

from mapper.errors import Unavailable
from mapper.osm.breaker import Breaker
from mapper.osm.outbound import check_address, open_client

_CONNECT_S = 10.0
_CLOCKS_DIFFER = datetime.timedelta(hours=1)
# The server's own limit ends a query first; the rest is for the way.
_READ_EXTRA_S = 15.0
MAX_ANSWER_BYTES = 64_000_000
_ATTEMPTS = 3
_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 60.0
_BUSY = frozenset({429, 504})
# Some servers say it with HTTP 200 and a page of HTML.
_BUSY_WORDS = ("rate_limited", "too busy", "request_read_and_idx::timeout", "duplicate_query")
_SLOT = re.compile(r"Slot available after: [^,]*, in (-?\d+) seconds")
_FREE = re.compile(r"(\d+) slots? available now")
_ERROR_TEXT = re.compile(r"<strong[^>]*>\s*Error\s*</strong>\s*:?\s*(.*?)</p>", re.DOTALL)


class OverpassFailure(Unavailable):
    """Overpass did not give an answer that can be used; nothing was changed."""

    code = "overpass"


class QuestionFailure(OverpassFailure):
    """The question is to blame, being too large or malformed; the server is well."""


class _Busy(Exception):
    """The server asks to come back later."""

    def __init__(self, reason: str, pause_s: float | None = None):
        super().__init__(reason)
        self.pause_s = pause_s


@dataclass(frozen=True, slots=True)
class Answer:
    """What Overpass knows, and the moment up to which it knows OSM."""

    result: overpy.Result
    data_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class OverpassClient:
    """One server, asked one query at a time, and others where it fails, in their order.

    `sleep` waits between attempts.
    """

    url: str
    user_agent: str
    timeout_s: int = 180
    sleep: Callable[[float], None] = time.sleep
    max_bytes: int = MAX_ANSWER_BYTES
    read_extra_s: float = _READ_EXTRA_S
    is_quiet: bool = False
    mirrors: tuple[str, ...] = ()
    breaker: Breaker | None = None

    def __post_init__(self) -> None:
        for url in (self.url, *self.mirrors):
            check_address(
                url, name="OVERPASS_URL", example="https://overpass-api.de/api/interpreter"
            )

    def ask(self, query: str) -> Answer:
        """Return the whole answer to a query, of the first server that has one.

        Raises OverpassFailure with what each of them said.
        """
        reasons = []
        for url in (self.url, *self.mirrors):
            try:
                return replace(self, url=url, mirrors=())._ask_unless_resting(query)
            except OverpassFailure as failure:
                reasons.append(failure.message)
        if len(reasons) == 1:
            raise OverpassFailure(reasons[0])
        hosts = [urlsplit(url).hostname for url in (self.url, *self.mirrors)]
        said = " ".join(f"{host}: {reason}" for host, reason in zip(hosts, reasons, strict=True))
        raise OverpassFailure(said)

    def _ask_unless_resting(self, query: str) -> Answer:
        if self.breaker is None:
            return self._ask_one(query)
        until = self.breaker.rests_until(self.url)
        if until is not None:
            raise OverpassFailure(
                f"Overpass failed several times and is left alone until {until:%Y-%m-%d %H:%M} UTC."
            )
        try:
            answer = self._ask_one(query)
        except QuestionFailure:
            raise
        except OverpassFailure as failure:
            self.breaker.note_failure(self.url, retry_after_s=failure.retry_after_s)
            raise
        self.breaker.note_answer(self.url)
        return answer

    def _ask_one(self, query: str) -> Answer:
        pause_s, reason = _FIRST_PAUSE_S, ""
        with self._http() as http:
            for attempt in range(_ATTEMPTS):
                if attempt:
                    self.sleep(min(pause_s, _LONGEST_PAUSE_S))
                    pause_s *= 2
                self._await_slot(http)
                try:
                    return read_answer(self._post(http, query))
                except _Busy as busy:
                    reason, pause_s = str(busy), busy.pause_s or pause_s
                    if (busy.pause_s or 0) > _LONGEST_PAUSE_S:
                        raise OverpassFailure(
                            f"Overpass asks to come back in {busy.pause_s:.0f} s ({reason}).",
                            retry_after_s=int(busy.pause_s or 0),
                        ) from None
        raise OverpassFailure(f"Overpass is busy ({reason}), asked {_ATTEMPTS} times; try later.")

    def _http(self) -> httpx.Client:
        return open_client(
            self.url,
            user_agent=self.user_agent,
            read_s=self.timeout_s + self.read_extra_s,
            headers={"Accept": "application/json"},
        )

    def _await_slot(self, http: httpx.Client) -> None:
        """Wait until the server has a slot for us, where it tells; at most a minute."""
        address = self.url.rsplit("/", 1)[0] + "/status"
        try:
            # Small and quick, or not worth waiting for: the query itself will tell.
            answer = http.get(address, timeout=_CONNECT_S)
        except httpx.HTTPError:
            return
        wait_s = seconds_to_slot(answer.text) if answer.status_code == 200 else 0
        if wait_s > _LONGEST_PAUSE_S:
            raise OverpassFailure(
                f"Overpass has no free slot for {wait_s} seconds; try later.",
                retry_after_s=wait_s,
            )
        if wait_s:
            self.sleep(wait_s)

    def _post(self, http: httpx.Client, query: str) -> bytes:
        """Return the body of a good answer; Busy and OverpassFailure otherwise."""
        try:
            with http.stream("POST", self.url, data={"data": query}) as answer:
                body = b"".join(self._chunks(answer))
        except httpx.TimeoutException as error:
            raise OverpassFailure(f"Overpass did not answer in time ({_name(error)}).") from None
        except httpx.HTTPError as error:
            raise OverpassFailure(f"Overpass can't be reached ({_name(error)}).") from None
        _check_status(answer, body)
        return body

    def _chunks(self, answer: httpx.Response) -> Iterator[bytes]:
        """Yield the body as it comes, and no more of it than agreed in size and time."""
        ends_at = time.monotonic() + self.timeout_s + self.read_extra_s + _CONNECT_S
        taken = 0
        hide = True if self.is_quiet else None
        with tqdm(desc="Overpass", unit="B", unit_scale=True, disable=hide) as bar:
            for chunk in answer.iter_bytes():
                taken += len(chunk)
                bar.update(len(chunk))
                if taken > self.max_bytes:
                    raise QuestionFailure(
                        f"Overpass answers more than {self.max_bytes:,} bytes; ask for a smaller "
                        "region."
                    )
                if time.monotonic() > ends_at:
                    raise OverpassFailure("Overpass answers too slowly; try later.")
                yield chunk


def seconds_to_slot(status: str) -> int:
    """Return how long to wait by the text of /api/status; 0 where it names a free slot or none."""
    free = _FREE.search(status)
    if free and int(free[1]) > 0:
        return 0
    waits = [int(seconds) for seconds in _SLOT.findall(status)]
    return max(0, min(waits)) if waits else 0


def read_answer(body: bytes) -> Answer:
    """Return the answer that a body holds; OverpassFailure where it is not whole."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OverpassFailure(
            f"Overpass's answer is cut off or no JSON ({_name(error)})."
        ) from None
    if not isinstance(said, dict) or not isinstance(said.get("elements"), list):
        raise OverpassFailure("Overpass's answer holds no list of elements.")
    if said.get("remark"):
        raise QuestionFailure(f"Overpass's answer is partial: {_short(str(said['remark']))}")
    data_at = _data_time(said.get("osm3s"))
    try:
        result = overpy.Result.from_json(said)
    except (overpy.exception.OverPyException, *_ODD) as error:
        raise OverpassFailure(f"Overpass's answer holds odd elements ({_name(error)}).") from None
    return Answer(result, data_at)


# What overpy's reading of malformed elements ends in.
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


def _data_time(said: Any) -> datetime.datetime:
    text = said.get("timestamp_osm_base") if isinstance(said, dict) else None
    try:
        found = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        raise OverpassFailure("Overpass's answer does not say when its data is from.") from None
    found = found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
    if found > timezone.now() + _CLOCKS_DIFFER:
        # Taken, it would make every later answer look older than the last.
        raise OverpassFailure(f"Overpass says that its data is of {found:%Y-%m-%d %H:%M}, to come.")
    return found


def _check_status(answer: httpx.Response, body: bytes) -> None:
    if answer.status_code in _BUSY:
        raise _Busy(f"HTTP {answer.status_code}", _retry_after_s(answer))
    if answer.is_redirect:
        raise OverpassFailure(
            f"Overpass redirects (HTTP {answer.status_code}); set OVERPASS_URL to its new address."
        )
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status_code == 200 and kind in ("application/json", ""):
        return
    page = body[:20_000].decode("utf-8", "replace")
    if any(words in page for words in _BUSY_WORDS):
        raise _Busy(f"HTTP {answer.status_code}, {_short(_error_text(page))}")
    failure = QuestionFailure if answer.status_code == 400 else OverpassFailure
    raise failure(
        f"Overpass refuses the query (HTTP {answer.status_code}, {kind or 'no type'}): "
        f"{_short(_error_text(page)) or 'no reason given'}"
    )


def _retry_after_s(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _error_text(page: str) -> str:
    found = _ERROR_TEXT.search(page)
    return re.sub(r"<[^>]*>", "", found[1]) if found else ""


def _short(text: str) -> str:
    """Return a stranger's words on one line, cut."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:160]


def _name(error: Exception) -> str:
    return type(error).__name__
