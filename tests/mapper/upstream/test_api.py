"""The editing API's answers: each is understood, or is a reason in words; never a traceback."""

import csv

import httpx
import pytest

from geo.bbox import BBox
from mapper.errors import BadInput
from mapper.upstream.api import EditRefused, OsmEditor, OutcomeUnknown, Why

BOX = BBox(5, 45, 5.001, 45.001)


def editor(answer):
    """Return the API before a server that gives one answer to everything."""
    transport = httpx.MockTransport(lambda _request: answer)
    return OsmEditor("http://127.0.0.1:9", token="t", user_agent="test", transport=transport)


def questions(api):
    """Return everything that is ever asked."""
    return {
        "most_changes": api.most_changes,
        "user": api.user,
        "create": lambda: api.create_changeset({"comment": "é"}),
        "changeset": lambda: api.changeset(1),
        "changesets": lambda: api.changesets([1, 2]),
        "close": lambda: api.close(1),
        "upload": lambda: api.upload(1, b"<osmChange/>"),
        "download": lambda: api.download(1),
        "current": lambda: api.current([("node", 1), ("way", 2)]),
        "nodes_in": lambda: api.nodes_in(BOX),
    }


@pytest.mark.parametrize(
    ("status", "text", "why"),
    [
        (400, "Cannot parse valid XML", Why.NOT_UNDERSTOOD),
        (401, "Couldn't authenticate you", Why.UNKNOWN_TOKEN),
        (403, "Your access to the API has been blocked.", Why.FORBIDDEN),
        (404, "", Why.MISSING),
        (409, "Version mismatch: Provided 1, server had: 2 of Node 7", Why.VERSION),
        (409, "Version does not match the current database version", Why.VERSION),
        (409, "The changeset 2222 was closed at 2021-11-20 09:42:47 UTC.", Why.CLOSED),
        (409, "The user doesn't own that changeset", Why.NOT_UNDERSTOOD),
        (410, "The node with the id 7 has already been deleted", Why.GONE),
        (412, "Node 7676 is still used by ways 1234.", Why.STILL_USED),
        (413, "too large", Why.NOT_UNDERSTOOD),
        (429, "Upload has been blocked due to rate limiting.", Why.PAUSE),
        (509, "You have downloaded too much data.", Why.PAUSE),
    ],
)
def test_each_refusal_has_its_meaning(status, text, why):
    for name, ask in questions(editor(httpx.Response(status, text=text))).items():
        if name == "current" and why == Why.MISSING:
            assert ask() == {}
            continue
        with pytest.raises(EditRefused) as refused:
            ask()
        assert refused.value.why == why
        assert "\n" not in refused.value.message


@pytest.mark.parametrize("status", [204, 301, 302, 500, 502, 503, 504, 521])
def test_whatever_else_leaves_open_what_was_done(status):
    for ask in questions(editor(httpx.Response(status, text="x"))).values():
        with pytest.raises(OutcomeUnknown):
            ask()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("60", 60), ("99999", 86_400), ("soon", 3600), ("", 3600), ("-5", 3600), ("9" * 9, 3600)],
)
def test_a_pause_is_what_the_server_says_or_an_hour(said, seconds):
    answer = httpx.Response(429, headers={"Retry-After": said}, text="slow down")
    with pytest.raises(EditRefused) as refused:
        editor(answer).create_changeset({})
    assert refused.value.retry_after_s == seconds


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hotel</html>",
        b"[]",
        b"null",
        b'{"user": []}',
        b'{"changesets": 7}',
        b'{"elements": [7]}',
        b'{"elements": [{"type": "node", "id": "x", "version": 1}]}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'<!DOCTYPE a [<!ENTITY b "c">]><diffResult/>',
        b"<diffResult><node/></diffResult>",
        b"12 monkeys",
    ],
)
def test_a_body_that_is_none_leaves_open_what_was_done(body):
    for name, ask in questions(editor(httpx.Response(200, content=body))).items():
        if name == "close":
            continue
        with pytest.raises(OutcomeUnknown):
            ask()


def test_a_token_is_sent_to_https_alone():
    with pytest.raises(BadInput, match="https"):
        OsmEditor("http://api.example.org", token="t", user_agent="test")


def test_an_unknown_object_does_not_hide_the_others():
    def answer(request):
        ids = request.url.params["nodes"].split(",")
        if "9" in ids:
            return httpx.Response(404)
        said = [{"type": "node", "id": int(i), "version": 1, "lat": 45, "lon": 5} for i in ids]
        return httpx.Response(200, json={"elements": said})

    transport = httpx.MockTransport(answer)
    api = OsmEditor("http://127.0.0.1:9", token="", user_agent="test", transport=transport)

    assert sorted(api.current([("node", n) for n in (7, 8, 9)])) == [("node", 7), ("node", 8)]


def test_recorded_exchanges_are_read_or_refused_in_words(shared_data):
    folder = shared_data / "osm_api" / "osmapi" / "tests" / "fixtures"
    statuses = (folder.parents[1] / "fixture_status.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(statuses.splitlines()))
    assert len(rows) > 80
    for row in rows:
        body = (folder / row["fixture"]).read_bytes()
        answer = httpx.Response(int(row["http_status"]), content=body)
        for ask in questions(editor(answer)).values():
            assert "\n" not in said_of(ask)


def said_of(ask):
    """Return why a question is not answered; empty if it is."""
    try:
        ask()
    except (EditRefused, OutcomeUnknown) as error:
        return error.message
    return ""
