"""Registers the checks that keep an unready instance from serving."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The application that runs the others."""

    name = "mapper.operations"

    def ready(self) -> None:
        """Register the checks."""
        from mapper import checks

        _ = checks.TAG
