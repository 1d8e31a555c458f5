"""Did the sender's device do some work for this report? Then a flood is dearer than one report.

Challenges and solutions are altcha's (version 2, PBKDF2 with SHA-256: every browser has it
natively, without WebAssembly). A challenge is random bytes, a cost and an end, signed; nothing of
who asks for it is in it, and nothing is kept of it before it is spent. What is solved counts once.
"""

import secrets
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mapper.intake.models import SpentProof

# What carries a solved challenge: a header of the API, a field of the form.
HEADER = "Proof-Of-Work"
FIELD = "proof_of_work"
# Long enough for six large photos behind a slow uplink: the form's proof is made before them.
LIFE_S = 3600
_HOUR_S = 3600
_ALGORITHM = "PBKDF2/SHA-256"
# Of one try: a millisecond of the server for a challenge, and little of a try is overhead.
_ITERATIONS = 5_000
# A solved challenge has about 700.
_MOST_CHARACTERS = 2_000


def new_challenge() -> dict[str, Any]:
    """Return a challenge: at most `PROOF_TRIES` tries solve it, half of them on average.

    The number that solves it is drawn here, so that no phone is ever unlucky for long.
    """
    challenge = create_challenge(
        _ALGORITHM,
        _ITERATIONS,
        counter=secrets.randbelow(settings.PROOF_TRIES),
        expires_at=_now_s() + LIFE_S,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("solution"),
    )
    return dict(challenge.to_dict())


def spend(token: str) -> bool:
    """Return whether a token is a proof, and let it be none from now on.

    Part of the caller's transaction: where the report is not taken, the token is not spent. Of
    two that spend it at once the second waits for the first.
    """
    if len(token) > _MOST_CHARACTERS:
        return False
    secret, solution_secret = _secret("challenge"), _secret("solution")
    if not verify_solution(token, secret, hmac_key_secret=solution_secret).verified:
        return False
    # Of all that a token holds, its maker can't alter the signature: another spelling is no other.
    signature = Payload.from_base64(token).challenge.signature or ""
    ends_in_hour = (_now_s() + LIFE_S) // _HOUR_S
    _spent, is_new = SpentProof.objects.get_or_create(
        key=salted_hmac("contrechamp.proof.spent", signature, algorithm="sha256").hexdigest(),
        defaults={"hour": ends_in_hour},
    )
    return is_new


def purge_spent() -> int:
    """Forget the spent tokens that are too old to count anyway; return how many."""
    return SpentProof.objects.filter(hour__lt=_now_s() // _HOUR_S).delete()[0]


def _now_s() -> int:
    return int(timezone.now().timestamp())


def _secret(use: str) -> bytes:
    return salted_hmac("contrechamp.proof", use, algorithm="sha256").digest()
