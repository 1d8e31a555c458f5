"""What goes wrong between a client and OSM, on demand: at which request, and how."""

import httpx

from tests.fake_osm.answers import Answer

# Each is done to one request; `after` means that the server has done what was asked.
FAULTS = (
    "lost_before",  # the connection breaks on the way there
    "lost_after",  # it is done, and the answer is lost
    "late",  # the answer is lost, and it is done a little later
    "hang_before",
    "hang_after",
    "500_before",
    "502_after",
    "504_before",
    "504_after",
    "503",
    "429",
    "429_once_more",
    "509",
    "garbled_after",  # half of the answer
    "html_after",  # somebody's proxy answers 200
    "closed",  # an hour passes first, which closes the changeset
    "401",
    "400",
)


class FaultyTransport(httpx.BaseTransport):
    """Asks a world without a network; faults are told by the number of the request."""

    def __init__(self, world, faults=None, events=None):
        self.world = world
        # Number of the request -> fault, or a function of method and path; and number ->
        # what somebody else does before it.
        self.faults = faults if callable(faults) else dict(faults or {})
        self.events = dict(events or {})
        self.count = 0
        self.asked = []
        self._late = []

    def handle_request(self, request):
        number = self.count
        self.count += 1
        path = request.url.raw_path.decode()
        self.asked.append((request.method, path))
        self._do_late(path)
        if number in self.events:
            self.events[number](self.world)
        if callable(self.faults):
            fault = self.faults(request.method, path)
        else:
            fault = self.faults.get(number, "")
        return self._faulty(fault, request)

    def _faulty(self, fault, request):
        if fault == "closed":
            self.world.pass_time(3601)
        if fault in ("lost_before", "hang_before"):
            raise _broken(fault, request)
        if fault == "late":
            self._late.append((2, request))
            raise httpx.ReadTimeout("late", request=request)
        if fault in _TEXTS and not fault.endswith("_after"):
            status, text, headers = _TEXTS[fault]
            return httpx.Response(status, content=text.encode(), headers=headers)
        return _spoilt(fault, self._ask(request), request)

    def _ask(self, request):
        path = request.url.raw_path.decode()
        return self.world.handle(request.method, path, request.headers, request.read())

    def _do_late(self, path):
        """Do what was under way; the lock of a changeset lets nothing of it come after its end."""
        waiting = []
        for left, request in self._late:
            changeset = request.url.raw_path.decode().split("/upload")[0]
            if left <= 0 or path == f"{changeset}/close":
                self._ask(request)
            else:
                waiting.append((left - 1, request))
        self._late = waiting


_TEXTS = {
    "500_before": (500, "Internal Server Error", {}),
    "502_after": (502, "Bad Gateway", {}),
    "504_before": (504, "Gateway Timeout", {}),
    "504_after": (504, "Gateway Timeout", {}),
    "503": (503, "Database offline for maintenance", {"Retry-After": "120"}),
    "429": (429, "Too Many Requests", {"Retry-After": "60"}),
    "429_once_more": (429, "Upload has been blocked due to rate limiting.", {}),
    "509": (509, "You have downloaded too much data. Please try again in 60 seconds.", {}),
    "401": (401, "Couldn't authenticate you", {}),
    "400": (400, "Cannot parse valid XML", {}),
}


def _spoilt(fault, answer, request):
    """Return what arrives of an answer to something that was done."""
    if fault in ("lost_after", "hang_after"):
        raise _broken(fault, request)
    if fault == "garbled_after":
        answer = Answer(answer.status, answer.body[: len(answer.body) // 2], answer.type)
    if fault == "html_after":
        answer = Answer(200, b"<html>Welcome to our hotel</html>", "text/html")
    if fault in _TEXTS:
        status, text, headers = _TEXTS[fault]
        answer = Answer(status, text.encode(), headers=headers)
    headers = {"Content-Type": answer.type} | answer.headers
    return httpx.Response(answer.status, content=answer.body, headers=headers)


def _broken(fault, request):
    if fault.startswith("hang"):
        return httpx.ReadTimeout("nothing came", request=request)
    return httpx.RemoteProtocolError("the connection broke", request=request)
