"""Says what is missing or unsafe, one line and its remedy each."""

import sys
from typing import Any

from django.core.checks import run_checks
from django.core.management.base import BaseCommand

from mapper.operations import (
    doctor_buckets,
    doctor_database,
    doctor_machine,
    doctor_osm,
    doctor_photos,
)
from mapper.operations.findings import Finding, Findings, Grade, missing, note


class Command(BaseCommand):
    """Exit code 1 where something is unsafe."""

    help = "Say what is missing or unsafe, with remedies."
    # They are part of what is said; they must not keep the rest from being said.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything."""
        looks = (doctor_machine, doctor_database, doctor_buckets, doctor_photos, doctor_osm)
        found = [*configuration(), *(finding for look in looks for finding in look.examine())]
        for finding in found:
            self.stdout.write(str(finding))
        if not found:
            self.stdout.write("nothing is missing, nothing is unsafe")
        if any(finding.grade is Grade.UNSAFE for finding in found):
            sys.exit(1)


def configuration() -> Findings:
    """Return what the system checks say."""
    for message in run_checks():
        if message.is_silenced():
            continue
        kind = missing if message.is_serious() else note
        finding: Finding = kind(f"{message.id}: {message.msg}", message.hint or "see its message")
        yield finding
