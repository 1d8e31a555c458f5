"""How a line of the log is written: what failed and where, never the value that made it fail.

An exception's message may quote what somebody sent, a request's path what somebody looked at.
"""

import logging
import traceback
from types import TracebackType
from typing import Any

_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutValues(logging.Formatter):
    """Writes an exception as its types and the places it passed, without its messages."""

    def formatException(self, ei: _Caught) -> str:  # noqa: N802 - the name is logging's
        """Return one line an exception, innermost cause last."""
        lines = []
        error: BaseException | None = ei[1]
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            places = " < ".join(
                f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno}"
                for frame in reversed(traceback.extract_tb(error.__traceback__))
            )
            lines.append(f"  {type(error).__module__}.{type(error).__qualname__} at {places}")
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name is logging's
        """Return nothing: source lines may hold values."""
        return ""


class WithoutPath(logging.Filter):
    """Lets a broken request through, without the address that was asked for.

    What we answered on purpose (a 503 that says when to come back) is nobody's news.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message."""
        record.msg = "a request failed"
        record.args = ()
        return bool(record.exc_info)


# What must not be written at all goes nowhere: an empty list of handlers would mean stderr.
CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": WithoutValues, "format": "%(levelname)s %(name)s: %(message)s"},
    },
    "filters": {"without_path": {"()": WithoutPath}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
        "failed_requests": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without_path"],
            "level": "ERROR",
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "mapper": {"level": "INFO"},
        "django.request": {"handlers": ["failed_requests"], "propagate": False},
        "django.security": {"handlers": ["nowhere"], "propagate": False},
        "django.server": {"handlers": ["nowhere"], "propagate": False},
        "procrastinate": {"level": "ERROR"},
        "psycopg.pool": {"level": "ERROR"},
    },
}
