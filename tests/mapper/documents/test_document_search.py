"""Full-text search in French and English, and its snippets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.documents.accents import without_accents
from mapper.documents.models import Page
from mapper.documents.pdf import MAX_PAGE_CHARACTERS
from mapper.documents.querysets import (
    MATCH_END,
    MATCH_START,
    parts_of_snippet,
    with_accents_again,
)
from tests.evidence import make_document


def found(words):
    return [page.text for page in Page.objects.matching(words)]


@pytest.mark.django_db
def test_words_are_found_in_their_other_forms_in_both_languages():
    make_document(["Les caméras surveillent la place"])
    make_document(["The cameras are watching the square"], language="en")
    assert found("caméra places") == ["Les caméras surveillent la place"]
    assert found("camera watch") == ["The cameras are watching the square"]
    assert found('"la place"') == ["Les caméras surveillent la place"]
    assert found("watching -square") == []
    assert found("zeppelin") == []
    assert found("le la de") == []


@pytest.mark.django_db
def test_accents_may_be_left_out_and_capitals_have_none():
    make_document(["La vidéosurveillance est votée"])
    make_document(["DELIBERATION SUR LA VIDEOSURVEILLANCE"])
    assert len(found("videosurveillance")) == 2
    assert len(found("vidéosurveillance")) == 2
    assert found("délibération") == ["DELIBERATION SUR LA VIDEOSURVEILLANCE"]
    assert found("voter") == ["La vidéosurveillance est votée"]


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["'", '"', "\\", "a & | !", "<->", ":*", "((", "%", "é" * 200])
def test_odd_searches_find_nothing_and_break_nothing(words):
    make_document(["Les caméras"])
    assert found(words) == []


@pytest.mark.django_db
def test_snippets_mark_the_words_where_they_stand():
    make_document(["Il est voté " + "rien de neuf\n" * 40 + "douze caméras dômes"])
    pages = Page.objects.matching("caméra")
    for words in ("caméra", "camera", "cameras domes"):
        snippet = pages.snippets(words)[pages.get().id]
        assert {"text": "caméras", "is_match": True} in parts_of_snippet(snippet)
        assert len(snippet) < 500


@pytest.mark.django_db
def test_the_fullest_page_can_be_indexed():
    page = make_document().pages.get()
    words = " ".join(f"{n:x}" for n in range(40_000))
    page.text = words[:MAX_PAGE_CHARACTERS]
    page.save()
    page.text = "".join(chr(0x4E00 + n % 20_000) + " " for n in range(MAX_PAGE_CHARACTERS // 2))
    page.save()


@given(st.text(), st.text("àéÇ \x02\x03", max_size=9))
def test_a_snippet_that_is_not_of_the_text_breaks_nothing(text, snippet):
    restored = with_accents_again(without_accents(snippet), text)
    assert len(restored) == len(snippet)


@given(st.lists(st.tuples(st.text("ab<&", max_size=4), st.booleans()), max_size=6))
def test_the_parts_of_a_snippet_are_its_text(parts):
    marked = "".join(f"{MATCH_START}{text}{MATCH_END}" if match else text for text, match in parts)
    split = parts_of_snippet(marked)
    assert "".join(str(part["text"]) for part in split) == "".join(text for text, _ in parts)
