"""The second factor: a time-based code (RFC 6238) of an authenticator, and recovery codes.

The shared secret is sealed with a key made of SECRET_KEY, recovery codes are kept as keyed hashes:
a dump of the database alone lets nobody in.
"""

import secrets
import time
from urllib.parse import urlsplit

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from mapper.accounts.models import RecoveryCode, SecondFactor, User
from mapper.errors import BadInput, Conflict, Forbidden
from mapper.sealing import seal, unseal

RECOVERY_CODES = 10
_PURPOSE = "second_factor"
STEP_S = 30
# A phone's clock may be a step early or late.
_DRIFT_STEPS = 1
# Without the letters and figures that are taken for one another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF_LENGTH = 6


def begin(*, user: User) -> str:
    """Return the secret that an authenticator is to be given; the same until it is confirmed."""
    if user.has_second_factor:
        raise Conflict(_("This account has a second factor already; take it away first."))
    kept = SecondFactor.objects.filter(user=user).first()
    secret = _opened(kept) if kept else None
    if secret is None:
        secret = pyotp.random_base32()
        facts = {
            "sealed_secret": seal(secret, purpose=_PURPOSE),
            "is_confirmed": False,
            "used_step": None,
        }
        SecondFactor.objects.update_or_create(user=user, defaults=facts)
    return secret


def address_of(*, user: User, secret: str) -> str:
    """Return the otpauth: address that an authenticator reads from the picture."""
    issuer = urlsplit(settings.SITE_URL).hostname or "Contrechamp"
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=issuer)


@transaction.atomic
def confirm(*, user: User, code: str) -> list[str]:
    """Switch the second factor on with its first code; return the recovery codes, said once."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, is_confirmed=False).first()
    if factor is None or not _takes(factor, code):
        raise BadInput(
            _("This code is not right. Check your phone's clock, then try the next code.")
        )
    factor.is_confirmed = True
    factor.save(update_fields=["is_confirmed"])
    _mark(user, secrets.token_hex(16))
    return new_recovery_codes(user=user)


@transaction.atomic
def passes(*, user: User, code: str) -> bool:
    """Return whether a code lets in: the authenticator's, or a recovery code; either works once."""
    said = _bare(code)
    if len(said) == 2 * _HALF_LENGTH:
        used, _rows = RecoveryCode.objects.filter(user=user, key=_key(user, said)).delete()
        return bool(used)
    factor = SecondFactor.objects.select_for_update().filter(user=user, is_confirmed=True).first()
    return factor is not None and _takes(factor, said)


@transaction.atomic
def new_recovery_codes(*, user: User) -> list[str]:
    """Return fresh recovery codes; the earlier ones let nobody in any more."""
    codes = [_random_code() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(key=_key(user, _bare(code)), user=user) for code in codes
    )
    return codes


def take_away_from(*, user: User, actor: User) -> None:
    """Help somebody who lost the authenticator and the codes; only another operator may."""
    if not actor.is_operator or actor.pk == user.pk:
        raise Forbidden(_("Only another operator takes a second factor away."))
    take_away(user=user)


@transaction.atomic
def take_away(*, user: User) -> None:
    """Take somebody's second factor away; all their sessions end."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    _mark(user, "")


def forget_used_steps() -> None:
    """Forget when codes were used, once they are good for nothing any more."""
    over = _step() - 2 * _DRIFT_STEPS
    SecondFactor.objects.filter(used_step__lt=over).update(used_step=None)


def _takes(factor: SecondFactor, code: str) -> bool:
    """Return whether a code is the authenticator's of about now, and note that it was used."""
    secret, said = _opened(factor), _bare(code)
    if secret is None or not (said.isascii() and said.isdecimal()):
        return False
    totp, now = pyotp.TOTP(secret), _step()
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        is_fresh = factor.used_step is None or step > factor.used_step
        if is_fresh and secrets.compare_digest(totp.generate_otp(step), said):
            factor.used_step = step
            factor.save(update_fields=["used_step"])
            return True
    return False


def _step() -> int:
    return int(time.time()) // STEP_S


def _mark(user: User, mark: str) -> None:
    user.factor_mark = mark
    user.save(update_fields=["factor_mark"])


def _bare(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()[:32]


def _random_code() -> str:
    halves = (
        "".join(secrets.choice(_ALPHABET) for _letter in range(_HALF_LENGTH)) for _half in "ab"
    )
    return "-".join(halves)


def _key(user: User, code: str) -> str:
    said = f"{user.pk}:{code}"
    return salted_hmac("contrechamp.recovery", said, algorithm="sha256").hexdigest()


def _opened(factor: SecondFactor) -> str | None:
    """Return the secret; None where it was sealed with another SECRET_KEY."""
    return unseal(factor.sealed_secret, purpose=_PURPOSE)
