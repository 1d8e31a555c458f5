import doctest
import importlib
import pkgutil

import pytest

import geo

MODULES = [f"geo.{module.name}" for module in pkgutil.iter_modules(geo.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
