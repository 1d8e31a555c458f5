"""Writes of staff accounts, and the brake on guessing their passwords."""

import hashlib
import hmac
import time
import unicodedata
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mapper import sql
from mapper.accounts.models import LoginAttempt, Role, User
from mapper.errors import BadInput, Conflict, TooMany
from mapper.places.models import City

TRIES_PER_QUARTER = 10
QUARTER_S = 900
MOST_PSEUDONYM = 40


def create_staff(*, name: str, role: str, password: str, cities: Iterable[City] = ()) -> User:
    """Make an account; the name is a pseudonym, and nothing else about the person is kept.

    With `cities` it writes about these alone.
    """
    if role not in Role.values:
        raise BadInput(
            _("The role %(role)s is not known. Choose among: %(known)s.")
            % {"role": role[:40], "known": ", ".join(Role.values)}
        )
    user = User(username=User.normalize_username(name), role=role, is_staff=True)
    _check_name(user)
    check_password(user=user, password=password)
    user.set_password(password)
    if User.objects.filter(pseudonym__iexact=user.username).exists():
        raise Conflict(_("Somebody is known under this name already; choose another one."))
    try:
        with transaction.atomic():
            user.save()
            user.cities.set(cities)
    except IntegrityError:
        raise Conflict(
            _("There is an account named %(name)s already; choose another name.") % {"name": name}
        ) from None
    return user


def check_password(*, user: User, password: str) -> None:
    """Refuse a password that the settings' validators find weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(_("This password is too weak: ") + " ".join(error.messages)) from None


@transaction.atomic
def change_access(
    *,
    user: User,
    role: str,
    is_active: bool,
    actor: User,
    cities: Iterable[City] | None = None,
) -> User:
    """Give an account another role or other cities, or close or open it; nobody does their own."""
    if user.pk == actor.pk:
        raise Conflict(_("Nobody changes their own access; ask another operator."))
    user.role = role
    user.is_active = is_active
    user.save(update_fields=["role", "is_active"])
    if cities is not None:
        user.cities.set(cities)
    return user


def choose_pseudonym(*, user: User, pseudonym: str) -> User:
    """Give somebody the name that colleagues read; an empty one shows the account's name again.

    It is nobody else's, neither as a pseudonym nor as the name of an account.
    """
    said = unicodedata.normalize("NFKC", " ".join(pseudonym.split()))
    if len(said) > MOST_PSEUDONYM or not said.isprintable():
        raise BadInput(
            _("A pseudonym has at most %(most)d letters, figures, spaces and signs.")
            % {"most": MOST_PSEUDONYM}
        )
    others = User.objects.exclude(pk=user.pk)
    if said and others.filter(Q(username__iexact=said) | Q(pseudonym__iexact=said)).exists():
        raise Conflict(_("Somebody is known under this name already; choose another one."))
    user.pseudonym = said
    try:
        with transaction.atomic():
            user.save(update_fields=["pseudonym"])
    except IntegrityError:
        raise Conflict(
            _("Somebody is known under this name already; choose another one.")
        ) from None
    return user


def count_try(*, name: str) -> None:
    """Note that a password is about to be tried for a name; refuse beyond ten a quarter hour.

    The name is counted whether it exists or not, so that the answer does not tell.
    """
    now_s = int(time.time())
    parameters: dict[str, str | int] = {"bucket": _bucket(name), "quarter": now_s // QUARTER_S}
    with connection.cursor() as cursor:
        cursor.execute(sql.load("accounts", "count_try"), parameters)
        tries = cursor.fetchone()[0]
    if tries > TRIES_PER_QUARTER:
        wait_s = QUARTER_S - now_s % QUARTER_S
        raise TooMany(
            _("Too many tries for this name. Wait %(minutes)s minutes and try again.")
            % {"minutes": wait_s // 60 + 1},
            retry_after_s=wait_s,
        )


def forget_tries(*, name: str) -> None:
    """Start a name's count anew, after the right password."""
    LoginAttempt.objects.filter(bucket=_bucket(name)).delete()


def _check_name(user: User) -> None:
    try:
        user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise BadInput(
            _("The name %(name)s can't be used: ") % {"name": repr(user.username[:40])}
            + " ".join(error.messages)
        ) from None


def _bucket(name: str) -> str:
    """Return the keyed bucket of a name, case aside."""
    key = settings.SECRET_KEY.encode()
    said = User.normalize_username(name).casefold().encode()
    return hmac.new(key, b"login:" + said, hashlib.sha256).hexdigest()[:4]
