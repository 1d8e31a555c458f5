"""The number of the rules: another one when any source that tags are read by changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo import osm_rules
from geo.osm_rules import revision, revision_of


def test_it_fits_the_column_and_is_the_same_each_time():
    assert revision() == revision()
    assert 0 < revision() < 2**31


@given(st.lists(st.binary(max_size=20)), st.lists(st.binary(max_size=20)))
def test_other_sources_have_another_number(some, others):
    assert (revision_of(*some) == revision_of(*others)) == (some == others)


@pytest.mark.parametrize("name", ["osm_tags", "osm_values", "osm_aliases", "direction"])
def test_what_reads_tags_is_among_the_sources(name):
    assert f"{name}.py" in osm_rules._SOURCES


def test_no_module_that_these_import_from_geo_is_forgotten():
    # errors.py only words refusals.
    folder = Path(geo.__file__).parent
    for name in osm_rules._SOURCES:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            if line.startswith("from geo."):
                module = line.split()[1].removeprefix("geo.")
                assert module == "errors" or f"{module}.py" in osm_rules._SOURCES, line
