"""Proofs of work, made as a script makes them that reads docs/api.md."""

import base64
import json

from altcha import Challenge, Payload, solve_challenge
from django.test import Client

ADDRESS = "/api/v1/challenge"


def solved(challenge: dict) -> str:
    """Return the token of a challenge that was asked for."""
    asked = Challenge.from_dict(challenge)
    return Payload(asked, solve_challenge(asked)).to_base64()


def proof() -> str:
    """Ask for a challenge and solve it; a test's challenges are cheap."""
    return solved(Client().get(ADDRESS).json())


def opened(token: str) -> dict:
    """Return what a token says."""
    return json.loads(base64.b64decode(token))


def closed(said: object) -> str:
    """Return the token that says something."""
    return base64.b64encode(json.dumps(said).encode()).decode()
