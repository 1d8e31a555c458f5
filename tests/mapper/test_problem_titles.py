"""Problem documents (RFC 9457) have a title in words, the same for the same code."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from mapper import problem_titles
from mapper.errors import NotFound, Refusal, problem
from mapper.problem_titles import title_of

MAPPER = Path(problem_titles.__file__).parent
CODE = re.compile(r"""\bcode(?:: str)? ?= ?["']([a-z0-9-]+)["']""")


def codes_in_the_source():
    return {code for path in MAPPER.rglob("*.py") for code in CODE.findall(path.read_text())}


def family(refusal):
    yield refusal
    for kind in refusal.__subclasses__():
        yield from family(kind)


def test_a_problem_has_a_type_and_a_title_of_its_code(client, db):
    answer = client.get("/api/v1/devices/?colour=red")
    assert answer.status_code == 400
    said = answer.json()
    assert said["code"] == "unknown-filter"
    assert said["type"] == "urn:problem-type:contrechamp:unknown-filter"
    assert said["title"] == "Filtre inconnu"


def test_the_title_is_the_same_whatever_happened():
    with translation.override("en"):
        titles = {problem(NotFound(words)).content.split(b'"status"')[0] for words in ("a", "b")}
    assert len(titles) == 1
    assert b'"title": "Not found"' in titles.pop()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_code_and_status_of_ours_is_said_in_words(language):
    statuses = {kind.code: kind.status for kind in family(Refusal)}
    codes = codes_in_the_source()
    assert {"unknown-filter", "not-found", "server-error"} <= codes
    with translation.override(language):
        for code in codes:
            title = title_of(code, statuses.get(code, 400))
            assert title[0].isupper(), code
            assert title != code


def test_a_code_of_its_own_has_a_title_of_its_own():
    own = codes_in_the_source() - {kind.code for kind in family(Refusal)}
    own -= {"server-error", "broken", "too-slow"}  # the status says as much
    assert own <= set(problem_titles._BY_CODE)


def test_an_unknown_code_has_the_title_of_its_status():
    with translation.override("en"):
        assert title_of("from-elsewhere", 405) == "This method is not offered here"
        assert title_of("from-elsewhere", 418) == "The request can't be taken"
