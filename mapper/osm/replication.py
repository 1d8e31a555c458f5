"""Fetches OSM's change files from a server that numbers them, as planet.openstreetmap.org does.

Addresses, and the search for the number of a moment, are pyosmium's. The way there is ours: of its
own it says "none" both for a file that is not there and for a server that fails.
"""

import datetime
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from osmium.replication.server import OsmosisState, ReplicationServer
from tqdm import tqdm

from mapper.errors import Unavailable
from mapper.osm.outbound import Connected, check_address, open_client

# A planet's day is some 120 MB.
MOST_DIFF_BYTES = 1_000_000_000
_MOST_STATE_BYTES = 10_000
_ATTEMPTS = 3
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 60.0
_SLOWEST_S = 600.0
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_LINE = re.compile(r"^\s*(sequenceNumber|timestamp)\s*=\s*(\S+)\s*$", re.MULTILINE)
_MOST_SEQUENCE = 999_999_999


class ReplicationFailure(Unavailable):
    """The server did not give what it should; what was applied before stays, nothing else is."""

    code = "osm-replication"


class Replication(Connected, ReplicationServer):
    """One server; `sleep` waits between attempts. Used as a context manager."""

    def __init__(
        self, url: str, *, user_agent: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Refuse an address that is not safe."""
        check_address(
            url,
            name="OSM_REPLICATION_URL",
            example="https://planet.openstreetmap.org/replication/hour, the folder of state.txt",
        )
        super().__init__(url)
        self._sleep = sleep
        # Files as they lie there: some servers call what is a .gz file an encoding of its content.
        self._http = open_client(
            url, user_agent=user_agent, redirects=3, headers={"Accept-Encoding": "identity"}
        )

    def get_state_info(self, seq: int | None = None, retries: int = 0) -> OsmosisState | None:
        """Return the state of a number, or the newest; None where the server has none of it."""
        body = bytearray()
        try:
            self._get(self.get_state_url(seq), body.extend, most_bytes=_MOST_STATE_BYTES)
        except _Missing:
            if seq is None:
                raise ReplicationFailure(
                    f"There is no state.txt at {self.baseurl}; check the address."
                ) from None
            return None
        return read_state(body.decode("utf-8", "replace"), self.get_state_url(seq))

    def newest(self) -> OsmosisState:
        """Return the newest state."""
        state = self.get_state_info()
        assert state is not None  # or it would have raised
        return state

    def state_of(self, sequence: int) -> OsmosisState:
        """Return the state of a number that the server must have."""
        state = self.get_state_info(sequence)
        if state is None:
            raise _gone(sequence, self.get_state_url(sequence))
        if state.sequence != sequence:
            raise ReplicationFailure(
                f"{self.get_state_url(sequence)} is the state of {state.sequence}, not of "
                f"{sequence}; try later."
            )
        return state

    def download(self, sequence: int, folder: Path, *, is_quiet: bool) -> Path:
        """Write the change file of a number into a folder; return its path."""
        path = folder / f"{sequence:09}.osc.gz"
        hide = True if is_quiet else None
        with tqdm(
            desc=f"Changes {sequence}", unit="B", unit_scale=True, disable=hide, leave=False
        ) as bar:
            try:
                with path.open("wb") as file:

                    def keep(chunk: bytes) -> None:
                        bar.update(file.write(chunk))

                    self._get(self.get_diff_url(sequence), keep, most_bytes=MOST_DIFF_BYTES)
            except _Missing:
                raise _gone(sequence, self.get_diff_url(sequence)) from None
        return path

    def _get(self, url: str, keep: Callable[[bytes], object], *, most_bytes: int) -> None:
        """Give a body to `keep` as it comes. What has begun is not asked for again."""
        pause_s, reason = _FIRST_PAUSE_S, ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._sleep(pause_s)
                pause_s *= 2
            try:
                with self._http.stream("GET", url) as answer:
                    if answer.status_code in _AGAIN:
                        reason = f"HTTP {answer.status_code}"
                        pause_s = _retry_after_s(answer) or pause_s
                        if pause_s > _LONGEST_PAUSE_S:
                            break  # Sooner than it asks it is not asked again.
                        continue
                    _check(answer, url)
                    _read(answer, keep, url, most_bytes)
                    return
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                reason = type(error).__name__
            except httpx.HTTPError as error:
                raise ReplicationFailure(
                    f"{url} broke off ({type(error).__name__}); try later."
                ) from None
        raise ReplicationFailure(
            f"{url} can't be had ({reason}), asked {attempt + 1} times; try later."
        )


class _Missing(Exception):
    """The server has no such file."""


def read_state(text: str, name: str) -> OsmosisState:
    """Return what a state file says: the number, and the moment up to which OSM is known."""
    said = dict(_LINE.findall(text))
    number, stamp = said.get("sequenceNumber", ""), said.get("timestamp", "").replace("\\", "")
    try:
        sequence = int(number)
        data_at = datetime.datetime.fromisoformat(stamp)
    except ValueError:
        raise ReplicationFailure(f"{name} is no state file; try later.") from None
    if not 0 <= sequence <= _MOST_SEQUENCE or data_at.tzinfo is None:
        raise ReplicationFailure(f"{name} is no state file; try later.")
    return OsmosisState(sequence, data_at)


def _check(answer: httpx.Response, url: str) -> None:
    if answer.status_code in (404, 410):
        raise _Missing
    if answer.status_code != 200:
        raise ReplicationFailure(f"{url} is refused (HTTP {answer.status_code}).")


def _read(
    answer: httpx.Response, keep: Callable[[bytes], object], url: str, most_bytes: int
) -> None:
    ends_at, taken = time.monotonic() + _SLOWEST_S, 0
    for chunk in answer.iter_raw():
        taken += len(chunk)
        if taken > most_bytes:
            raise ReplicationFailure(f"{url} has more than {most_bytes:,} bytes.")
        if time.monotonic() > ends_at:
            raise ReplicationFailure(f"{url} comes too slowly; try later.")
        keep(chunk)


def _gone(sequence: int, url: str) -> ReplicationFailure:
    return ReplicationFailure(
        f"The server lacks number {sequence} ({url}); no change may be left out, so nothing after "
        "it was applied. If it never comes, load an extract and follow on with --from."
    )


def _retry_after_s(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
