"""Who works here; visitors and walkers have no account."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


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

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_is_known"
            ),
        ]

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
