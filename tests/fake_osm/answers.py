"""What the fake answers."""

from dataclasses import dataclass, field


@dataclass
class Answer:
    """Status, body and type of one answer."""

    status: int
    body: bytes = b""
    type: str = "text/plain"
    headers: dict = field(default_factory=dict)


class Refused(Exception):
    """The request is refused with a text, as OSM's API does."""

    def __init__(self, status, text, **headers):
        super().__init__(text)
        self.answer = Answer(status, text.encode(), headers=headers)
