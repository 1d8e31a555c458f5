"""What `doctor` finds: how grave, what, and the remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """How grave a finding is; only what is unsafe makes `doctor` fail."""

    UNSAFE = "unsafe"
    MISSING = "missing"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One line of `doctor`."""

    grade: Grade
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.grade.value}: {self.what} -> {self.remedy}"


Findings = Iterator[Finding]


def unsafe(what: str, remedy: str) -> Finding:
    """Return something that puts people at risk."""
    return Finding(Grade.UNSAFE, what, remedy)


def missing(what: str, remedy: str) -> Finding:
    """Return something that does not work yet."""
    return Finding(Grade.MISSING, what, remedy)


def note(what: str, remedy: str) -> Finding:
    """Return something to think about."""
    return Finding(Grade.NOTE, what, remedy)
