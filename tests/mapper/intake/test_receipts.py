"""Twelve words find a report however they are typed, and nothing else does."""

import json
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from mapper.errors import BadInput
from mapper.intake import receipts
from mapper.sightings.models import Receipt, Sighting
from tests.conftest import REPOSITORY

GOLDEN = json.loads((REPOSITORY / "fixtures/cases/receipts.json").read_text("utf-8"))


def bare(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def message_of(words):
    """Return why words are no code; nothing where their checksum happens to fit."""
    try:
        receipts.read_code(" ".join(words))
    except BadInput as error:
        return error.message
    return ""


def test_a_code_is_twelve_french_words():
    code = receipts.new_code()
    assert len(code) == 12
    assert set(code) <= set(receipts._by_bare_word().values())
    assert receipts.new_code() != code


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["hash"][:8])
def test_the_words_that_a_phone_makes_hash_as_ours(case):
    words = receipts.read_code(" ".join(case["words"]))
    assert words == tuple(case["words"])
    assert receipts.hash_of(words) == case["hash"]


def test_no_two_words_are_alike_without_accents():
    assert len(receipts._by_bare_word()) == 2048


@trials(max_examples=60, deadline=None)
@given(st.data())
def test_accents_case_and_separators_do_not_matter(data):
    code = receipts.new_code()
    separator = data.draw(st.sampled_from([" ", "\n", ", ", "-", " 7. ", "", "…", "\u00a0"]))
    words = [data.draw(st.sampled_from([w, w.upper(), bare(w), w.title()])) for w in code]
    form = data.draw(st.sampled_from(["NFC", "NFD"]))
    typed = unicodedata.normalize(form, separator.join(words))
    assert receipts.read_code(typed) == code
    assert receipts.hash_of(receipts.read_code(typed)) == receipts.hash_of(code)


@trials(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_other_text_is_refused_in_words(text):
    with pytest.raises(BadInput) as caught:
        receipts.read_code(text)
    assert caught.value.message


def test_a_slip_is_named():
    code = list(receipts.new_code())
    with pytest.raises(BadInput, match="zzyzx"):
        receipts.read_code(" ".join(["zzyzx", *code[1:]]))
    with pytest.raises(BadInput, match="these are 11"):
        receipts.read_code(" ".join(code[1:]))
    messages = [message_of(random.sample(code, 12)) for _ in range(20)]
    assert set(messages) <= {
        "",
        "These words don't belong together: one is wrong, or their order is.",
    }
    assert messages.count("") < 10


def test_a_long_text_without_separators_is_read_in_no_time():
    with pytest.raises(BadInput):
        receipts.read_code("abaisser" * 50)


def test_a_phone_gets_the_same_code_again():
    assert receipts.code_of_phone("a" * 64) == receipts.code_of_phone("a" * 64)
    assert receipts.code_of_phone("a" * 64) != receipts.code_of_phone("b" * 64)
    assert receipts.read_code(" ".join(receipts.code_of_phone("c" * 64)))


@pytest.mark.django_db
def test_only_a_keyed_hash_is_stored(settings):
    code = receipts.new_code()
    receipts.open_receipt(sighting=Sighting.objects.create(), code_hash=receipts.hash_of(code))
    stored = Receipt.objects.get()
    assert len(stored.code_key) == 64
    assert stored.code_key != receipts.hash_of(code)
    assert receipts.find(" ".join(code)) == stored
    settings.SECRET_KEY = "another instance"
    assert receipts.find(" ".join(code)) is None


@pytest.mark.django_db
def test_a_use_is_noted_by_its_month_alone():
    code = receipts.new_code()
    receipts.open_receipt(sighting=Sighting.objects.create(), code_hash=receipts.hash_of(code))
    receipts.find(" ".join(code))
    assert len(Receipt.objects.get().used_in) == len("2026-11")
