"""Does slow things side by side, a thread for each core; the work itself is in the sandbox."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, connections
from django.utils import translation

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many cores we may use."""
    return len(os.sched_getaffinity(0))


def side_by_side(do: Callable[[T], R], items: Sequence[T], *, jobs: int) -> Iterator[R]:
    """Yield what `do` makes of each item, in their order; whoever stops reading stops the rest.

    What a caller's open transaction holds, other connections would not see, nor could they be
    undone with it: there, one thing is done after the other.
    """
    if jobs <= 1 or connection.in_atomic_block:
        yield from map(do, items)
        return
    language = translation.get_language()

    def alone(item: T) -> R:
        try:
            with translation.override(language):
                return do(item)
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(jobs)
    try:
        futures: list[Future[R]] = [pool.submit(alone, item) for item in items]
        futures.reverse()
        while futures:
            # Dropped once read, so that not all results are held to the end.
            yield futures.pop().result()
    finally:
        pool.shutdown(cancel_futures=True)
