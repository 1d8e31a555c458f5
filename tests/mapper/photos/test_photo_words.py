"""Every code that a walker may meet has words, in a fixed order."""

from django.utils import translation

from geo.exif import REMOVABLE
from mapper.photos.refusals import REASONS, reason_in_words, refusal_of
from mapper.photos.removed_names import REMOVED_NAMES, in_words


def test_every_removable_thing_has_a_name():
    assert tuple(REMOVED_NAMES) == REMOVABLE


def test_names_come_once_and_in_order():
    with translation.override("en"):
        assert in_words(["xmp", "position", "trailer", "of a later version"]) == [
            "the position",
            "other data beside the picture",
        ]


def test_a_refusal_names_the_place_and_the_remedy():
    with translation.override("en"):
        assert refusal_of(2, "too_many_bytes").startswith("Photo 2 was not taken: it has more")
        assert reason_in_words("unheard of") == str(REASONS["broken"])
