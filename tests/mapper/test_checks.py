"""Production refuses to start while a duty or a secret is missing; a demo does not care."""

import pyrage
import pytest
from django.core.exceptions import ImproperlyConfigured

from mapper import checks

READY = {
    "IS_DEMO": False,
    "DEBUG": False,
    "SECRET_KEY": "k" * 64,
    "SITE_URL": "https://map.example.org",
    "SITE_URL_IS_SECURE": True,
    "ALLOWED_HOSTS": ["map.example.org"],
    "TRUSTED_PROXIES": ["127.0.0.1"],
    "REQUIRE_SECOND_FACTOR": True,
    "PUBLISHER": dict.fromkeys(("name", "address", "email", "director", "host"), "x"),
    "SECURITY_CONTACT": "mailto:security@example.org",
    "BACKUP_RECIPIENT": str(pyrage.x25519.Identity.generate().to_public()),
}


@pytest.fixture
def production(settings):
    """Configure an instance that may serve the public."""
    for name, value in READY.items():
        setattr(settings, name, value)
    return settings


def said():
    return [message.id for message in checks.check_production()]


def test_an_instance_that_is_ready_may_serve(production):
    assert said() == []
    checks.refuse_unsafe_production()


@pytest.mark.parametrize(
    ("name", "value", "identifier"),
    [
        ("SECRET_KEY", "unset-" + "k" * 64, "contrechamp.E001"),
        ("SECRET_KEY", "short", "contrechamp.E001"),
        ("DEBUG", True, "contrechamp.E002"),
        ("ALLOWED_HOSTS", [], "contrechamp.E003"),
        ("ALLOWED_HOSTS", ["*"], "contrechamp.E003"),
        ("ALLOWED_HOSTS", ["other.example.org"], "contrechamp.E004"),
        ("SITE_URL_IS_SECURE", False, "contrechamp.E005"),
        ("PUBLISHER", READY["PUBLISHER"] | {"director": ""}, "contrechamp.E006"),
        ("SECURITY_CONTACT", "", "contrechamp.E007"),
        ("BACKUP_RECIPIENT", "", "contrechamp.E008"),
        ("BACKUP_RECIPIENT", "age1nonsense", "contrechamp.E009"),
    ],
)
def test_what_is_missing_is_named_and_stops_it(production, name, value, identifier):
    setattr(production, name, value)
    assert said() == [identifier]
    with pytest.raises(ImproperlyConfigured, match=identifier):
        checks.refuse_unsafe_production()


def test_passwords_alone_are_a_warning(production):
    production.REQUIRE_SECOND_FACTOR = False
    assert said() == ["contrechamp.W010"]
    checks.refuse_unsafe_production()


def test_a_missing_proxy_is_only_a_warning(production):
    production.TRUSTED_PROXIES = []
    assert said() == ["contrechamp.W001"]
    checks.refuse_unsafe_production()


def test_a_demo_has_no_such_duties(production):
    production.IS_DEMO = True
    production.SECRET_KEY = "short"
    assert said() == []
