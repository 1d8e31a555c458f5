"""Files by parts: Range, If-Range and ETag (RFC 9110), for downloads and map archives."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

_RANGE = re.compile(
    r"bytes=(?:(?P<first>[0-9]{1,15})-(?P<last>[0-9]{0,15})|-(?P<tail>[0-9]{1,15}))"
)
_BLOCK_BYTES = 65_536


def file_response(
    request: HttpRequest, path: Path, *, content_type: str, etag: str
) -> HttpResponseBase:
    """Answer a file, or the part of it that was asked for; `etag` is a strong one, in quotes."""
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        known["Cache-Control"] = "max-age=60"
        return known
    size_bytes = path.stat().st_size
    asked = _asked_range(request, etag, size_bytes)
    if asked is not None and asked[0] >= asked[1]:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size_bytes}"
        return refused
    start, end = asked or (0, size_bytes)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=content_type)
    else:
        response = StreamingHttpResponse(_Part(path, start, end), content_type=content_type)
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "max-age=60"
    if asked is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size_bytes}"
    return response


def _asked_range(request: HttpRequest, etag: str, size_bytes: int) -> tuple[int, int] | None:
    """Return the first byte and the one after the last; None means the whole file.

    Several ranges, and what can't be read, are answered with the whole file, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or request.headers.get("If-Range", etag) != etag:
        return None
    if match["tail"] is not None:
        return max(0, size_bytes - int(match["tail"])), size_bytes
    first = int(match["first"])
    if not match["last"]:
        return first, size_bytes
    last = int(match["last"])
    return None if last < first else (first, min(last + 1, size_bytes))


class _Part:
    """The bytes of an open file from `start` to before `end`; a later rename does not touch it."""

    def __init__(self, path: Path, start: int, end: int):
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = end - start

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (block := self._file.read(min(_BLOCK_BYTES, self._left))):
            self._left -= len(block)
            yield block

    def close(self) -> None:
        """Close the file; Django calls it at the end of the answer."""
        self._file.close()
