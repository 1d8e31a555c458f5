"""The log says what failed and where, never the value, the path or the address."""

import logging

import pytest
from django.core.handlers.exception import response_for_exception
from django.test import RequestFactory

from mapper.operations.logs import CONFIGURATION, WithoutPath, WithoutValues

SECRET = "douze-mots-4711"


def failing(word):
    try:
        int(word)
    except ValueError as error:
        raise RuntimeError(f"could not read {word}") from error


def record_of(call, *words):
    try:
        call(*words)
    except RuntimeError as error:
        caught = (type(error), error, error.__traceback__)
        return logging.LogRecord("mapper", logging.ERROR, "", 0, "it %s", ("broke",), caught)
    raise AssertionError


def test_an_exception_is_written_as_types_and_places():
    text = WithoutValues("%(levelname)s %(name)s: %(message)s").format(record_of(failing, SECRET))
    assert SECRET not in text
    assert "builtins.RuntimeError at " in text
    assert "builtins.ValueError at " in text
    assert "test_logs.py:" in text


@pytest.fixture
def written(tmp_path):
    """Write the log as the program does, to a file."""
    handler = logging.FileHandler(tmp_path / "log")
    handler.setFormatter(WithoutValues("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(WithoutPath())
    logger = logging.getLogger("django.request")
    kept, logger.handlers = logger.handlers, [handler]
    yield tmp_path / "log"
    handler.close()
    logger.handlers = kept


@pytest.mark.django_db
def test_a_broken_request_is_logged_without_path_address_or_value(written):
    request = RequestFactory(REMOTE_ADDR="203.0.113.9").get(f"/devices/{SECRET}/?q={SECRET}")
    request.urlconf = None
    with pytest.raises(RuntimeError) as caught:
        failing(SECRET)
    try:
        raise caught.value
    except RuntimeError as error:
        response = response_for_exception(request, error)
    assert response.status_code == 500
    text = written.read_text()
    assert "a request failed" in text
    for value in (SECRET, "203.0.113.9", "/devices/"):
        assert value not in text


def test_every_logger_that_names_visitors_goes_nowhere_or_through_the_filter():
    for name in ("django.security", "django.server"):
        assert CONFIGURATION["loggers"][name] == {"handlers": ["nowhere"], "propagate": False}
    request_logger = CONFIGURATION["loggers"]["django.request"]
    assert request_logger == {"handlers": ["failed_requests"], "propagate": False}
    assert CONFIGURATION["handlers"]["failed_requests"]["filters"] == ["without_path"]
