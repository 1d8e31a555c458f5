"""Who works here; visitors and walkers have no account."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from mapper.places.models import City


class Role(models.TextChoices):
    """What a member of staff may do."""

    MODERATOR = "moderator", _("moderator")
    EDITOR = "editor", _("editor")
    OPERATOR = "operator", _("operator")


class User(AbstractUser):
    """A member of staff, under a pseudonym."""

    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.MODERATOR)
    # When somebody worked here last would be one more clock beside the reports.
    last_login = None
    # What colleagues read in the log of decisions; the name to sign in with is nobody's business.
    pseudonym = models.CharField(_("pseudonym"), max_length=40, blank=True, default="")
    # Random, made anew with the second factor and empty without one: it ends all other sessions.
    factor_mark = models.CharField(max_length=32, blank=True, default="", editable=False)

    # What documents, dossiers and events they may write about; empty: of all cities.
    cities = models.ManyToManyField(
        "places.City", blank=True, related_name="+", verbose_name=_("limited to these cities")
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_is_known"
            ),
            models.UniqueConstraint(
                Lower("pseudonym"), condition=~models.Q(pseudonym=""), name="user_pseudonym_once"
            ),
        ]

    @property
    def shown_name(self) -> str:
        """Return the name under which colleagues know this person."""
        return self.pseudonym or self.username

    @property
    def is_moderator(self) -> bool:
        """Return whether this person may decide on reports."""
        return self._works_here and self.role in (Role.MODERATOR, Role.OPERATOR)

    @property
    def is_editor(self) -> bool:
        """Return whether this person may edit dossiers and documents."""
        return self._works_here and self.role in Role.values

    @property
    def is_operator(self) -> bool:
        """Return whether this person may let others in and out."""
        return self._works_here and self.role == Role.OPERATOR

    def may_write_about(self, cities: Iterable[City | None]) -> bool:
        """Return whether this person may write about cities; of none only without a limit."""
        mine = set() if self.is_operator else set(self.cities.values_list("pk", flat=True))
        asked = {city.pk if city is not None else None for city in cities}
        return not mine or (bool(asked) and asked <= mine)

    @property
    def has_second_factor(self) -> bool:
        """Return whether the password alone does not let in."""
        return bool(self.factor_mark)

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry: the password's mark, and the second factor's."""
        of_password = super().get_session_auth_hash()
        if not self.factor_mark:
            return of_password
        said = of_password + self.factor_mark
        return salted_hmac("contrechamp.session", said, algorithm="sha256").hexdigest()

    @property
    def _works_here(self) -> bool:
        return bool(self.is_active and self.is_staff)


class LoginAttempt(models.Model):
    """How often a password was tried for names of one bucket, in one quarter of an hour.

    The bucket is a keyed hash, cut short: it names nobody, and the table can't grow without end.
    """

    bucket = models.CharField(max_length=4, primary_key=True)
    # Quarters of an hour since 1970.
    quarter = models.PositiveIntegerField()
    tries = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.bucket


class SecondFactor(models.Model):
    """The secret that somebody's authenticator shares with us, sealed with the instance's key."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    sealed_secret = models.CharField(max_length=255)
    is_confirmed = models.BooleanField(default=False)
    # The thirty seconds whose code was used, so that it is used once; forgotten a minute later.
    used_step = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return "second factor"


class RecoveryCode(models.Model):
    """A keyed hash of a code that lets in once, for whoever lost the authenticator."""

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")

    def __str__(self) -> str:
        return "recovery code"
