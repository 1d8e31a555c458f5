"""Photos are searched here, as they are in earnest."""

import pytest


@pytest.fixture(autouse=True)
def _searching(settings, _own_folders):
    settings.REDACTION_THREADS = 1
