"""The walker's road has few strings, all in one catalogue that a translator can copy."""

import pytest

from scripts import walk_strings
from tests.test_locale import MESSAGES


@pytest.fixture(scope="module")
def made():
    """Return the catalogue that the sources make now."""
    return walk_strings.catalogue()


def test_the_road_has_at_most_120_strings(made):
    assert len(walk_strings.strings(made)) <= walk_strings.MOST_STRINGS == 120


def test_the_catalogue_says_what_the_sources_say(made):
    assert walk_strings.CATALOGUE.read_text(encoding="utf-8") == made, (
        "run: .venv/bin/python scripts/walk_strings.py"
    )


def test_every_part_of_the_road_is_read(made):
    for name in (
        "mapper/templates/intake/report.html",
        "mapper/templates/intake/parts/outbox_views.html",
        "mapper/templates/intake/parts/more.html",
        "mapper/web/report.py",
        "mapper/photos/removed_names.py",
        "frontend/src/report/place.ts",
        "frontend/src/outbox/form.ts",
        "frontend/src/map/sentences.ts",
        "frontend/src/map/device_map.ts",
    ):
        assert name in made
    # One of each: a template, a choice, a script, a count, a function taken from elsewhere.
    for text in (
        "A camera? Show it.",
        "Plate reader",
        "Place the pin here",
        "{count} photo",
        "north-east",
    ):
        assert f'msgid "{text}"' in made


def test_a_template_included_by_the_road_is_named(made):
    """A new part of the form must not stay uncounted; what the fold "More" hides is, by intent."""
    folder = walk_strings.ROOT / "mapper" / "templates" / "intake" / "parts"
    counted = {name.removeprefix("parts/") for name in walk_strings._TEMPLATES}
    silent = {"code.html", "error.html", "outbox_head.html"}
    assert {path.name for path in folder.glob("*.html")} - counted - silent == {"more.html"}
    assert walk_strings._FOLDED == "parts/more.html"
    assert not [name for name in silent if "translate" in (folder / name).read_text()]


def test_french_says_all_of_it(made):
    in_french = {message.text for message in MESSAGES}
    assert [text for text in walk_strings.strings(made) if text not in in_french] == []
