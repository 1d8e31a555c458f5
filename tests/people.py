"""The people of the tests: Alice moderates, Bob walks, Charlie is a stranger."""

import pytest
from django.test import Client

from mapper.accounts.models import Role
from tests.factories import SightingFactory, UserFactory


@pytest.fixture
def alice(db):
    """Alice, a moderator."""
    return UserFactory(username="alice", role=Role.MODERATOR)


@pytest.fixture
def erin(db):
    """Erin, an editor: she may not decide on reports."""
    return UserFactory(username="erin", role=Role.EDITOR)


@pytest.fixture
def oscar(db):
    """Oscar, an operator."""
    return UserFactory(username="oscar", role=Role.OPERATOR)


@pytest.fixture
def bobs_report(db):
    """Return a report of Bob the walker, who has no account."""
    return SightingFactory()


@pytest.fixture
def charlie(db):
    """Return the browser of Charlie, a stranger."""
    return Client()


def browser_of(user):
    """Return a browser that is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser
