"""What a page weighs when a browser loads it: the budgets hold what the build can know of it."""

import gzip

import pytest

from tests.factories import CityFactory, make_osm_device
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Page, bytes of script and style (gzip), bytes of all.
PAGES = (
    ("/cities/", 5_000, 8_000, 60_000),
    ("/safety/", 8_000, 8_000, 60_000),
    ("/receipts/", 5_000, 8_000, 60_000),
    ("/documents/", 5_000, 8_000, 60_000),
    ("/", 110_000, 12_000, 350_000),
)


def weigh(visitor, path):
    """Load a page; return its bytes by kind as they would travel."""
    sizes = {"script": 0, "stylesheet": 0, "all": 0}
    names = []

    def note(answer):
        if answer.status != 200:
            return
        kind = answer.request.resource_type
        size = len(gzip.compress(answer.body()))
        sizes["all"] += size
        sizes[kind] = sizes.get(kind, 0) + size
        names.append((kind, answer.url.rpartition("/")[2], size))

    answers = []
    visitor.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - no built-in
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    for answer in answers:
        note(answer)
    return sizes, names


@pytest.mark.parametrize(("path", "script", "style", "whole"), PAGES)
def test_a_page_weighs_no_more_than_its_budget(visit, path, script, style, whole):
    CityFactory()
    make_osm_device()
    sizes, names = weigh(visit(size=PHONE), path)
    assert sizes["script"] <= script, names
    assert sizes["stylesheet"] <= style, names
    assert sizes["all"] <= whole, names


def test_the_report_s_first_step_weighs_little_before_the_map(visit):
    """On a phone that keeps nothing yet; the outbox is loaded when it is needed."""
    sizes, names = weigh(visit(size=PHONE), "/report/")
    assert sizes["script"] <= 12_000, names
    assert sizes["stylesheet"] <= 8_000, names
    # The font and the picture of the map, which the lines of the budgets leave out, are in it.
    assert sizes["all"] <= 80_000, names
