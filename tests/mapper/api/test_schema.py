"""The OpenAPI document: up to date, true of the answers, and shown without a foreign host."""

import re
from pathlib import Path

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.factories import CityFactory, DocumentFactory, EventFactory
from tests.published import make_rich_device

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


def test_the_document_in_the_docs_is_the_one_of_the_code(tmp_path):
    call_command(
        "spectacular",
        file=str(tmp_path / "openapi.yaml"),
        lang="en",
        validate=True,
        fail_on_warn=True,
    )
    assert (tmp_path / "openapi.yaml").read_text() == (ROOT / "docs" / "openapi.yaml").read_text()


def test_the_document_is_served_and_names_every_resource(client):
    answer = client.get("/api/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    paths = set(answer.json()["paths"])
    for resource in ("devices", "events", "sightings", "cities", "documents"):
        assert f"/api/v1/{resource}/" in paths
    assert "/api/v1/sightings/{phone_id}" in paths
    assert "/api/v1/photos/{phone_id}" in paths


def test_the_page_for_people_has_no_inline_script_and_no_foreign_address(client):
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert not re.search(r"<style|style=|\son\w+=", page.text)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    start = client.get("/api/docs/start.js")
    assert start["Content-Type"].startswith("text/javascript")
    assert "http" not in start.text


def application(environ, start_response):
    """Answer by the real application, which is not made at import: each test has its folders."""
    return get_wsgi_application()(environ, start_response)


schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.yaml")
schema.app = application
schema.config.update(base_url="http://127.0.0.1:8000")
reading = schema.include(method="GET")


@pytest.fixture
def something(db):
    """Make one of everything that the API shows."""
    # At the ends of a request Django drops a connection that is in a transaction, as a test's is.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    CityFactory()
    make_rich_device()
    EventFactory()
    DocumentFactory()
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@reading.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_document_says(case, something):
    # That south is below north, or a city is here, no schema can say.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
