"""Registers the checks that keep an unready instance from serving."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The application that runs the others."""

    name = "mapper.operations"

    def ready(self) -> None:
        """Register the checks; let English stand where a language has no words yet."""
        from mapper import checks, languages

        _ = checks.TAG
        languages.fall_back_to_english()
