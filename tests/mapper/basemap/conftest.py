"""A base map built from the small town."""

import pytest

from mapper.basemap.actions import build_basemap
from tests.conftest import REPOSITORY

TOWN = REPOSITORY / "fixtures" / "osm" / "town.osm"


@pytest.fixture(scope="session")
def built_town(tmp_path_factory):
    """Build once; tests copy it."""
    from django.test import override_settings

    root = tmp_path_factory.mktemp("basemap")
    with override_settings(BASEMAP_ROOT=root):
        build_basemap(source=TOWN, is_quiet=True)
    return root / "base.pmtiles"


@pytest.fixture
def town_map(built_town, settings):
    """Put the town's base map in place."""
    settings.BASEMAP_ROOT.mkdir(parents=True)
    path = settings.BASEMAP_ROOT / "base.pmtiles"
    path.write_bytes(built_town.read_bytes())
    return path
